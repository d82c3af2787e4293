import Kubernetes
import Model
import Testing

@testable import Controller

@Suite("Connections to servers and logging, by annotation")
struct ServerConnectionsTests {
    private func backend(_ annotations: [String: String]) throws -> Backend {
        var cluster = TestCluster()
        cluster.put(service("web"), annotated(annotations))
        #expect(cluster.reasons == [])
        let backends = cluster.configuration.backends.values
        return try #require(backends.first)
    }

    @Test(
        "connection-proxy-header: close, and proxy-http-version: 1.0, leave no connection for the next",
        arguments: [
            ["connection-proxy-header": "close"], ["proxy-http-version": "1.0"],
            ["connection-proxy-header": "keep-alive", "proxy-http-version": "1.0"],
        ])
    func single(annotations: [String: String]) throws {
        let backend = try backend(annotations)
        #expect(backend.reuse == .never && backend.maxIdlePerServer == 0)
    }

    @Test("connection-proxy-header: keep-alive is as without it")
    func kept() throws {
        let backend = try backend(["connection-proxy-header": "keep-alive", "proxy-http-version": "1.1"])
        #expect(backend.reuse == .safe && backend.maxIdlePerServer > 0)
    }

    @Test("proxy-request-buffering waits for what fits")
    func bodies() throws {
        #expect(try backend(["proxy-request-buffering": "on"]).buffersRequests)
        #expect(try !backend(["proxy-request-buffering": "off"]).buffersRequests)
    }

    @Test("proxy-next-upstream-timeout is in seconds")
    func retries() throws {
        #expect(try backend(["proxy-next-upstream-timeout": "3"]).retryTimeLimit == 3_000)
        #expect(try backend(["proxy-next-upstream-tries": "2"]).retryTimeLimit == 0)
    }

    @Test("enable-access-log: false writes no line")
    func silent() {
        var cluster = TestCluster()
        cluster.put(service("web"), annotated(["enable-access-log": "false"]))
        #expect(cluster.allRoutes().first?.rules?.first.map(\.action) == [.setLogLevel(nil)])
        cluster.put(annotated(["enable-access-log": "true"]))
        #expect(cluster.allRoutes().first?.rules == nil)
    }

    @Test("use-port-in-redirects says 443 too")
    func port() {
        var cluster = TestCluster()
        cluster.put(
            service("web"), annotated(["force-ssl-redirect": "true", "use-port-in-redirects": "true"]))
        #expect(TestCluster.redirects(cluster.allRoutes().first?.rules?.unsecured) == ["308 https://:443"])
    }
}
