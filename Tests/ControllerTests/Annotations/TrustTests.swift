import Kubernetes
import Model
import Testing

@testable import Controller

@Suite("Certificates of clients by annotation")
struct ClientTrustTests {
    private let usual = ["auth-tls-secret": "shop/ca"]
    private let host = HostPattern.exact("shop.example")

    private func cluster(_ annotations: [String: String], _ others: any KubernetesObject...) -> TestCluster {
        var cluster = TestCluster()
        cluster.put(
            service("web"), annotated(annotations), opaque("ca", ["ca.crt": "PEM", "ca.crl": "LIST"]))
        for other in others { cluster.put(other) }
        return cluster
    }

    private func demands(_ annotations: [String: String]) -> ClientAuthentication? {
        cluster(usual.merging(annotations) { $1 }).configuration.clientAuthentication[host]
    }

    @Test("auth-tls-secret: a host demands certificates of its authorities, and answers others 400")
    func usually() {
        let found = demands([:])
        #expect(found?.authorities.certificatesPEM == Array("PEM".utf8))
        #expect(found?.authorities.revocationsPEM == Array("LIST".utf8))
        #expect(found?.demand == .required && found?.refusal == .answer && found?.verifyDepth == 1)
        #expect(found?.headers.certificate == nil && found?.headers.verification == "ssl-client-verify")
        #expect(
            demands(["auth-tls-pass-certificate-to-upstream": "true"])?.headers.certificate
                == "ssl-client-cert")
    }

    @Test("auth-tls-verify-client and -depth, and what falls back")
    func details() {
        #expect(demands(["auth-tls-verify-client": "optional"])?.demand == .optional)
        #expect(demands(["auth-tls-verify-client": "optional_no_ca"])?.demand == .optionalNoCA)
        #expect(demands(["auth-tls-verify-client": "off"]) == nil)
        #expect(demands(["auth-tls-verify-client": "perhaps"])?.demand == .required)
        #expect(demands(["auth-tls-verify-depth": "3"])?.verifyDepth == 3)
        #expect(demands(["auth-tls-verify-depth": "0"])?.verifyDepth == 1)
        #expect(demands(["auth-tls-verify-depth": "deep"])?.verifyDepth == 1)
        #expect(demands(["auth-tls-match-cn": "CN=a.*"])?.subjectPattern == "CN=a.*")
        #expect(demands(["auth-tls-match-cn": "a"]) == nil)
        for page in ["/why", "https://help.example/why?x"] {
            #expect(demands(["auth-tls-error-page": page])?.errorLocation == page)
        }
        for page in ["@why", "why", "//help.example", "javascript:x"] {
            #expect(demands(["auth-tls-error-page": page]) == nil)
        }
    }

    @Test(
        "a Secret that can not be used closes the host, and is told of",
        arguments: [
            ("missing", "SecretNotFound"), ("other/ca", "SecretRefused"), ("empty", "SecretUnusable"),
        ])
    func broken(name: String, reason: String) {
        let found = cluster(["auth-tls-secret": name], opaque("empty", ["ca.crl": "x"]))
        #expect(found.configuration.clientAuthentication[host]?.authorities.certificatesPEM == [])
        #expect(found.reasons == [reason])
    }

    @Test("the oldest Ingress of the host that says it decides, for all paths")
    func oldest() {
        var second = ingress("second", created: 2, [rule("shop.example", path("/b"))])
        second.meta.annotations["nginx.ingress.kubernetes.io/auth-tls-secret"] = "missing"
        let found = cluster(usual, second, ingress("old", created: 0, [rule("shop.example", path("/a"))]))
        #expect(
            found.configuration.clientAuthentication[host]?.authorities.certificatesPEM == Array("PEM".utf8))
        let rules = found.allRoutes().map { $0.rules?.access.first?.action }
        #expect(rules == [.deny(.page(421)), .deny(.page(421)), .deny(.page(421))])
    }

    @Test("names beside the host's demand what it does; canaries demand nothing")
    func beside() {
        let found = cluster(usual.merging(["server-alias": "alias.example"]) { $1 })
        #expect(found.configuration.clientAuthentication[.exact("alias.example")] != nil)
        #expect(cluster(usual.merging(["canary": "true"]) { $1 }).configuration.clientAuthentication.isEmpty)
    }

    @Test("without the name of a host nothing can be asked for: paths are closed, and the default backend")
    func everyHost() {
        var found = TestCluster()
        found.put(service("web"), opaque("ca", ["ca.crt": "PEM"]), annotated(usual, host: ""))
        #expect(found.configuration.clientAuthentication.isEmpty)
        #expect(found.configuration.routes[.any]?.routes.map(\.target) == [.answer(status: 503)])
        var fallback = annotated(usual)
        fallback.rules = []
        fallback.defaultBackend = to("web")
        found.put(fallback)
        #expect(found.configuration.fallback == .answer(status: 503))
    }

    @Test("the Secret is followed, and what it demanded goes with the Ingress")
    func live() {
        var found = cluster(usual)
        #expect(found.translator.needs.unknownSecrets == [key("ca")])
        let change = found.put(opaque("ca", ["ca.crt": "NEW"]))
        #expect(change.clientAuthentication[host]??.authorities.certificatesPEM == Array("NEW".utf8))
        #expect(change.routes.isEmpty)
        found.remove(annotated(usual))
        #expect(found.configuration.clientAuthentication.isEmpty)
    }
}

