import Kubernetes
import Model
import Testing

@testable import Controller

@Suite struct ServiceResolutionTests {
    private let services = [
        key("web"): service("web", ports: [port(80, "http"), port(443, "https")]),
        key("dns"): service("dns", ports: [port(53, "dns", "UDP")]),
        key("ext"): externalService("ext", "db.example"),
        key("bare"): externalService("bare", ""),
        key("none"): service("none", ports: []),
        key("odd"): service("odd", ports: [port(0, "zero")]),
    ]

    private func resolve(_ backend: IngressBackend, allowed: Bool = true) -> (
        target: RouteTarget, reason: String
    ) {
        var settings = TranslationSettings()
        settings.allowsExternalName = allowed
        let outcome = ServiceResolution(services: services, settings: settings).resolve(
            backend, namespace: "shop")
        if case .failed(let reason, _) = outcome { return (outcome.target, reason) }
        return (outcome.target, "")
    }

    private func backend(_ name: String) -> RouteTarget { .backend(BackendName(name)) }

    @Test("ports are found by number and by name")
    func ports() {
        #expect(resolve(to("web", 443)).target == backend("shop/web:443"))
        #expect(resolve(.service(name: "web", port: .name("http"))).target == backend("shop/web:80"))
    }

    @Test(
        "what can not be resolved is 503 with a reason",
        arguments: [
            (to("gone"), "ServiceNotFound"), (to("web", 81), "PortNotFound"),
            (.service(name: "web", port: .name("grpc")), "PortNotFound"),
            (.service(name: "web", port: .name("80")), "PortNotFound"),
            (.service(name: "web", port: .missing), "PortMissing"), (.missing, "BackendMissing"),
            (.resource(kind: "Bucket", name: "b"), "ResourceBackendUnsupported"),
            (to("dns", 53), "PortNotTCP"),
            (to("none"), "PortNotFound"), (.service(name: "odd", port: .name("zero")), "PortInvalid"),
            (to("bare"), "ExternalNameMissing"), (to("ext", 0), "PortNotFound"),
            (to("ext", 70_000), "PortNotFound"),
        ] as [(IngressBackend, String)])
    func failures(given: IngressBackend, reason: String) {
        #expect(resolve(given).target == .answer(status: 503))
        #expect(resolve(given).reason == reason)
    }

    @Test("an external name takes the Ingress's number, or the Service's port by name")
    func external() {
        #expect(resolve(to("ext", 8443)).target == backend("shop/ext:8443"))
        #expect(resolve(to("ext"), allowed: false).reason == "ExternalNameRefused")
    }

    @Test("of one number in TCP and UDP it is the TCP port, in either order")
    func sameNumber() {
        let ports = [port(443, "h3", "UDP"), port(443, "https")]
        for ports in [ports, ports.reversed()] {
            var cluster = TestCluster()
            cluster.put(
                service("web", ports: ports), ingress("a", [rule("a.example", path("/", to: to("web", 443)))])
            )
            cluster.put(slice("s", of: "web", named: "https", endpoint("10.0.0.1")))
            #expect(cluster.servers("shop/web:443") == ["10.0.0.1:8080"])
            #expect(cluster.reasons.isEmpty)
        }
    }

    @Test("an external name that is a local address is refused, but in folders")
    func local() {
        let services = [key("self"): externalService("self", "127.0.0.1")]
        var settings = TranslationSettings()
        let refused = ServiceResolution(services: services, settings: settings).resolve(
            to("self"), namespace: "shop")
        #expect(refused.target == .answer(status: 503))
        settings = settings.forFolders
        let allowed = ServiceResolution(services: services, settings: settings).resolve(
            to("self"), namespace: "shop")
        #expect(allowed.target == backend("shop/self:80"))
    }

    @Test("a service is looked for in the Ingress's namespace only")
    func namespace() {
        let resolution = ServiceResolution(services: services, settings: TranslationSettings())
        #expect(resolution.resolve(to("web"), namespace: "other").target == .answer(status: 503))
    }
}
