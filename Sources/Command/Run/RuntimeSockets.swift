import Admin
import ConfigLanguage
import Engine
import Glibc
import Wire

/// The sockets of `stats socket` lines.
struct RuntimeSockets: Sendable {
    private let servers: [ControlServer]

    /// Opens and serves all of them, or none.
    static func start(
        _ global: GlobalSettings, _ service: Service, _ surroundings: Surroundings, handover: Int32? = nil
    ) throws(StartError) -> RuntimeSockets {
        let facts = RuntimeFacts(
            engine: service.engine, version: Version.number, node: surroundings.hostName,
            startedAt: Clock.now() / 1_000_000_000, maxConnections: global.maxConnections,
            environment: surroundings.environment,
            sockets: global.runtimeSockets.map { ($0.name, $0.rights) })
        let api = RuntimeAPI(facts)
        let services = ProcessServices(facts)
        service.engine.serve { services.answer($0) }
        var servers: [ControlServer] = []
        for socket in global.runtimeSockets {
            servers.append(try server(socket, api, name: "runtime", patience: Int64(global.runtimeTimeout)))
        }
        if let handover {
            // A worker without its master is watched by nobody: it finishes what it has begun.
            servers.append(
                ControlServer(name: "handover", handover: handover, api, patience: 10_000) {
                    kill(getpid(), SIGUSR1)
                })
        }
        for server in servers where !server.start() { throw StartError("no thread for 'stats socket'") }
        return RuntimeSockets(servers: servers)
    }

    /// Closes them.
    func stop() { for server in servers { server.stop() } }

    /// One socket's server, which has not started.
    static func server(
        _ socket: RuntimeSocket, _ api: RuntimeAPI, name: String, patience: Int64
    ) throws(StartError) -> ControlServer {
        do {
            switch socket.place {
            case .path(let path):
                return try ControlServer(
                    name: name, path: path, mode: socket.mode, api, level: socket.rights,
                    patience: patience)
            case .descriptor(let number):
                return try ControlServer(
                    name: name, inherited: number, api, level: socket.rights, patience: patience)
            case .address(let host, let port):
                let address = SocketAddress(host, port: port) ?? SocketAddress()
                return try ControlServer(
                    name: name, at: address, api, level: socket.rights, patience: patience)
            }
        } catch {
            throw StartError("stats socket \(socket.name): \(error.message)", code: error.code)
        }
    }
}

extension RuntimeSocket {
    fileprivate var rights: RuntimeLevel { RuntimeLevel(name: level) ?? .user }

    /// As HAProxy names it.
    fileprivate var name: String {
        switch place {
        case .path(let path): "unix@\(path)"
        case .descriptor(let number): "fd@\(number)"
        case .address(let host, let port):
            host.contains(":") ? "ipv6@[\(host)]:\(port)" : "ipv4@\(host):\(port)"
        }
    }
}
