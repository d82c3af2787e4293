import Engine
import Model

/// What the admin port answers: the dashboard and the API it reads. Read-only.
///
/// It has no credentials, so it is bound to loopback, and it answers only to the names of loopback: a web page
/// that lets its own name point to 127.0.0.1 gets nothing.
public struct AdminPages: Sendable {
    let source: Introspection
    private static let defaultLimit = 500

    /// Answers with what `source` sees.
    public init(_ source: Introspection) { self.source = source }

    /// Answers a request.
    public func answer(_ request: ControlRequest) -> ControlResponse {
        guard AdminPages.isLoopback(request.host) else { return .failure(403) }
        switch request.path {
        case "/": return ControlResponse(200, type: "text/html; charset=utf-8", body: DashboardPage.html)
        // Browsers ask for it by themselves.
        case "/favicon.ico": return ControlResponse(200, type: "image/svg+xml", body: DashboardPage.icon)
        case "/api/info": return .json(info())
        case "/api/routes": return .json(routes(request))
        case "/api/backends": return .json(backends(request))
        case "/api/certificates": return .json(certificates(request))
        case "/api/diagnostics": return .json(diagnostics(request))
        case "/api/changes": return .json(changes(request))
        case "/api/explain": return explain(request)
        case "/api/workers": return .json(workers())
        default: return statistics(request) ?? .failure(404)
        }
    }

    static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host.hasSuffix(".localhost") || host == "[::1]"
            || host.hasPrefix("127.") && host.allSatisfy { $0.isNumber || $0 == "." }
    }

    private func info() -> JSONValue {
        let info = source.info()
        let configuration = source.configuration()
        let metrics = source.metrics()
        let findings = source.diagnostics()
        return .members([
            "version": .string(info.version), "mode": .string(info.mode), "ready": .bool(info.isReady),
            "uptimeSeconds": .integer(info.uptimeSeconds), "publishes": .count(info.publishes),
            "requests": .count(metrics.total(\.requests)), "responses": AdminPages.responses(metrics),
            "connections": .count(metrics.total(\.openClients)),
            "exchanges": .count(metrics.total(\.activeExchanges)),
            "hosts": .count(configuration.routes.count), "backends": .count(configuration.backends.count),
            "certificates": .count(configuration.certificates.count),
            "errors": .count(findings.count { $0.severity == .error }),
            "warnings": .count(findings.count { $0.severity == .warning }),
        ])
    }

    private static func responses(_ metrics: EngineMetrics) -> JSONValue {
        let classes = ["1xx", "2xx", "3xx", "4xx", "5xx"].enumerated().map { i, name in
            let total = metrics.backends.reduce(UInt64(0)) { $0 &+ $1.statusClasses[i + 1] }
            return JSONValue.Member(name, .count(total))
        }
        return .object(classes)
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

    private func server(_ server: Server, of backend: BackendName, _ states: [ServerKey: ServerTraffic])
        -> JSONValue
    {
        let address = ConfigurationJSON.address(server)
        let state = states[ServerKey(backend: backend, address: address, name: server.name)]
        let members: [JSONValue.Member] = [
            JSONValue.Member("name", .string(server.name)), JSONValue.Member("address", .string(address)),
            JSONValue.Member("weight", .count(server.weight)),
            JSONValue.Member("active", .count(state?.active ?? 0)),
            JSONValue.Member("requests", .count(state?.requests ?? 0)),
            JSONValue.Member("failures", .count(state?.failures ?? 0)),
            JSONValue.Member("health", health(state?.health)),
        ]
        return .object(members + ConfigurationJSON.way(to: server))
    }

    /// Null for a server that is not checked.
    private func health(_ report: HealthReport?) -> JSONValue {
        guard let report else { return .null }
        return .members([
            "up": .bool(report.isUp), "state": .string(report.state),
            "status": .string(report.status.rawValue),
            "meaning": .string(report.status.meaning), "code": .count(report.code),
            "info": .string(report.info), "milliseconds": .count(report.milliseconds),
            "failures": .count(report.failures), "downs": .count(report.downs),
            "agent": .string(report.agent),
        ])
    }

    private func certificates(_ request: ControlRequest) -> JSONValue {
        let configuration = source.configuration()
        var hosts: [CertificateName: [String]] = [:]
        for (host, names) in configuration.serverNames {
            for name in names { hosts[name, default: []].append(host.description) }
        }
        let all = source.metrics().certificateExpiry.sorted {
            ($0.value, $0.key.description) < ($1.value, $1.key.description)
        }
        return page(all, request, matches: { $0.key.description.contains($1) }) { name, expiry in
            .members([
                "name": .string(name.description), "notAfter": .integer(expiry),
                "hosts": .array((hosts[name] ?? []).sorted().map { .string($0) }),
                "isDefault": .bool(configuration.defaultCertificates.contains(name)),
            ])
        }
    }

    private func diagnostics(_ request: ControlRequest) -> JSONValue {
        let all = source.diagnostics().sorted {
            ($0.severity, $1.description) > ($1.severity, $0.description)
        }
        return page(all, request, matches: { $0.description.contains($1) }, ConfigurationJSON.diagnostic)
    }

    private func changes(_ request: ControlRequest) -> JSONValue {
        page(
            source.changes(), request,
            matches: { change, text in change.names.contains { $0.contains(text) } }
        ) {
            change in
            .members([
                "kind": .string(change.kind.rawValue), "names": .array(change.names.map { .string($0) }),
                "others": .count(change.others), "at": .count(change.adoptedAt / 1_000_000),
                "microseconds": change.nanoseconds.map { .count($0 / 1_000) } ?? .null,
            ])
        }
    }

    /// `?request=HOST/PATH`: what would become of it, as text. `method`, `client` and `header`, of which a line is a field, say more of it.
    private func explain(_ request: ControlRequest) -> ControlResponse {
        guard let wanted = request.query["request"], var asked = AskedRequest(wanted) else {
            return .text("expected ?request=HOST/PATH\n", status: 400)
        }
        if let method = request.query["method"], !method.isEmpty { asked.method = method }
        asked.client = request.query["client"].flatMap { $0.isEmpty ? nil : $0 }
        for line in (request.query["header"] ?? "").split(whereSeparator: \.isNewline) {
            guard let colon = line.firstIndex(of: ":") else {
                return .text("expected header=NAME:VALUE\n", status: 400)
            }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            asked.fields.append(AskedRequest.Field(String(line[..<colon]), String(value)))
        }
        let explanation = Explanation(of: asked, in: source.configuration())
        return .text(explanation.text(findings: source.diagnostics()))
    }

    private func workers() -> JSONValue {
        let items = source.metrics().workers.enumerated().map { index, worker in
            JSONValue.members([
                "index": .count(index), "connections": .count(worker.openClients),
                "exchanges": .count(worker.activeExchanges), "requests": .count(worker.requests),
                "accepted": .count(worker.accepted), "serverConnections": .count(worker.openServers),
                "handshakes": .count(worker.handshakes), "resumed": .count(worker.resumedHandshakes),
            ])
        }
        return .members(["items": .array(items)])
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
