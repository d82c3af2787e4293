public import Model

/// Model values as JSON: the same form in `sluice translate` and in the API.
public enum ConfigurationJSON {
    /// A whole configuration, sorted by name so that two runs can be compared. Keys of certificates are left out.
    public static func document(_ configuration: Configuration) -> JSONValue {
        let ports = configuration.frontends.filter { $0.mode == .tcp }.flatMap(tcp)
        let first = ports.isEmpty ? [] : [JSONValue.Member("tcp", .array(ports))]
        guard case .object(let members) = rest(configuration) else { return .null }
        return .object(first + members)
    }

    /// The ports of a frontend of mode tcp and where they lead.
    private static func tcp(_ frontend: Frontend) -> [JSONValue] {
        frontend.binds.map { bind in
            .members([
                "port": .count(bind.port), "name": .string(frontend.name),
                "target": frontend.fallback.map(target) ?? .null,
                "acceptsProxyHeaders": .bool(bind.proxyProtocol != .off),
            ])
        }
    }

    private static func rest(_ configuration: Configuration) -> JSONValue {
        .members([
            "routes": .array(sorted(configuration.routes).map { host($0.key, $0.value) }),
            "fallback": configuration.fallback.map(target) ?? target(.answer(status: 404)),
            "backends": .array(sorted(configuration.backends).map { backend($0.key, $0.value) }),
            "certificates": .array(
                sorted(configuration.certificates).map {
                    .members([
                        "name": .string($0.key.description), "chainBytes": .count($0.value.chainPEM.count),
                    ])
                }),
            "serverNames": .array(sorted(configuration.serverNames).map { serverName($0.key, $0.value) }),
            "defaultCertificate": .optional(configuration.defaultCertificates.first?.description),
        ])
    }

    /// A host and its paths: exact ones first, then the longer ones.
    public static func host(_ host: HostPattern, _ routes: HostRoutes) -> JSONValue {
        let sorted = routes.routes.sorted {
            if $0.path.utf8.count != $1.path.utf8.count { return $0.path.utf8.count > $1.path.utf8.count }
            return $0.match != $1.match ? $0.match == .exact : $0.path < $1.path
        }
        return .members(["host": .string(host.description), "paths": .array(sorted.map(route))])
    }

    /// A backend and its servers.
    public static func backend(
        _ name: BackendName, _ backend: Backend, server: (Server) -> JSONValue = ConfigurationJSON.server
    ) -> JSONValue {
        .members([
            "name": .string(name.description), "service": origin(backend.origin),
            "balance": .string(backend.balance.description), "retries": .count(backend.retries),
            "timeouts": .members([
                "connect": .count(backend.timeouts.connect), "server": .count(backend.timeouts.server),
                "queue": .count(backend.timeouts.queue), "tunnel": .count(backend.timeouts.tunnel),
            ]),
            "servers": .array(backend.servers.map(server)),
        ])
    }

    /// A server.
    public static func server(_ server: Server) -> JSONValue {
        .object(
            [
                JSONValue.Member("name", .string(server.name)),
                JSONValue.Member("address", .string(address(server))),
                JSONValue.Member("weight", .count(server.weight)),
            ] + way(to: server))
    }

    /// Through whom it is reached, if it is not reached by itself.
    static func way(to server: Server) -> [JSONValue.Member] {
        server.relay.map { [JSONValue.Member("through", .string($0.pathPrefix))] } ?? []
    }

    /// `address:port`, an IPv6 address in brackets.
    public static func address(_ server: Server) -> String {
        server.address.contains(":")
            ? "[\(server.address)]:\(server.port)" : "\(server.address):\(server.port)"
    }

    /// A finding.
    public static func diagnostic(_ diagnostic: Diagnostic) -> JSONValue {
        .members([
            "severity": .string(diagnostic.severity.rawValue), "kind": .string(diagnostic.kind),
            "object": origin(diagnostic.object), "field": .string(diagnostic.field),
            "reason": .string(diagnostic.reason), "message": .string(diagnostic.message),
            "file": .optional(diagnostic.location?.file),
            "line": diagnostic.location.map { .count($0.line) } ?? .null,
        ])
    }

    private static func route(_ route: Route) -> JSONValue {
        let members: [(String, JSONValue)] = [
            ("path", .string(route.path)), ("match", .string("\(route.match)")),
            ("target", target(route.target)), ("ingress", origin(route.origin)),
        ]
        let others = Set(route.alternatives.compactMap(\.backend?.description)).sorted()
        let also = others.isEmpty ? [] : [("alternatives", JSONValue.array(others.map { .string($0) }))]
        return .object((members + also).map { JSONValue.Member($0.0, $0.1) })
    }

    private static func target(_ target: RouteTarget) -> JSONValue {
        switch target {
        case .backend(let name): .members(["backend": .string(name.description)])
        case .answer(let status): .members(["status": .count(status)])
        }
    }

    private static func serverName(_ host: HostPattern, _ names: [CertificateName]) -> JSONValue {
        .members([
            "host": .string(host.description), "certificates": .array(names.map { .string($0.description) }),
        ])
    }

    private static func origin(_ origin: Origin) -> JSONValue {
        .string(origin.namespace.isEmpty ? origin.name : "\(origin.namespace)/\(origin.name)")
    }

    static func sorted<Key: CustomStringConvertible, Value>(_ entries: [Key: Value]) -> [(
        key: Key, value: Value
    )] {
        entries.map { ($0.key.description, $0) }.sorted { $0.0 < $1.0 }.map(\.1)
    }
}
