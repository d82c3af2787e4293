import Kubernetes
import Model
import Testing

@testable import Controller

@Suite("Annotations of the HAProxy controllers")
struct HAProxyAnnotationTests {
    private func cluster(_ annotations: [String: String]) -> TestCluster {
        var cluster = TestCluster()
        let keys = annotations.map { ("haproxy.org/\($0.key)", $0.value) }
        cluster.put(
            service("web"), slice("web-1", of: "web", endpoint("10.0.0.1")),
            annotated(Dictionary(uniqueKeysWithValues: keys)))
        return cluster
    }

    private func server(_ annotations: [String: String]) throws -> Server {
        let found = cluster(annotations)
        #expect(found.reasons == [])
        let backends = found.configuration.backends.values
        return try #require(backends.first?.servers.first)
    }

    @Test("check asks servers, by a connection or as check-http says")
    func checks() throws {
        #expect(try server([:]).check == nil)
        #expect(try server(["check": "true"]).check == ServerCheck(.connect))
        #expect(try server(["check": "false", "check-interval": "5s"]).check == nil)
        let asked = try server(["check-http": "GET /health", "check-interval": "5s", "timeout-check": "500"])
        #expect(asked.check?.probe == .http(HTTPProbe(method: "GET", uri: "/health")))
        #expect(asked.check?.interval == 5_000 && asked.check?.timeout == 500)
    }

    @Test(
        "what is no request leaves the Ingress out",
        arguments: ["health", "GET", "GET /a HTTP/3", "A B C D", "G@T /"])
    func badCheck(value: String) {
        #expect(cluster(["check-http": value]).reasons == ["AnnotationInvalid"])
    }

