import Kubernetes
import Model
import Testing

@testable import Controller

@Suite("Use of servers by annotation")
struct BackendAnnotationTests {
    private static let own = BackendName("shop/web:80~web")

    private func cluster(_ annotations: [String: String], _ more: Ingress...) -> TestCluster {
        var cluster = TestCluster()
        var web = service("web")
        web.clusterIP = "10.96.0.7"
        cluster.put(web, slice("web-1", of: "web", endpoint("10.0.0.1"), endpoint("10.0.0.2")))
        cluster.put(annotated(annotations))
        for ingress in more { cluster.put(ingress) }
        return cluster
    }

    private func backend(_ annotations: [String: String]) -> Backend? {
        cluster(annotations).configuration.backends[BackendAnnotationTests.own]
    }

    @Test("an Ingress that says how servers are used has a backend of its own, others share theirs")
    func variants() {
        var found = cluster(
            ["proxy-read-timeout": "5"], ingress("other", [rule("other.example", path("/"))]))
        #expect(found.routes("shop.example") == ["/ prefix -> shop/web:80~web"])
        #expect(found.routes("other.example") == ["/ prefix -> shop/web:80"])
        #expect(found.configuration.backends[BackendAnnotationTests.own]?.timeouts.server == 5_000)
        #expect(found.configuration.backends[BackendName("shop/web:80")]?.timeouts.server == 60_000)
        found.put(annotated([:]))
        #expect(found.configuration.backends.keys.map(\.description) == ["shop/web:80"])
    }

    @Test("pods that come and go reach it like any other")
    func pods() {
        var found = cluster(["proxy-read-timeout": "5"])
        let object = slice("web-1", of: "web", endpoint("10.0.0.9"))
        let change = found.translator.translatePools(found.note(object).services, of: found.state)
        #expect(change.backends.keys.map(\.description) == ["shop/web:80~web"])
        #expect(found.servers("shop/web:80~web") == ["10.0.0.9:8080"])
        #expect(found.configuration.backends[BackendAnnotationTests.own]?.timeouts.server == 5_000)
    }

    @Test(
        "proxy-connect-timeout, proxy-read-timeout and proxy-send-timeout: seconds, and a value that is none is ignored"
    )
    func times() {
        let found = backend([
            "proxy-connect-timeout": "3", "proxy-read-timeout": "30", "proxy-send-timeout": "90",
        ])
        #expect(found?.timeouts.connect == 3_000)
        #expect(found?.timeouts.server == 90_000)
        #expect(found?.timeouts.tunnel == 90_000)
        #expect(backend(["proxy-send-timeout": "30"])?.timeouts.server == 60_000)
        #expect(backend(["sluice.dev/timeout-server": "1500ms"])?.timeouts.server == 1_500)
        #expect(backend(["haproxy.org/timeout-server": "1500"])?.timeouts.server == 1_500)
        #expect(backend(["proxy-read-timeout": "soon"]) == nil)
        #expect(backend(["proxy-read-timeout": "0"]) == nil)
    }

    @Test(
        "proxy-next-upstream: words become conditions",
        arguments: [
            ("error", [.connectionFailure, .emptyResponse], true),
            ("timeout", [.connectionFailure, .responseTimeout], true),
            ("invalid_header", .junkResponse, true), ("off", [], true),
            ("error non_idempotent", [.connectionFailure, .emptyResponse], false),
        ] as [(String, RetryConditions, Bool)])
    func conditions(text: String, conditions: RetryConditions, isCareful: Bool) {
        let found = backend(["proxy-next-upstream": text])
        #expect(found?.retryOn == conditions)
        #expect(found?.repeatsHarmlessOnly == isCareful)
    }

    @Test("proxy-next-upstream: statuses", arguments: [500, 502, 503, 504, 403, 404, 429] as [UInt16])
    func statuses(status: UInt16) {
        #expect(backend(["proxy-next-upstream": "http_\(status)"])?.retryOn == RetryConditions.status(status))
    }

