import Basics
import Kubernetes
import Testing

@Suite("Pages of recorded lists")
struct ListPageTests {
    @Test("a page of Ingresses says how to go on")
    func pages() throws {
        let first = try ListPage<Ingress>(decoding: Recording("list-ingresses-page1").body)
        #expect(first.items.count == 2)
        #expect(!first.continueToken.isEmpty)
        let second = try ListPage<Ingress>(decoding: Recording("list-ingresses-page2").body)
        #expect(!second.continueToken.isEmpty && second.continueToken != first.continueToken)
        #expect(second.resourceVersion == first.resourceVersion)
        #expect(first.rejected.isEmpty && second.rejected.isEmpty)
    }

    @Test("an Ingress keeps its rules, ports and certificates, and drops what kubectl left in it")
    func ingress() throws {
        let page = try ListPage<Ingress>(decoding: Recording("list-ingresses-rv0").body)
        let ingress = try #require(page.items.first { $0.meta.name == "web-1" })
        #expect(ingress.meta.namespace == "rec")
        #expect(ingress.meta.uid == "bfd598da-81d2-4441-bfe8-3818487ddc83")
        #expect(ingress.meta.creationTimestamp == 1_795_229_864)
        #expect(ingress.meta.annotations == ["example.test/note": "number 1"])
        #expect(ingress.className == "rec")
        #expect(ingress.tls.map(\.hosts) == [["a.rec.test"]])
        #expect(ingress.tls.map(\.secretName) == ["web-tls"])
        let paths = try #require(ingress.rules.first?.paths)
        #expect(ingress.rules.map(\.host) == ["h1.rec.test"])
        #expect(paths.map(\.path) == ["/", "/exact"])
        #expect(paths.map(\.pathType) == ["Prefix", "Exact"])
        #expect(paths[0].backend == .service(name: "web", port: .name("http")))
        #expect(paths[1].backend == .service(name: "web", port: .number(9090)))
    }

    @Test("Services keep ports, type and the name they stand for")
    func services() throws {
        let page = try ListPage<Service>(decoding: Recording("list-services").body)
        let services = Dictionary(uniqueKeysWithValues: page.items.map { ($0.meta.name, $0) })
        #expect(services["ext"]?.type == "ExternalName")
        #expect(services["ext"]?.externalName == "example.test")
        #expect(services["headless"]?.clusterIP == "None")
        #expect(services["headless"]?.ipFamilies == ["IPv4"])
        let ports = try #require(services["web"]?.ports)
        #expect(ports.map(\.name) == ["http", "metrics"])
        #expect(ports.map(\.port) == [80, 9090])
        #expect(ports.map(\.targetPort) == ["8080", "metrics"])
        #expect(ports.map(\.appProtocol) == ["http", ""])
        #expect(ports.map(\.transport) == ["TCP", "TCP"])
    }

    @Test("EndpointSlices know their Service and every endpoint's state")
    func slices() throws {
        let page = try ListPage<EndpointSlice>(decoding: Recording("list-endpointslices").body)
        let slice = try #require(page.items.first { $0.meta.name == "headless-5p6zs" })
        #expect(slice.serviceName == "headless")
        #expect(slice.addressType == "IPv4")
        #expect(slice.ports.map(\.port) == [8080])
        let endpoint = try #require(slice.endpoints.first)
        #expect(endpoint.address == "10.244.0.13")
        #expect(endpoint.isReady && endpoint.isServing && !endpoint.isTerminating)
        #expect(endpoint.targetName == "web-594f8746c8-h77kj")
        #expect(endpoint.targetUID == "18a79e69-adda-417f-bd3c-f6ed0ccb5736")
    }

    @Test("a TLS Secret keeps certificate and key as bytes")
    func secrets() throws {
        let page = try ListPage<Secret>(decoding: Recording("list-tls-secrets").body)
        let secret = try #require(page.items.first)
        #expect(secret.type == "kubernetes.io/tls")
        #expect(secret.data.keys.sorted() == ["tls.crt", "tls.key"])
        let certificate = String(decoding: secret.data["tls.crt"] ?? [], as: UTF8.self)
        #expect(certificate.hasPrefix("-----BEGIN CERTIFICATE-----\n"))
        #expect(secret.meta.annotations.isEmpty)
    }

    @Test("IngressClasses say who answers for them")
    func classes() throws {
        let page = try ListPage<IngressClass>(decoding: Recording("list-ingressclasses").body)
        #expect(!page.items.isEmpty)
        #expect(page.items.allSatisfy { !$0.controller.isEmpty && $0.meta.namespace.isEmpty })
    }

    @Test("one unreadable object does not lose the others, and its field is named")
    func rejection() throws {
        let body = #"""
            {"kind":"IngressList","metadata":{"resourceVersion":"7"},"items":[
            {"metadata":{"name":"a","namespace":"n"}},
            {"metadata":{"name":"b","namespace":"n","resourceVersion":"5"},"spec":{"rules":[{"http":{"paths":"all"}}]}},
            {"metadata":{"name":"c","namespace":"n"}},
            {"metadata":{"namespace":"n"}}]}
            """#
        let page = try ListPage<Ingress>(decoding: Array(body.utf8))
        #expect(page.items.map(\.meta.name) == ["a", "c"])
        #expect(page.rejected.map(\.key.description) == ["n/b", "n/"])
        #expect(page.rejected[0].reason == "spec.rules[0].http.paths: expected a list, found a string")
        #expect(page.rejected[0].resourceVersion == "5")
        #expect(page.rejected[1].reason == "has no metadata.name")
    }

    @Test(
        "what is no list of the kind is never taken for an empty one",
        arguments: ["null", "{}", "[]", "", #"{"kind":"Status"}"#, #"{"kind":"ServiceList","items":[]}"#])
    func otherBodies(body: String) {
        #expect(throws: JSONError.self) { try ListPage<Ingress>(decoding: Array(body.utf8)) }
    }

    @Test("a list that is cut anywhere is refused")
    func truncation() throws {
        let lines = String(decoding: try Recording("list-endpointslices").body, as: UTF8.self).split(
            separator: "\n")
        let body = Array(lines.map { $0.drop { $0 == " " } }.joined().utf8)
        for length in 0..<body.count {
            #expect(throws: JSONError.self) { try ListPage<EndpointSlice>(decoding: Array(body[..<length])) }
        }
    }

    @Test("bytes flipped at random never trap")
    func noise() throws {
        var generator = SeededGenerator(seed: 7)
        for name in ["list-services", "list-endpointslices", "list-ingresses-page1", "list-tls-secrets"] {
            let body = try Recording(name).body
            for _ in 0..<100 {
                var broken = body
                for _ in 0..<Int.random(in: 1...4, using: &generator) {
                    broken[Int.random(in: 0..<broken.count, using: &generator)] = .random(
                        in: 0...255, using: &generator)
                }
                _ = try? ListPage<Service>(decoding: broken)
                _ = try? ListPage<EndpointSlice>(decoding: broken)
                _ = try? ListPage<Ingress>(decoding: broken)
                _ = try? ListPage<Secret>(decoding: broken)
            }
        }
    }
}

/// The same numbers in every run.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
