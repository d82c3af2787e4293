import Kubernetes
import Model
import Testing

@testable import Controller

@Suite("Ciphers of hosts by annotation")
struct HostCiphersTests {
    private let host = HostPattern.exact("shop.example")

    private func cluster(_ annotations: [String: String], _ others: any KubernetesObject...) -> TestCluster {
        var settings = TranslationSettings()
        settings.globalSettings = key("settings", in: "ops")
        var cluster = TestCluster(settings: settings)
        cluster.put(service("web"), annotated(annotations), map([:]))
        for other in others { cluster.put(other) }
        return cluster
    }

    private func map(_ data: [String: String]) -> ConfigMap {
        var map = ConfigMap()
        (map.meta.namespace, map.meta.name, map.data) = ("ops", "settings", data)
        return map
    }

    @Test("ssl-ciphers and ssl-prefer-server-ciphers: the host's, and nothing without them")
    func said() {
        #expect(cluster([:]).configuration.hostTLS.isEmpty)
        let found = cluster(["ssl-ciphers": "A:B", "ssl-prefer-server-ciphers": "false"])
        let parameters = found.configuration.hostTLS[host]?.parameters
        #expect(parameters?.ciphers == "A:B" && parameters?.followsClients == true)
        #expect(parameters?.minimum == .tls12 && parameters?.maximum == .tls13)
        #expect(found.configuration.hostTLS[host]?.demand == .listener)
        let ours = cluster(["ssl-prefer-server-ciphers": "true"]).configuration.hostTLS[host]?.parameters
        #expect(ours?.ciphers == nil && ours?.followsClients == false)
    }

    @Test("what is no list leaves the Ingress out", arguments: ["A B", "A;B", "\"A\""])
    func bad(value: String) {
        let found = cluster(["ssl-ciphers": value])
        #expect(found.configuration.hostTLS.isEmpty && found.reasons == ["AnnotationInvalid"])
    }

    @Test("the rest is what the listeners have, and follows them")
    func listeners() {
        var found = cluster(["ssl-ciphers": "A"])
        found.put(map(["ssl-protocols": "TLSv1.2", "ssl-ciphers": "C", "ssl-curves": "P-256"]))
        let parameters = found.configuration.hostTLS[host]?.parameters
        #expect(parameters?.maximum == .tls12 && parameters?.ciphers == "A" && parameters?.curves == "P-256")
        found.put(map([:]))
        #expect(found.configuration.hostTLS[host]?.parameters?.maximum == .tls13)
    }

    @Test("the oldest Ingress that says one of both decides; aliases have what their host has")
    func oldest() {
        var old = ingress("old", created: 0, [rule("shop.example", path("/a"))])
        old.meta.annotations["nginx.ingress.kubernetes.io/ssl-prefer-server-ciphers"] = "false"
        var new = ingress("new", created: 2, [rule("shop.example", path("/b"))])
        new.meta.annotations["nginx.ingress.kubernetes.io/ssl-ciphers"] = "NEW"
        var found = cluster(["ssl-ciphers": "A", "server-alias": "alias.example"], old, new)
        let parameters = found.configuration.hostTLS[host]?.parameters
        #expect(parameters?.ciphers == "A" && parameters?.followsClients == true)
        #expect(found.configuration.hostTLS[.exact("alias.example")]?.parameters == parameters)
        found.remove(old)
        #expect(found.configuration.hostTLS[host]?.parameters?.followsClients == nil)
        found.put(annotated([:]))
        #expect(found.configuration.hostTLS[host]?.parameters?.ciphers == "NEW")
        found.remove(new)
        #expect(found.configuration.hostTLS.isEmpty)
    }

    @Test("an Ingress without a host says nothing of it")
    func everyHost() {
        var found = cluster([:])
        found.put(annotated(["ssl-ciphers": "A"], host: ""))
        #expect(found.configuration.hostTLS.isEmpty)
    }
}