    @Test(
        "proxy-next-upstream: other words leave the Ingress out",
        arguments: ["http_418", "errors", "off error"])
    func otherWords(text: String) {
        #expect(AnnotationReading(annotated(["proxy-next-upstream": text])).failure == .leavesIngressOut)
    }

    @Test("proxy-next-upstream-tries: the first attempt counts", arguments: [("1", 0), ("3", 2), ("0", 100)])
    func tries(text: String, retries: Int) {
        #expect(backend(["proxy-next-upstream-tries": text])?.retries == retries)
    }

    @Test("backend-protocol: what servers speak, in any case")
    func protocols() {
        #expect(backend(["backend-protocol": "HTTPS"])?.servers.first?.tls == ServerTLS())
        #expect(backend(["backend-protocol": "https"])?.servers.first?.speaks == .negotiated)
        #expect(backend(["backend-protocol": "GRPC"])?.servers.first?.speaks == .http2)
        #expect(backend(["backend-protocol": "GRPC"])?.servers.first?.tls == nil)
        #expect(backend(["backend-protocol": "GRPCS"])?.servers.first?.speaks == .http2)
        #expect(backend(["backend-protocol": "GRPCS"])?.servers.first?.tls == ServerTLS())
        #expect(backend(["backend-protocol": "HTTP"])?.servers.first?.tls == nil)
        #expect(
            backend(["haproxy.org/server-ssl": "true", "haproxy.org/server-proto": "h2"])?.servers.first?
                .speaks == .http2)
        #expect(backend(["haproxy.org/server-ssl": "true"])?.servers.first?.tls == ServerTLS())
    }

    @Test("backend-protocol: an unknown word is HTTP with a warning")
    func otherProtocols() {
        #expect(cluster(["backend-protocol": "GOPHER"]).routes("shop.example") == ["/ prefix -> shop/web:80"])
    }

    @Test("backend-protocol: AUTO_HTTP has two backends, and clients that speak TLS get the one that does")
    func asClients() throws {
        let cluster = cluster(["backend-protocol": "AUTO_HTTP"])
        #expect(cluster.routes("shop.example") == ["/ prefix -> shop/web:80~web"])
        let backends = cluster.configuration.backends
        #expect(backends[BackendName("shop/web:80~web")]?.servers.first?.tls == nil)
        #expect(backends[BackendName("shop/web:80~web+tls")]?.servers.first?.tls == ServerTLS())
        let hosts = cluster.configuration.routes
        let route = hosts.values.flatMap(\.routes).first { $0.path == "/" }
        #expect(route?.alternatives.map(\.backend) == [BackendName("shop/web:80~web+tls")])
        #expect(route?.alternatives.first?.needs == .connection)
    }

    @Test("load-balance: words, and an unknown one is ignored")
    func balance() {
        #expect(backend(["load-balance": "ewma"])?.balance == .random(draws: 2))
        #expect(backend(["load-balance": "round_robin"])?.balance == .roundRobin)
        #expect(backend(["load-balance": "best"]) == nil)
        #expect(backend(["haproxy.org/load-balance": "leastconn"])?.balance == .leastConnections)
    }

    @Test("upstream-hash-by: one variable is hashed as it is, a text is made first; it beats load-balance")
    func hash() throws {
        let one = try #require(backend(["upstream-hash-by": "$remote_addr", "load-balance": "ewma"]))
        #expect(one.balance == .hash(.expression(try Expression(.ofClient(.source)))))
        #expect(one.hashType == .consistent)
        let found = cluster(["upstream-hash-by": "$host$request_uri"])
        #expect(found.allRoutes().first?.rules?.request.count == 1)
        #expect(cluster(["upstream-hash-by": "$remote_addr"]).allRoutes().first?.rules == nil)
    }

    @Test("service-upstream: the Service's own address")
    func serviceAddress() {
        #expect(cluster(["service-upstream": "true"]).servers("shop/web:80~web") == ["10.96.0.7:80"])
    }
}
