import Admin
import Engine
import Glibc
import Wire

/// The ops and the admin port of a process that carries traffic.
struct ControlPorts {
    private let servers: [ControlServer]

    /// Binds and starts what is not turned off.
    static func start(
        _ listeners: ListenerChoices, ops: OpsPages, admin: AdminPages
    ) throws(StartError) -> ControlPorts {
        var servers: [ControlServer] = []
        if listeners.opsPort != 0 {
            servers.append(try opsServer(listeners.opsPort) { ops.answer($0) })
        }
        if listeners.admin.port != 0 {
            let place = SocketAddress(listeners.admin.address, port: listeners.admin.port)
            servers.append(try server("admin", "--admin-address", at: place) { admin.answer($0) })
        }
        for server in servers where !server.start() { throw StartError("no thread for the control ports") }
        return ControlPorts(servers: servers)
    }

    /// Closes the ports.
    func stop() { for server in servers { server.stop() } }

    /// Every address of both families, or of IPv4 alone on a host without IPv6.
    private static func opsServer(
        _ port: UInt16, answer: @escaping ControlServer.Answer
    ) throws(StartError) -> ControlServer {
        do {
            return try server("ops", "--ops-port", at: SocketAddress("::", port: port), answer: answer)
        } catch {
            guard error.code == EAFNOSUPPORT || error.code == EADDRNOTAVAIL else { throw error }
        }
        return try server("ops", "--ops-port", at: SocketAddress("0.0.0.0", port: port), answer: answer)
    }

    private static func server(
        _ name: String, _ flag: String, at place: SocketAddress?, answer: @escaping ControlServer.Answer
    ) throws(StartError) -> ControlServer {
        guard let place else { throw StartError("\(flag): not an address") }
        do {
            return try ControlServer(name: name, at: place, answer: answer)
        } catch {
            let message = "\(flag): cannot listen on \(place.description(withPort: true)): \(error.message)"
            throw StartError(message, code: error.code)
        }
    }
}
