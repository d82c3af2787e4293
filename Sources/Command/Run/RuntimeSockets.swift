import Admin
import ConfigLanguage
import Engine
import Glibc
import Wire

/// The sockets of `stats socket` lines.
struct RuntimeSockets: Sendable {
    private let servers: [ControlServer]

    /// Opens all of them, or none. Who connects waits until `serve`.
    static func open(
        _ global: GlobalSettings, _ service: Service, _ surroundings: Surroundings,
        _ running: RunningConfiguration, handover: Int32? = nil
    ) throws(StartError) -> RuntimeSockets {
        var facts = RuntimeFacts(
            engine: service.engine, version: Version.number, node: surroundings.hostName,
            startedAt: Clock.now() / 1_000_000_000, maxConnections: global.maxConnections,
            environment: surroundings.environment,
            sockets: global.runtimeSockets.map { ($0.name, $0.rights) })
        facts.certificateLists = { running.certificateLists }
        facts.keepCertificateLists = { running.certificateLists = $0 }
        facts.startupLogs = { running.findings }
        facts.readCertificateLine = { text, list in
            switch running.addedCertificates.read(text, of: list) {
            case .refused(let sentence): .refused(sentence)
            case .line(let line):
                .line(
                    .init(
                        certificate: line.certificate, options: line.options, names: line.names,
                        hosts: line.hosts, exceptions: line.exceptions, tls: line.tls))
            }
        }
        facts.readServer = { name, backend, words in
            switch running.addedServers.read(name, in: backend, words) {
            case .server(let server): .server(server)
            case .refused(let sentence): .refused(sentence)
            }
        }
        facts.readBackend = { name, defaults, mode in
            switch running.addedBackends.read(name, from: defaults, mode: mode) {
            case .backend(let backend): .backend(backend)
            case .refused(let sentence): .refused(sentence)
            }
        }
        facts.noteBackend = { running.note(backend: $0, from: $1) }
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
        return RuntimeSockets(servers: servers)
    }

    /// Answers whoever has connected and who will.
    func serve() throws(StartError) {
        for server in servers where !server.start() { throw StartError("no thread for 'stats socket'") }
    }

    /// Opens and serves the one of `--admin-socket`; nil without that flag.
    static func start(at path: String?, _ service: Service) throws(StartError) -> RuntimeSockets? {
        guard let path else { return nil }
        var socket = RuntimeSocket(place: .path(path))
        (socket.level, socket.mode) = ("admin", 0o600)
        let facts = RuntimeFacts(
            engine: service.engine, version: Version.number, node: Machine.hostName,
            startedAt: Clock.now() / 1_000_000_000, maxConnections: 0, environment: [:],
            sockets: [(socket.name, .admin)])
        let server = try RuntimeSockets.server(
            socket, RuntimeAPI(facts), name: "runtime", patience: 10_000, flag: "--admin-socket")
        guard server.start() else { throw StartError("no thread for --admin-socket") }
        return RuntimeSockets(servers: [server])
    }

    /// Closes them.
    func stop() { for server in servers { server.stop() } }

    /// One socket's server, which has not started. `flag` says who wants it.
    static func server(
        _ socket: RuntimeSocket, _ api: RuntimeAPI, name: String, patience: Int64,
        flag: String = "stats socket"
    ) throws(StartError) -> ControlServer {
        do {
            switch socket.place {
            case .path(let path):
                return try ControlServer(
                    name: name, path: path, mode: socket.mode, exposesListeners: socket.exposesListeners,
                    api, level: socket.rights, patience: patience)
            case .descriptor(let number):
                return try ControlServer(
                    name: name, inherited: number, api, level: socket.rights, patience: patience)
            case .address(let host, let port):
                let address = SocketAddress(host, port: port) ?? SocketAddress()
                return try ControlServer(
                    name: name, at: address, api, level: socket.rights, patience: patience)
            }
        } catch {
            throw StartError("\(flag) \(socket.name): \(error.message)", code: error.code)
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
