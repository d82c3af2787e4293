import Admin
import Engine
import Glibc
import Wire

/// The ops and the admin port of a process that carries traffic.
struct ControlPorts {
    private let servers: [ControlServer]

    /// Binds what is not turned off. Who connects waits until `serve`.
    static func open(
        _ listeners: ListenerChoices, _ keeper: ListenerKeeper?, ops: OpsPages, admin: AdminPages
    ) throws(StartError) -> ControlPorts {
        var servers: [ControlServer] = []
        if listeners.opsPort != 0 {
            servers.append(
                try everywhere("--ops-port", listeners.opsPort) { address throws(Listener.Failure) in
                    try ControlServer(name: "ops", at: address, keeper: keeper) { ops.answer($0) }
                })
        }
        if listeners.admin.port != 0 {
            let place = SocketAddress(listeners.admin.address, port: listeners.admin.port)
            servers.append(
                try server("--admin-address", at: place) { address throws(Listener.Failure) in
                    try ControlServer(name: "admin", at: address, keeper: keeper) { admin.answer($0) }
                })
        }
        return ControlPorts(servers: servers)
    }

    /// Answers whoever has connected and who will.
    func serve() throws(StartError) {
        for server in servers where !server.start() { throw StartError("no thread for the control ports") }
    }

    /// Closes the ports.
    func stop() { for server in servers { server.stop() } }

    /// Opens a server on every address of both families, or of IPv4 alone on a host without IPv6.
    static func everywhere(
        _ flag: String, _ port: UInt16, _ open: (SocketAddress) throws(Listener.Failure) -> ControlServer
    ) throws(StartError) -> ControlServer {
        do {
            return try server(flag, at: SocketAddress("::", port: port), open)
        } catch {
            guard error.code == EAFNOSUPPORT || error.code == EADDRNOTAVAIL else { throw error }
        }
        return try server(flag, at: SocketAddress("0.0.0.0", port: port), open)
    }

    private static func server(
        _ flag: String, at place: SocketAddress?,
        _ open: (SocketAddress) throws(Listener.Failure) -> ControlServer
    ) throws(StartError) -> ControlServer {
        guard let place else { throw StartError("\(flag): not an address") }
        do {
            return try open(place)
        } catch {
            let message = "\(flag): cannot listen on \(place.description(withPort: true)): \(error.message)"
            throw StartError(message, code: error.code)
        }
    }
}
