import Engine
import Model
import Testing

@testable import Admin

private let shop = Origin(namespace: "shop", name: "web")
private let pool = BackendName("shop/web:80")

private func served() -> Configuration {
    var configuration = Configuration()
    let routes = [
        Route(path: "/", match: .prefix, target: .backend(pool), origin: shop),
        Route(path: "/cart", match: .prefix, target: .answer(status: 503), origin: shop),
        Route(path: "/cart", match: .exact, target: .backend(pool), origin: shop),
    ]
    for host in ["b.example", "a.example"] { configuration.routes[.exact(host)] = HostRoutes(routes) }
    let servers = [
        Server(address: "10.0.0.1", port: 80, name: "pod-1"),
        Server(address: "fd00::1", port: 80, name: "pod-2"),
    ]
    configuration.backends[pool] = Backend(servers: servers, origin: shop)
    let key = Array("-----BEGIN PRIVATE KEY-----".utf8)
    configuration.certificates[CertificateName("shop/tls")] = Certificate(chainPEM: [1, 2], keyPEM: key)
    configuration.serverNames[.exact("a.example")] = [CertificateName("shop/tls")]
    configuration.serverNames[.wildcard("example")] = [CertificateName("shop/tls")]
    configuration.defaultCertificates = [CertificateName("shop/tls")]
    return configuration
}

private let findings = [
    Diagnostic(.warning, kind: "Ingress", object: shop, reason: "Odd", message: "It is odd."),
    Diagnostic(
        .error, kind: "Secret", object: shop, field: "data", reason: "Bad", message: "It is <bad>.",
        location: SourceLocation(file: "a.yaml", line: 7)),
]

private func counted() -> EngineMetrics {
    var metrics = EngineMetrics()
    metrics.workers = [WorkerMetrics(), WorkerMetrics()]
    metrics.workers[0].requests = 3
    metrics.workers[1].requests = 4
    metrics.workers[1].openClients = 5
    metrics.backends = [BackendMetrics()]
    metrics.backends[0].statusClasses = [0, 0, 7, 0, 1, 2]
    metrics.certificateExpiry = [CertificateName("shop/tls"): 9]
    return metrics
}

private let pages = AdminPages(
    Introspection(
        info: { ProcessInfo(version: "1", mode: "dev", uptimeSeconds: 2, isReady: true, publishes: 3) },
        configuration: served, metrics: counted,
        servers: {
            [
                ServerKey(backend: pool, address: "10.0.0.1:80", name: "pod-1"): ServerTraffic(
                    active: 1, requests: 9, failures: 0),
                ServerKey(backend: pool, address: "[fd00::1]:80", name: "pod-2"): ServerTraffic(
                    active: 2, requests: 5, failures: 3),
            ]
        },
        diagnostics: { findings })
)

private func changedPages() -> AdminPages {
    var source = pages.source
    source.changes = {
        var change = Change()
        change.routes.updateValue(nil, forKey: .exact("a.example"))
        var recent = RecentChange(change)
        (recent.adoptedAt, recent.nanoseconds) = (5_000_000, 1_234_000)
        return [recent, RecentChange(Change())]
    }
    return AdminPages(source)
}

private func body(_ target: String) -> String {
    String(decoding: pages.answer(ControlRequest(target: target)).body, as: UTF8.self)
}

@Suite("The admin port")
struct AdminPagesTests {
    @Test("the dashboard is one document without outside parts")
    func dashboard() {
        let page = body("/")
        #expect(page.hasPrefix("<!doctype html>"))
        #expect(!page.contains("http://") && !page.contains("https://") && !page.contains("innerHTML"))
    }

    @Test("routes are sorted by host, the exact and the longer paths first")
    func routes() {
        let text = body("/api/routes?limit=1")
        #expect(
            text.hasPrefix(
                #"{"total":2,"matching":2,"items":[{"host":"a.example","paths":[{"path":"/cart","match":"exact""#
            ))
        #expect(text.contains(#""target":{"status":503}"#))
        #expect(!text.contains("b.example"))
    }

    @Test("a search narrows")
    func search() {
        #expect(
            body("/api/routes?search=b.ex").hasPrefix(
                #"{"total":2,"matching":1,"items":[{"host":"b.example""#))
        #expect(body("/api/routes?search=nothing") == #"{"total":2,"matching":0,"items":[]}"# + "\n")
    }

    @Test("servers come with their state, IPv6 addresses in brackets")
    func backends() {
        let text = body("/api/backends")
        #expect(
            text.contains(
                #""name":"pod-2","address":"[fd00::1]:80","weight":1,"active":2,"requests":5,"failures":3"#))
    }

    @Test("changes come with what they were about and how long they took, if that is known")
    func changes() {
        let answer = changedPages().answer(ControlRequest(target: "/api/changes"))
        let text = String(decoding: answer.body, as: UTF8.self)
        #expect(
            text.contains(#"{"kind":"routes","names":["a.example"],"others":0,"at":5,"microseconds":1234}"#))
        #expect(text.contains(#"{"kind":"pools","names":[],"others":0,"at":0,"microseconds":null}"#))
        #expect(body("/api/changes") == #"{"total":0,"matching":0,"items":[]}"# + "\n")
    }

    @Test("errors come before warnings, with their place")
    func diagnostics() {
        let text = body("/api/diagnostics")
        #expect(
            text.contains(#""items":[{"severity":"error","kind":"Secret","object":"shop/web","field":"data""#)
        )
        #expect(text.contains(#""message":"It is \u003cbad>.","file":"a.yaml","line":7"#))
    }

    @Test("the overview counts")
    func info() {
        let text = body("/api/info")
        #expect(text.contains(#""responses":{"1xx":0,"2xx":7,"3xx":0,"4xx":1,"5xx":2}"#))
        #expect(text.contains(#""requests":7,"#) && text.contains(#""connections":5,"#))
        #expect(text.contains(#""hosts":2,"backends":1,"certificates":1,"errors":1,"warnings":1"#))
    }

    @Test("certificates and workers are listed")
    func lists() {
        #expect(
            body("/api/certificates").contains(
                #""items":[{"name":"shop/tls","notAfter":9,"hosts":["*.example","a.example"],"isDefault":true}]"#
            ))
        #expect(body("/api/workers").contains(#""index":1,"connections":5,"exchanges":0,"requests":4"#))
    }

    @Test("no key leaves, by no page and by no document")
    func secrets() {
        let pages = [
            "/", "/api/info", "/api/routes", "/api/backends", "/api/certificates", "/api/diagnostics",
            "/api/workers",
        ]
        let text = pages.map(body).joined() + ConfigurationJSON.document(served()).rendered()
        #expect(!text.contains("PRIVATE"))
    }

    @Test(
        "only names of loopback are answered, so that no web page can point its own name here",
        arguments: [
            ("127.0.0.1", 200), ("localhost", 200), ("[::1]", 200), ("sluice.localhost", 200),
            ("evil.example", 403), ("", 403),
            ("127.0.0.1.evil.example", 403), ("localhost.evil.example", 403),
        ])
    func rebinding(host: String, status: UInt16) {
        #expect(pages.answer(ControlRequest(target: "/api/info", host: host)).status == status)
    }
}
