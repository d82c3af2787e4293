import Kubernetes
import Model
import Testing

@testable import Controller

@Suite struct CertificateTranslationTests {
    private let name = CertificateName("shop/cert")

    @Test("tls entries become certificates and the names they serve")
    func entries() {
        var cluster = TestCluster()
        cluster.put(ingress("a", tls: [tls("cert", "A.example", "*.b.example")]), secret("cert"))
        #expect(cluster.configuration.certificates[name]?.chainPEM == Array("chain one".utf8))
        #expect(
            cluster.configuration.serverNames == [
                .exact("a.example"): [name], .wildcard("b.example"): [name],
            ])
    }

    @Test("a new certificate under the same name is a change of certificates alone")
    func rotation() {
        var cluster = TestCluster()
        cluster.put(
            ingress("a", [rule("a.example", path("/"))], tls: [tls("cert", "a.example")]), secret("cert"))
        let change = cluster.put(secret("cert", "two"))
        #expect(change.kind == .certificates)
        #expect(change.certificates.count == 1 && change.serverNames.isEmpty)
    }

    @Test("a missing secret is reported, leaves the default certificate, and heals")
    func missing() {
        var cluster = TestCluster()
        cluster.put(ingress("a", tls: [tls("cert", "a.example")]))
        #expect(cluster.configuration.serverNames.isEmpty)
        #expect(cluster.reasons == ["SecretNotFound"])
        cluster.put(secret("cert"))
        #expect(cluster.configuration.serverNames == [.exact("a.example"): [name]])
        #expect(cluster.reasons.isEmpty)
    }

    @Test("a secret without a key is reported and not served")
    func incomplete() {
        var cluster = TestCluster()
        var broken = secret("cert")
        broken.data["tls.key"] = nil
        cluster.put(ingress("a", tls: [tls("cert", "a.example")]), broken)
        #expect(cluster.configuration.certificates.isEmpty && cluster.configuration.serverNames.isEmpty)
        #expect(cluster.reasons == ["SecretUnusable"])
    }

    @Test("a certificate that turns unusable is reported and goes on serving until its Secret is gone")
    func turnsUnusable() {
        var cluster = TestCluster()
        cluster.put(ingress("a", tls: [tls("cert", "a.example")]), secret("cert"))
        var broken = secret("cert", "two")
        broken.data["tls.key"] = []
        #expect(cluster.put(broken).isEmpty)
        #expect(cluster.reasons == ["SecretUnusable"] && cluster.configuration.serverNames.count == 1)
        broken.data = [:]
        #expect(cluster.put(broken).isEmpty)
        #expect(cluster.put(secret("cert", "three")).certificates.count == 1)
        #expect(cluster.reasons.isEmpty)
        cluster.put(broken)
        cluster.remove(broken)
        #expect(cluster.configuration.certificates.isEmpty && cluster.configuration.serverNames.isEmpty)
        cluster.put(broken)
        #expect(cluster.configuration.certificates.isEmpty)
    }

    @Test("without hosts the names in the certificate are served, until somebody names hosts only")
    func subjectNames() {
        var cluster = TestCluster()
        let bare = ingress("a", tls: [tls("cert")])
        cluster.put(bare, ingress("b", tls: [tls("cert", "b.example")]), secret("cert"))
        #expect(cluster.configuration.certificates[name]?.servesSubjectNames == true)
        cluster.remove(bare)
        #expect(cluster.configuration.certificates[name]?.servesSubjectNames == false)
    }

    @Test("two secrets for one name are both offered, the older Ingress's first")
    func twoSecrets() {
        var cluster = TestCluster()
        cluster.put(
            ingress("b", created: 1, tls: [tls("rsa", "a.example")]),
            ingress("a", created: 2, tls: [tls("ecdsa", "a.example")]), secret("rsa"), secret("ecdsa"))
        #expect(
            cluster.configuration.serverNames[.exact("a.example")]
                == [CertificateName("shop/rsa"), CertificateName("shop/ecdsa")])
    }

    @Test("a secret that nobody of ours names is not loaded")
    func unused() {
        var cluster = TestCluster()
        cluster.put(secret("cert"), ingress("a", className: "nginx", tls: [tls("cert", "a.example")]))
        #expect(cluster.configuration == Configuration())
    }

    @Test("the flag's default certificate is used when it exists and reported while it does not")
    func defaultCertificate() {
        var settings = TranslationSettings()
        settings.defaultTLSSecret = key("cert")
        var cluster = TestCluster(settings: settings)
        var dirty = Dirty()
        dirty.secrets = [key("cert")]
        _ = cluster.translator.translate(dirty, of: cluster.state)
        #expect(cluster.reasons == ["DefaultCertificateMissing"])
        cluster.put(secret("cert"))
        #expect(cluster.configuration.defaultCertificates == [name] && cluster.reasons.isEmpty)
        cluster.remove(secret("cert"))
        #expect(cluster.configuration.defaultCertificates == [])
    }

    @Test("an entry without a secret asks for the default certificate and is no mistake")
    func noSecret() {
        var cluster = TestCluster()
        cluster.put(ingress("a", tls: [tls("", "a.example")]))
        #expect(cluster.configuration == Configuration() && cluster.reasons.isEmpty)
    }

    @Test("a host in tls that is none is reported and touches no other")
    func badHost() {
        var cluster = TestCluster()
        cluster.put(ingress("a", tls: [tls("cert", "no host", "a.example")]), secret("cert"))
        #expect(cluster.configuration.serverNames == [.exact("a.example"): [name]])
        #expect(cluster.reasons == ["HostInvalid"])
    }
}
