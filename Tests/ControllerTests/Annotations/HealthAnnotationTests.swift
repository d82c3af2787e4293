import Kubernetes
import Model
import Testing

@testable import Controller

@Suite("Health of servers by annotation")
struct HealthAnnotationTests {
    private func backend(_ annotations: [String: String]) -> Backend? {
        var cluster = TestCluster()
        cluster.put(service("web"), slice("web-1", of: "web", endpoint("10.0.0.1"), endpoint("10.0.0.2")))
        let named = annotations.map { ("sluice.dev/\($0)", $1) }
        cluster.put(annotated(Dictionary(uniqueKeysWithValues: named)))
        return cluster.configuration.backends[BackendName("shop/web:80~web")]
    }

    private var plainProbe: HealthProbe {
        var probe = HTTPProbe(method: "GET", uri: "/", version: "HTTP/1.1")
        probe.fields = [HTTPProbe.Field("Host", "localhost")]
        return .http(probe)
    }

    @Test("health-check: by a connection, by HTTP or by gRPC, of every server")
    func kinds() {
        #expect(backend(["health-check": "tcp"])?.servers.map(\.check?.probe) == [.connect, .connect])
        #expect(backend(["health-check": "http"])?.servers.first?.check?.probe == plainProbe)
        #expect(backend(["health-check": "grpc"])?.servers.first?.check?.probe == .grpc(GRPCProbe()))
        #expect(backend(["health-check": "off"]) == nil, "nothing of its own")
        #expect(backend(["health-check-path": "/x"]) == nil, "a path alone asks nobody")
    }

    @Test("what is asked for")
    func questions() {
        let http = backend([
            "health-check": "http", "health-check-path": "status?full", "health-check-host": "a.example",
            "health-check-port": "9000",
        ])?.servers.last?.check
        guard case .http(let probe) = http?.probe else { return #expect(Bool(false)) }
        #expect(probe.uri == "/status?full" && probe.fields == [HTTPProbe.Field("Host", "a.example")])
        #expect(http?.port == 9_000)
        let grpc = backend([
            "health-check": "grpc", "health-check-service": "shop.Cart", "health-check-host": "cart.example",
        ])?.servers.last?.check?.probe
        #expect(grpc == .grpc(GRPCProbe(service: "shop.Cart", authority: "cart.example")))
    }

    @Test("how often, and how many decide; a value that is none leaves HAProxy's")
    func pace() {
        let check = backend([
            "health-check": "tcp", "health-check-interval": "5s", "health-check-timeout": "300ms",
            "health-check-rise": "4", "health-check-fall": "2",
        ])?.servers.first?.check
        #expect((check?.interval, check?.timeout) == (5_000, 300))
        #expect((check?.rise, check?.fall) == (4, 2))
        #expect(
            backend(["health-check": "http", "health-check-path": "/a b"])?.servers.first?.check?.probe
                == plainProbe)
        let plain = backend(["health-check": "tcp", "health-check-interval": "soon"])?.servers.first?.check
        #expect(plain == ServerCheck(.connect))
    }

    @Test("circuit-breaker-errors turns the breaker on, the others say how it behaves")
    func breaker() {
        #expect(backend(["circuit-breaker-ejection": "1s"]) == nil)
        #expect(backend(["circuit-breaker-errors": "0"]) == nil)
        var breaker = CircuitBreaker()
        breaker.errors = 3
        #expect(backend(["circuit-breaker-errors": "3"])?.circuitBreaker == breaker)
        (breaker.ejection, breaker.longestEjection, breaker.mostEjected) = (600_000, 600_000, 20)
        let all = backend([
            "circuit-breaker-errors": "3", "circuit-breaker-ejection": "10m",
            "circuit-breaker-longest-ejection": "1s", "circuit-breaker-max-ejected": "20",
        ])
        #expect(all?.circuitBreaker == breaker, "the longest is not shorter than the first")
    }

    @Test("limit-requests: so many of everybody at a time, beside the other limits")
    func requests() {
        func limits(_ annotations: [String: String]) -> RequestLimits? {
            var cluster = TestCluster()
            cluster.put(service("web"), annotated(annotations))
            return cluster.allRoutes().first?.limits
        }
        #expect(limits(["sluice.dev/limit-requests": "40"])?.maxRequests == 40)
        #expect(limits(["sluice.dev/limit-requests": "40"])?.status == 503)
        #expect(limits(["sluice.dev/limit-requests": "0"]) == nil)
        let both = limits(["sluice.dev/limit-requests": "40", "limit-connections": "2"])
        #expect((both?.maxRequests, both?.maxRequestsPerAddress) == (40, 2))
    }
}
