import Model

/// What the admin port answers: the dashboard and the API it reads. Read-only.
///
/// It has no credentials, so it is bound to loopback, and it answers only to the names of loopback: a web page
/// that lets its own name point to 127.0.0.1 gets nothing.
public struct AdminPages: Sendable {
    private let source: Introspection
    private static let defaultLimit = 500

    /// Answers with what `source` sees.
    public init(_ source: Introspection) { self.source = source }

    /// Answers a request.
    public func answer(_ request: ControlRequest) -> ControlResponse {
        guard AdminPages.isLoopback(request.host) else { return .failure(403) }
        switch request.path {
        case "/": return ControlResponse(200, type: "text/html; charset=utf-8", body: DashboardPage.html)
        case "/api/info": return .json(info())
        case "/api/routes": return .json(routes(request))
        case "/api/backends": return .json(backends(request))
        case "/api/certificates": return .json(certificates())
        case "/api/diagnostics": return .json(diagnostics(request))
        case "/api/workers": return .json(workers())
        default: return .failure(404)
        }
    }

    static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host.hasSuffix(".localhost") || host == "[::1]"
            || host.hasPrefix("127.") && host.allSatisfy { $0.isNumber || $0 == "." }
    }

    private func info() -> JSONValue {
        let info = source.info()
        let configuration = source.configuration()
        let findings = source.diagnostics()
        let classes = zip(["1xx", "2xx", "3xx", "4xx", "5xx"], info.responses).map {
            JSONValue.Member($0, .count($1))
        }
        return .members([
            "version": .string(info.version), "mode": .string(info.mode), "ready": .bool(info.isReady),
            "uptimeSeconds": .integer(info.uptimeSeconds), "generation": .count(info.generation),
            "requests": .count(info.requests), "responses": .object(classes),
            "connections": .count(info.connections), "exchanges": .count(info.exchanges),
            "hosts": .count(configuration.routes.count), "backends": .count(configuration.backends.count),
            "certificates": .count(configuration.certificates.count),
            "errors": .count(findings.count { $0.severity == .error }),
            "warnings": .count(findings.count { $0.severity == .warning }),
        ])
    }

    private func routes(_ request: ControlRequest) -> JSONValue {
        let all = ConfigurationJSON.sorted(source.configuration().routes)
        return page(
            all, request,
            matches: { entry, text in
                entry.key.description.contains(text)
                    || entry.value.routes.contains { $0.path.contains(text) || $0.origin.name.contains(text) }
            }
        ) { ConfigurationJSON.host($0.key, $0.value) }
    }

    private func backends(_ request: ControlRequest) -> JSONValue {
        let all = ConfigurationJSON.sorted(source.configuration().backends)
        let states = source.servers()
        return page(all, request, matches: { $0.key.description.contains($1) }) { name, backend in
            ConfigurationJSON.backend(name, backend) { server($0, of: name, states) }
        }
    }

    private func server(_ server: Server, of backend: BackendName, _ states: [ServerKey: ServerState])
        -> JSONValue
    {
        let address = ConfigurationJSON.address(server)
        let state = states[ServerKey(backend: backend, address: address)]
        return .members([
            "name": .string(server.name), "address": .string(address), "weight": .count(server.weight),
            "active": .count(state?.active ?? 0), "requests": .count(state?.requests ?? 0),
            "failures": .count(state?.failures ?? 0),
        ])
    }

    private func certificates() -> JSONValue {
        let states = source.certificates().sorted { ($0.notAfter, $0.name) < ($1.notAfter, $1.name) }
        return .members([
            "items": .array(
                states.map { state in
                    .members([
                        "name": .string(state.name), "subjects": .array(state.subjects.map { .string($0) }),
                        "keyType": .string(state.keyType), "notAfter": .integer(state.notAfter),
                    ])
                })
        ])
    }

    private func diagnostics(_ request: ControlRequest) -> JSONValue {
        let all = source.diagnostics().sorted {
            ($0.severity, $1.description) > ($1.severity, $0.description)
        }
        return page(all, request, matches: { $0.description.contains($1) }, ConfigurationJSON.diagnostic)
    }

    private func workers() -> JSONValue {
        .members([
            "items": .array(
                source.workers().map { worker in
                    .members([
                        "index": .count(worker.index), "connections": .count(worker.connections),
                        "exchanges": .count(worker.exchanges), "requests": .count(worker.requests),
                        "idleServerConnections": .count(worker.idleServerConnections),
                        "generation": .count(worker.generation),
                    ])
                })
        ])
    }

    /// `?search=` narrows, `?limit=` bounds; `total` says how many there are in all, `matching` how many were found.
    private func page<Element>(
        _ all: [Element], _ request: ControlRequest, matches: (Element, String) -> Bool,
        _ render: (Element) -> JSONValue
    ) -> JSONValue {
        let search = request.query["search"] ?? ""
        let found = search.isEmpty ? all : all.filter { matches($0, search) }
        let limit = request.number("limit", in: 0...100_000) ?? Self.defaultLimit
        return .members([
            "total": .count(all.count), "matching": .count(found.count),
            "items": .array(found.prefix(limit).map(render)),
        ])
    }
}
