import Kubernetes
import Testing

@testable import Controller

@Suite("The requests that proxies are compared by")
struct SamplesTests {
    private func ingress(_ places: (host: String, path: String, service: String)...) -> Ingress {
        var ingress = Ingress()
        ingress.meta.namespace = "shop"
        ingress.rules = places.map { place in
            var rule = IngressRule()
            var path = IngressPath()
            path.path = place.path
            path.backend = .service(name: place.service, port: .number(80))
            (rule.host, rule.paths) = (place.host, [path])
            return rule
        }
        return ingress
    }

    private func words(_ samples: Samples) -> [String] {
        samples.requests.map { "\($0.method) \($0.host)\($0.target)" }
    }

    @Test(
        "there is one for each host and path",
        arguments: [
            ("a.test", "/", "GET a.test/"),
            ("A.test", "/cart", "GET a.test/cart"),
            ("*.a.test", "/", "GET sluice-sample.a.test/"),
            ("", "", "GET any.invalid/"),
            ("a.test", "/api(/|$)(.*)", "GET a.test/api"),
            ("a.test", "/v1/x*", "GET a.test/v1/"),
            ("a.test", "/v1.2/[a-z]+", "GET a.test/v1.2/"),
        ])
    func places(host: String, path: String, expected: String) {
        #expect(words(Samples(of: [ingress((host, path, "web"))], includesUnsafe: false)) == [expected])
    }

    @Test("each is asked once, whoever names it")
    func once() {
        let both = ingress(("a.test", "/", "web"), ("a.test", "/", "canary"))
        var samples = Samples(of: [both], includesUnsafe: false)
        samples.read(Array("# known\n\nhttp://a.test/\r\nHEAD http://a.test/\n".utf8))
        #expect(words(samples) == ["GET a.test/", "HEAD a.test/"])
        #expect(samples.passedOver.isEmpty)
    }

    @Test("what may change something is asked only if it is wanted", arguments: [false, true])
    func methods(wanted: Bool) {
        var samples = Samples(of: [], includesUnsafe: wanted)
        samples.read(Array("POST http://a.test/\nOPTIONS http://a.test/\n".utf8))
        #expect(words(samples) == (wanted ? ["POST a.test/"] : []) + ["OPTIONS a.test/"])
        #expect(samples.passedOver == (wanted ? [:] : [.unsafe: 1]))
    }

    private func log(_ target: String, _ upstream: String) -> [UInt8] {
        Array(
            #"192.0.2.1 - - [t] "GET \#(target) HTTP/1.1" 200 5 "-" "-" 80 0.001 [\#(upstream)] [] 10.0.0.1:80"#
                .utf8)
    }

    @Test("a line of ingress-nginx's log is about the host whose Ingress names the Service")
    func upstreams() {
        let two = ingress(("a.test", "/", "web"), ("b.test", "/", "web"), ("c.test", "/cart", "cart"))
        var samples = Samples(of: [two], includesUnsafe: false)
        samples.read(log("/cart/1", "shop-cart-80"))
        #expect(words(samples).last == "GET c.test/cart/1")
        // Of two hosts it could be either; of another Service, or elsewhere, it is nobody's.
        for (target, upstream) in [("/", "shop-web-80"), ("/", "shop-other-80"), ("/x", "shop-cart-80")] {
            samples.read(log(target, upstream))
        }
        #expect(samples.passedOver == [.hostless: 3])
    }

    @Test("what cannot be sent is counted")
    func unreadable() {
        var samples = Samples(of: [], includesUnsafe: false)
        samples.read(Array("http://a.test/ä\nhttp://a b/\nhttp://a.test/x\u{7F}\nhttp://ä.test/\n".utf8))
        #expect((samples.requests, samples.passedOver) == ([], [.unreadable: 4]))
    }

    @Test("a log of more than is asked is taken as far as that")
    func limit() {
        var samples = Samples(of: [], includesUnsafe: false)
        let lines = (0..<Samples.limit + 5).map { "http://a.test/\($0)\n" }.joined()
        samples.read(Array(lines.utf8))
        #expect(samples.requests.count == Samples.limit)
        #expect(samples.passedOver == [.tooMany: 5])
    }

    @Test("requests are counted under the longest path of their host's Ingresses")
    func groups() throws {
        let one = ingress(
            ("a.test", "/", "web"), ("a.test", "/cart", "web"), ("*.b.test", "/x(/|$)(.*)", "web"))
        let samples = Samples(of: [one], includesUnsafe: false)
        func group(_ host: String, _ target: String) throws -> String {
            let request = try #require(SampleRequest(method: "GET", host: host, target: target))
            let name = samples.group(of: request)
            return "\(name.host) \(name.path)"
        }
        #expect(try group("a.test:8080", "/cart/1?x") == "a.test:8080 /cart")
        #expect(try group("a.test", "/carts") == "a.test /")
        #expect(try group("c.b.test", "/x/1") == "c.b.test /x(/|$)(.*)")
        #expect(try group("other.test", "/y?z") == "other.test /y")
    }
}
