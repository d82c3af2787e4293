import Kubernetes

@testable import Controller

/// Random changes over a small world, so that names meet often. The same seed gives the same changes.
struct RandomCluster {
    private var random: SplitMix
    private let namespaces = ["shop", "blog"]
    private let hosts = ["", "a.example", "b.example", "*.example", "A.EXAMPLE", "bad host", "c.example"]
    private let services = ["web", "api", "ext", "gone"]
    private let secrets = ["one", "two", "three"]

    init(seed: UInt64) { random = SplitMix(state: seed) }

    mutating func update() -> StateUpdate {
        let isRemoval = pick(5) == 0
        switch pick(12) {
        case 0...4:
            let object = randomIngress()
            return .ingresses(batch(object, isRemoval))
        case 5: return .classes(batch(randomClass(), isRemoval))
        case 6, 7: return .services(batch(randomService(), isRemoval))
        case 8, 9: return .slices(batch(randomSlice(), isRemoval))
        case 10:
            return .addresses(
                of: any(["x.example", "y.example"]), any([[], ["10.1.0.1"], ["10.1.0.2", "10.1.0.3"]]))
        default: return .secrets(batch(randomSecret(), isRemoval))
        }
    }

    mutating func pick(_ count: Int) -> Int { Int.random(in: 0..<count, using: &random) }

    mutating func shuffled<Element>(_ elements: [Element]) -> [Element] { elements.shuffled(using: &random) }

    private mutating func any<Element>(_ choices: [Element]) -> Element { choices[pick(choices.count)] }

    private func batch<Object>(_ object: Object, _ isRemoval: Bool) -> ObjectBatch<Object> {
        ObjectBatch(changes: [isRemoval ? .deleted(object.meta.key) : .upserted(object)], receivedAt: 1)
    }

    private mutating func randomIngress() -> Ingress {
        var object = ingress("i\(pick(6))", in: any(namespaces), created: Int64(pick(3)))
        object.className = any(["sluice", "sluice", "sluice", "other", nil])
        if pick(6) == 0 { object.meta.annotations["kubernetes.io/ingress.class"] = "sluice" }
        if pick(3) == 0 { object.meta.annotations.merge(randomAnnotation()) { $1 } }
        object.rules = (0..<pick(3)).map { _ in randomRule() }
        object.tls = (0..<pick(3)).map { _ in
            var entry = IngressTLS()
            entry.secretName = any(secrets + [""])
            entry.hosts = (0..<pick(3)).map { _ in any(hosts) }
            return entry
        }
        if pick(4) == 0 { object.defaultBackend = randomBackend() }
        return object
    }

    /// Of which some change routes, and some backends.
    private mutating func randomAnnotation() -> [String: String] {
        let said = any([
            ("whitelist-source-range", "10.0.0.0/8"), ("limit-rps", "5"), ("proxy-read-timeout", "7"),
            ("auth-type", "basic"),
        ])
        return ["nginx.ingress.kubernetes.io/\(said.0)": said.1]
    }

    private mutating func randomRule() -> IngressRule {
        var rule = IngressRule()
        rule.host = any(hosts)
        if pick(5) > 0 {
            rule.paths = (0..<pick(4)).map { _ in
                path(
                    any(["/", "/a", "/a/", "/a/b", "", "x", "/a//b"]),
                    any(["Exact", "Prefix", "ImplementationSpecific", "Odd"]), to: randomBackend())
            }
        }
        return rule
    }

    private mutating func randomBackend() -> IngressBackend {
        switch pick(10) {
        case 0: .missing
        case 1: .resource(kind: "Bucket", name: "b")
        case 2: .service(name: any(services), port: .name("http"))
        case 3: .service(name: any(services), port: .missing)
        default: .service(name: any(services), port: .number(any([80, 81])))
        }
    }

    private mutating func randomClass() -> IngressClass {
        ingressClass(
            any(["sluice", "other"]), controller: any(["ingress.sluice.dev/controller", "example.com/other"]))
    }

    private mutating func randomService() -> Service {
        var object = service(any(services), in: any(namespaces), families: any([[], ["IPv6"]]))
        object.ports = any([
            [port(80)], [port(80, "http"), port(81)], [port(81, "http")], [], [port(80, "http", "UDP")],
        ])
        if pick(3) == 0 {
            object.type = "ExternalName"
            object.externalName = any(["x.example", "y.example", ""])
        }
        return object
    }

    private mutating func randomSlice() -> EndpointSlice {
        var object = slice(
            "s\(pick(4))", of: any(services + [""]), in: any(namespaces), port: any([8080, 8081]))
        object.ports[0].name = any(["", "http"])
        object.endpoints = (0..<pick(4)).map { _ in
            endpoint(
                "10.0.0.\(pick(5))", ready: pick(3) > 0, serving: pick(2) > 0, terminating: pick(3) == 0,
                pod: any(["", "p1", "p2"]))
        }
        return object
    }

    private mutating func randomSecret() -> Secret {
        var object = secret(
            any(secrets), in: any(namespaces), any(["v1", "v2"]), type: any([Secret.tlsType, "Opaque"]))
        if pick(4) == 0 { object.data["tls.key"] = nil }
        return object
    }
}

/// Small, seedable, and the same everywhere.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