    @Test("send-proxy-protocol and pod-maxconn are the server's")
    func servers() throws {
        #expect(
            try server(["send-proxy-protocol": "proxy-v2-ssl-cn"]).sentProxyHeader == .binary(.commonName))
        #expect(try server(["send-proxy-protocol": "proxy"]).sentProxyHeader == .text)
        #expect(try server(["pod-maxconn": "7"]).maxConnections == 7)
    }

    @Test("forwarded-for: servers are not told the address", arguments: [("true", false), ("false", true)])
    func hidden(value: String, isHidden: Bool) {
        let found = cluster(["forwarded-for": value])
        #expect((found.allRoutes().first?.rules?.hidesSource ?? false) == isHidden)
    }

    @Test("rate-limit-requests allows so many in a period")
    func limits() throws {
        let found = cluster([
            "rate-limit-requests": "20", "rate-limit-period": "1m", "rate-limit-size": "100k",
            "rate-limit-whitelist": "10.0.0.0/8",
        ])
        let limits = try #require(found.allRoutes().first?.limits)
        #expect(limits.rate?.requests == 20 && limits.rate?.period == 60_000 && limits.rate?.burst == 19)
        #expect(limits.rate?.keys == 102_400 && limits.exempt == ["10.0.0.0/8"] && limits.status == 403)
        let other = cluster(["rate-limit-requests": "2", "rate-limit-status-code": "429"])
        #expect(other.allRoutes().first?.limits?.status == 429)
    }

    @Test("cors-enable has defaults of its own")
    func origins() throws {
        let found = cluster(["cors-enable": "true"])
        let rules = try #require(found.allRoutes().first?.rules)
        #expect(rules.first.isEmpty && rules.response.count == 4)
        let answering = cluster([
            "cors-enable": "true", "cors-respond-to-options": "true",
            "cors-allow-origin": "^https://.*[.]shop$",
            "cors-allow-credentials": "true",
        ])
        #expect(answering.allRoutes().first?.rules?.first.count == 2)
        #expect(answering.allRoutes().first?.rules?.response.count == 5)
    }

    @Test("path-rewrite replaces the path, or what matches of it")
    func paths() {
        let rules = cluster(["path-rewrite": "/new\n ^/a/(.*)  /\\1 "]).allRoutes().first?.rules?.request
        #expect(
            rules?.map(\.action) == [
                .change(.setTarget(.path, FormatString([.text(Array("/new".utf8))]))),
                .change(
                    .replaceTarget(.path, pattern: "^/a/(.*)", FormatString([.text(Array("/\\1".utf8))]))),
            ])
        #expect(cluster(["path-rewrite": "new"]).reasons == ["AnnotationInvalid"])
        #expect(cluster(["path-rewrite": "/%[path]"]).reasons == ["AnnotationInvalid"])
    }

    @Test("request-redirect and ssl-redirect-port say a host and a port")
    func redirects() {
        let found = cluster(["request-redirect": "b.example:8443", "request-redirect-code": "301"])
        #expect(TestCluster.redirects(found.allRoutes().first?.rules?.first) == ["301 ://b.example:8443"])
        let secured = cluster(["ssl-redirect-port": "8443"])
        #expect(secured.reasons == [])
        for bad in ["a b", "a:0", "$host", "a/b", "a:80:80", "-"] {
            #expect(cluster(["request-redirect": bad]).reasons == ["AnnotationInvalid"], "\(bad)")
        }
    }

    @Test("server-ca and server-crt speak TLS, verify by an authority and show a certificate")
    func serverTLS() throws {
        var found = cluster(["server-ca": "shop/ca", "server-crt": "pair"])
        #expect(found.allRoutes().first?.target == .answer(status: 503))
        #expect(found.reasons == ["SecretNotFound"])
        #expect(found.translator.needs.unknownSecrets == [key("ca"), key("pair")])
        found.put(opaque("ca", ["ca.crt": "PEM"]), secret("pair"))
        #expect(found.reasons == [])
        let backend = try #require(found.configuration.backends.values.first)
        let tls = try #require(backend.servers.first?.tls)
        #expect(tls.verification == .required(AuthorityBundle(certificatesPEM: Array("PEM".utf8))))
        #expect(tls.verifiedName == nil && tls.serverName == .none)
        #expect(tls.clientCertificate?.chainPEM == Array("chain one".utf8))
        found.put(opaque("ca", ["tls.crt": "OTHER"]))
        let other = found.configuration.backends.values.first?.servers.first?.tls?.verification
        #expect(other == .required(AuthorityBundle(certificatesPEM: Array("OTHER".utf8))))
    }

    @Test(
        "server-ca and server-crt that can not be used close the paths",
        arguments: [
            (["server-ca": "other/ca"], "SecretRefused"), (["server-ca": "empty"], "SecretUnusable"),
            (["server-crt": "empty"], "SecretUnusable"), (["server-ca": "A B"], "AnnotationInvalid"),
        ])
    func badServerTLS(annotations: [String: String], reason: String) {
        var found = cluster(annotations)
        found.put(opaque("empty", ["other": "x"]))
        #expect(found.allRoutes().map(\.target) == [.answer(status: 503)] && found.reasons == [reason])
        #expect(found.translator.allDiagnostics.first?.field.contains("haproxy.org/server-") == true)
    }

    @Test("src-ip-header says the client's address, where a proxy is believed")
    func address() throws {
        var settings = TranslationSettings()
        settings.globalSettings = key("settings", in: "ops")
        var found = TestCluster(settings: settings)
        found.put(service("web"), annotated(["haproxy.org/src-ip-header": "CF-Connecting-IP"]))
        #expect(found.allRoutes().first?.rules == nil, "nobody is believed")
        var map = ConfigMap()
        (map.meta.namespace, map.meta.name) = ("ops", "settings")
        map.data = ["trusted-proxies": "10.0.0.0/8"]
        found.put(map)
        let rule = try #require(found.allRoutes().first?.rules?.first.first)
        #expect(rule.action == .setSource(try Expression(.requestField(FieldPick("CF-Connecting-IP")))))
        let terms = try #require(rule.condition?.alternatives.first)
        #expect(terms.map { $0.tests.first?.matching } == [.address(["10.0.0.0/8"]), .found])
    }

    /// Those of HAProxy Technologies' controller that Ingresses or Services have.
    private static let annotations = """
        path-rewrite set-host request-set-header response-set-header request-redirect request-redirect-code ssl-redirect
        ssl-redirect-code ssl-redirect-port route-acl standalone-backend ssl-passthrough allow-list whitelist deny-list blacklist
        auth-type auth-secret auth-realm rate-limit-requests rate-limit-period rate-limit-size rate-limit-status-code
        rate-limit-whitelist cors-enable cors-allow-origin cors-allow-methods cors-allow-headers cors-allow-credentials
        cors-max-age cors-respond-to-options src-ip-header load-balance cookie-persistence cookie-persistence-no-dynamic check
        check-http check-interval timeout-check server-ssl server-ca server-crt server-proto send-proxy-protocol pod-maxconn
        scale-server-slots servers-increment server-slots timeout-server forwarded-for abortonclose request-capture
        request-capture-len backend-config-snippet cr-backend ingress.class
        """

    /// Those that its ConfigMap has alone.
    private static let keys = """
        ssl-certificate client-ca client-crt-optional client-strict-sni generate-certificates-signer tls-alpn clean-certs
        quic-alt-svc-max-age timeout-connect timeout-client timeout-client-fin timeout-http-request timeout-http-keep-alive
        timeout-queue timeout-server-fin timeout-tunnel http-connection-mode http-keep-alive http-server-close maxconn nbthread
        hard-stop-after proxy-protocol log-format log-format-tcp dontlognull logasap syslog-server global-config-snippet
        frontend-config-snippet stats-config-snippet cr-global cr-defaults cr-frontend-http prometheus-endpoint-auth-secret
        """

    @Test("every annotation of the HAProxy controllers has a row, and every key of their ConfigMap")
    func complete() {
        let annotations = Self.annotations.split(whereSeparator: \.isWhitespace).map(String.init)
        let keys = Self.keys.split(whereSeparator: \.isWhitespace).map(String.init)
        #expect(annotations.filter { AnnotationTable.place(of: .haproxy($0)) == nil } == [])
        let ofIngressesAlone: Set<String> = ["route-acl", "standalone-backend", "ingress.class"]
        let all = keys + annotations.filter { !ofIngressesAlone.contains($0) }
        #expect(all.filter { TrafficTable.table.row(named: $0) == nil } == [])
    }

    @Test("route-acl closes its paths: it is text of a configuration")
    func refused() {
        let found = cluster(["route-acl": "path_beg /x"])
        #expect(found.allRoutes().first?.target == .answer(status: 503))
        #expect(found.reasons == ["AnnotationRefused"])
    }
}
