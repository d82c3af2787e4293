import Kubernetes
import Model
import Testing

@testable import Controller

@Suite struct NeedsTests {
    private let external = ingress("a", [rule("a.example", path("/", to: to("ext")))])

    @Test("an external name is asked for while one of ours refers to it")
    func externalName() {
        var cluster = TestCluster()
        cluster.put(externalService("ext", "db.example"))
        #expect(cluster.translator.needs.externalNames.isEmpty)
        cluster.put(external)
        #expect(cluster.translator.needs.externalNames == ["db.example"])
        cluster.put(externalService("ext", "new.example"))
        #expect(cluster.translator.needs.externalNames == ["new.example"])
        cluster.remove(external)
        #expect(cluster.translator.needs.externalNames.isEmpty)
    }

    @Test("an external name that is an address is used as it is", arguments: ["10.1.2.3", "fd00::5"])
    func literal(address: String) {
        var cluster = TestCluster()
        cluster.put(externalService("ext", address), external)
        #expect(cluster.translator.needs.externalNames.isEmpty)
        #expect(cluster.servers("shop/ext:80") == ["\(address):80"])
    }

    @Test("external names that are not allowed are not asked for")
    func notAllowed() {
        var settings = TranslationSettings()
        settings.allowsExternalName = false
        var cluster = TestCluster(settings: settings)
        cluster.put(externalService("ext", "db.example"), external)
        #expect(cluster.translator.needs.externalNames.isEmpty)
    }

    @Test("secrets are followed by name while ours name them and they are not of the listed type")
    func secrets() {
        var cluster = TestCluster()
        let holder = ingress("a", tls: [tls("cert", "a.example")])
        cluster.put(holder)
        #expect(cluster.translator.needs.unknownSecrets == [key("cert")])
        cluster.put(secret("cert"))
        #expect(cluster.translator.needs.unknownSecrets.isEmpty)
        cluster.put(secret("cert", type: "Opaque"))
        #expect(cluster.translator.needs.unknownSecrets == [key("cert")])
        cluster.remove(holder)
        #expect(cluster.translator.needs.unknownSecrets.isEmpty)
    }

    @Test("the secrets of another class's Ingresses are none of our business")
    func foreign() {
        var cluster = TestCluster()
        cluster.put(ingress("a", className: "other", tls: [tls("cert", "a.example")]))
        #expect(cluster.translator.needs.unknownSecrets.isEmpty)
    }

    @Test("the flag's default certificate is followed by name until the list brings it")
    func defaultCertificate() {
        var settings = TranslationSettings()
        settings.defaultTLSSecret = key("default", in: "ops")
        var core = PipelineCore(settings: settings, awaiting: [])
        _ = core.due(now: 0)
        #expect(core.translator.needs.unknownSecrets == [key("default", in: "ops")])
        core.apply(.secrets(ObjectBatch(changes: [.upserted(secret("default", in: "ops"))], receivedAt: 0)))
        _ = core.due(now: 10_000_000_000)
        #expect(core.translator.needs.unknownSecrets.isEmpty)
    }
}