@Suite("TLS towards servers by annotation")
struct ServerTrustTests {
    private func cluster(_ annotations: [String: String]) -> TestCluster {
        var cluster = TestCluster()
        cluster.put(
            service("web"), slice("web-1", of: "web", endpoint("10.0.0.1")), secret("pair"),
            opaque("ca", ["ca.crt": "PEM"]), opaque("empty", [:]),
            annotated(["backend-protocol": "HTTPS"].merging(annotations) { $1 }))
        return cluster
    }

    private func tls(_ annotations: [String: String]) -> ServerTLS? {
        cluster(annotations).configuration.backends.values.first?.servers.first?.tls
    }

    @Test("proxy-ssl-secret: the certificate servers are shown; TLS 1.2 alone, and nobody is verified")
    func shown() {
        let found = tls(["proxy-ssl-secret": "pair"])
        #expect(found?.clientCertificate?.chainPEM == Array("chain one".utf8))
        #expect(
            found?.verification == ServerTLS.Verification.none
                && found?.serverName == ServerTLS.ServerName.none)
        #expect(found?.parameters.minimum == .tls12 && found?.parameters.maximum == .tls12)
    }

    @Test("proxy-ssl-verify: signed by the authorities, for the name")
    func verified() {
        let found = tls(["proxy-ssl-secret": "ca", "proxy-ssl-verify": "on", "proxy-ssl-name": "pod.example"])
        #expect(found?.verification == .required(AuthorityBundle(certificatesPEM: Array("PEM".utf8))))
        #expect(found?.verifiedName == "pod.example" && found?.verifyDepth == 1)
        #expect(
            tls(["proxy-ssl-secret": "ca", "proxy-ssl-verify": "on"])?.verifiedName == "upstream_balancer")
    }

    @Test("proxy-ssl-server-name, -verify-depth, -protocols and -ciphers")
    func details() {
        let found = tls([
            "proxy-ssl-secret": "ca", "proxy-ssl-server-name": "on", "proxy-ssl-name": "pod.example",
            "proxy-ssl-verify": "on", "proxy-ssl-verify-depth": "3", "proxy-ssl-protocols": "TLSv1.2 TLSv1.3",
            "proxy-ssl-ciphers": "HIGH:!aNULL",
        ])
        #expect(found?.serverName == .fixed("pod.example") && found?.verifyDepth == 3)
        #expect(found?.parameters.maximum == .tls13 && found?.parameters.ciphers == "HIGH:!aNULL")
    }

    @Test("without a Secret the others mean nothing")
    func nothing() {
        #expect(tls(["proxy-ssl-verify": "on", "proxy-ssl-name": "x.example"]) == ServerTLS())
    }

    @Test("servers that are not spoken to by TLS are not")
    func plain() { #expect(tls(["backend-protocol": "HTTP", "proxy-ssl-secret": "pair"]) == nil) }

    @Test(
        "a Secret that can not be used closes the paths",
        arguments: [
            (["proxy-ssl-secret": "missing"], "SecretNotFound"),
            (["proxy-ssl-secret": "other/pair"], "SecretRefused"),
            (["proxy-ssl-secret": "empty"], "SecretUnusable"),
            (["proxy-ssl-secret": "pair", "proxy-ssl-verify": "on"], "SecretUnusable"),
        ])
    func broken(annotations: [String: String], reason: String) {
        let found = cluster(annotations)
        #expect(found.allRoutes().map(\.target) == [.answer(status: 503)])
        #expect(found.reasons == [reason])
    }

    @Test("a Secret's change reaches servers")
    func live() {
        var found = cluster(["proxy-ssl-secret": "pair"])
        let change = found.put(secret("pair", "two"))
        let backend = change.backends[BackendName("shop/web:80~web")] ?? nil
        #expect(backend?.servers.first?.tls?.clientCertificate?.chainPEM == Array("chain two".utf8))
    }
}
