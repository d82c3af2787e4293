import Kubernetes
import Model
import Testing

@testable import Controller

@Suite("Translation of settings")
struct TrafficSettingsTests {
    private static let key = ObjectKey(namespace: "ingress", name: "settings")

    private func cluster(logsAsNginx: Bool = false) -> TestCluster {
        var settings = TranslationSettings()
        settings.logsAsNginx = logsAsNginx
        settings.globalSettings = Self.key
        settings.frontends = [
            Frontend(name: "http", binds: [Bind(port: 8080)]),
            Frontend(name: "https", binds: [Bind(port: 8443, isTLS: true)]),
        ]
        var cluster = TestCluster(settings: settings)
        cluster.put(
            service("web", ports: [port(80)]),
            slice("s", of: "web", port: 8080, endpoint("10.0.0.1", pod: "web-0")),
            ingress("web", [rule("a.test", path("/"))]))
        return cluster
    }

    private func map(_ data: [String: String]) -> ConfigMap {
        var map = ConfigMap()
        (map.meta.namespace, map.meta.name) = (Self.key.namespace, Self.key.name)
        map.data = data
        return map
    }

    private func frontend(_ name: String, _ cluster: TestCluster) -> Frontend? {
        cluster.configuration.frontends.first { $0.name == name }
    }

    @Test("settings reach both sides of every pool and nothing else")
    func whole() {
        var cluster = cluster()
        let change = cluster.put(
            map(["timeout-server": "5s", "timeout-client": "6s", "compression": "gzip"]))
        #expect(change.frontends?.map(\.timeouts.client) == [6_000, 6_000])
        #expect(change.backends.keys.map(\.description) == ["shop/web:80"])
        let backend = cluster.configuration.backends[BackendName("shop/web:80")]
        #expect(backend?.timeouts.server == 5_000)
        #expect(backend?.compression?.algorithms == [.gzip])
        #expect(change.routes.isEmpty && change.certificates.isEmpty)
    }

    private func bodySizes(_ cluster: TestCluster) -> [Int64] {
        Set(cluster.configuration.routes.values.flatMap(\.routes).compactMap { $0.limits?.maxBodySize })
            .sorted()
    }

    @Test("ingress-nginx's defaults hold without a ConfigMap, and what one says counts")
    func nginxDefaults() {
        var settings = TranslationSettings()
        settings.globalSettings = Self.key
        settings.usual = .nginx
        settings.frontends = [Frontend(name: "https", binds: [Bind(port: 8443, isTLS: true)])]
        var cluster = TestCluster(settings: settings)
        cluster.put(
            service("web", ports: [port(80)]),
            slice("s", of: "web", port: 8080, endpoint("10.0.0.1", pod: "web-0")),
            ingress("web", [rule("a.test", path("/"))]))
        #expect(frontend("https", cluster)?.maxStreams == 128)
        #expect(frontend("https", cluster)?.rules.response.count == 2, "Server goes, HSTS comes")
        #expect(
            bodySizes(cluster) == [1 << 20])
        cluster.put(map(["max-body-size": "2m", "hsts": "false", "http2-max-concurrent-streams": "100"]))
        #expect(frontend("https", cluster)?.maxStreams == 100)
        #expect(frontend("https", cluster)?.rules.response.count == 1)
        #expect(
            bodySizes(cluster) == [2 << 20])
    }

    @Test("each of ingress-nginx's defaults is a key of its ConfigMap, and no bad value")
    func usualKeys() {
        var settings = TrafficSettings()
        #expect(TrafficTable.table.take(UsualSettings.nginx.data, into: &settings).isEmpty)
        #expect(settings != TrafficSettings())
        #expect(UsualSettings.nginx.under(["max-body-size": "2m"])["proxy-body-size"] == nil)
    }

    @Test("a bad value leaves ingress-nginx's default, if no other word of the same says better")
    func usualInsteadOfBad() {
        let nginx = UsualSettings.nginx
        let bad = ["proxy-body-size": "much", "hsts": "false"]
        #expect(nginx.instead(of: ["proxy-body-size"], in: bad) == ["proxy-body-size": "1m"])
        let better = ["proxy-body-size": "much", "max-body-size": "2m"]
        #expect(nginx.instead(of: ["proxy-body-size"], in: better).isEmpty)
        #expect(UsualSettings.sluice.instead(of: ["proxy-body-size"], in: bad).isEmpty)
        let reading = SettingsReading(
            map(["proxy-body-size": "much"]), key: map([:]).meta.key, over: .nginx)
        #expect(reading.settings.maxBodySize == 1 << 20)
        #expect(reading.problems.count == 1)
    }

    @Test("lines of the log in nginx's words come with what is kept for them")
    func lines() {
        var cluster = cluster()
        cluster.put(
            map(["log-format-upstream": "$status $http_referer $arg_a", "block-cidrs": "192.0.2.0/24"]))
        let frontend = frontend("http", cluster)
        #expect(frontend?.logging?.isOfProcess == true)
        #expect(frontend?.captures.request.map(\.name) == ["referer", nil])
        guard case .capture(_, slot: 1)? = frontend?.rules.request.first?.action else {
            return #expect(Bool(false), "it is kept before anybody is refused")
        }
        cluster.put(map([:]))
        #expect(self.frontend("http", cluster)?.logging == nil)
        #expect(self.frontend("http", cluster)?.captures.isEmpty == true)
    }

    @Test("lines of ingress-nginx are written without any settings where they are asked for")
    func linesWithoutSettings() {
        var cluster = cluster(logsAsNginx: true)
        #expect(cluster.configuration.frontends.map { $0.logging?.isOfProcess } == [true, true])
        cluster.put(map(["disable-access-log": "true"]))
        #expect(cluster.configuration.frontends.map { $0.logging?.isOfProcess } == [false, false])
    }

    @Test("proxy-next-upstream: the settings' words, but where an Ingress has its own")
    func nextUpstream() {
        var cluster = cluster()
        func backend() -> Backend? { cluster.configuration.backends.values.first }
        cluster.put(map(["proxy-next-upstream": "http_503", "retry-on": "none"]))
        #expect(backend()?.retryOn == RetryConditions.status(503) && backend()?.repeatsHarmlessOnly == true)
        cluster.put(map(["proxy-next-upstream": "http_503", "retry-non-idempotent": "true"]))
        #expect(backend()?.repeatsHarmlessOnly == false)
        cluster.put(map(["proxy-next-upstream-timeout": "3", "retry-non-idempotent": "true"]))
        #expect(backend()?.retryOn == .connectionFailure && backend()?.retryTimeLimit == 3_000)
        var own = ingress("web", [rule("a.test", path("/"))])
        own.meta.annotations = ["sluice.dev/proxy-next-upstream": "http_502"]
        cluster.put(own)
        cluster.put(map(["proxy-next-upstream": "http_503", "proxy-next-upstream-timeout": "3"]))
        #expect(backend()?.retryOn == RetryConditions.status(502) && backend()?.retryTimeLimit == 3_000)
        own.meta.annotations["sluice.dev/proxy-next-upstream-timeout"] = "0s"
        cluster.put(own)
        #expect(backend()?.retryTimeLimit == 0)
    }

    @Test("where no connection comes about it is nginx's status for Ingresses")
    func withoutConnection() {
        #expect(cluster().configuration.backends.values.first?.withoutConnection == .badGateway)
    }

    @Test("what Ingresses do not say themselves is what the settings say")
    func usual() {
        var cluster = cluster()
        var pair = IngressTLS()
        (pair.secretName, pair.hosts) = ("pair", ["a.test"])
        cluster.put(ingress("web", [rule("a.test", path("/"))], tls: [pair]), secret("pair"))
        func sent() -> [String] { TestCluster.redirects(cluster.allRoutes("a.test").first?.rules?.unsecured) }
        #expect(sent() == ["308 https://"])
        cluster.put(map(["http-redirect-code": "302"]))
        #expect(sent() == ["302 https://"])
        cluster.put(map(["ssl-redirect": "false"]))
        #expect(sent() == [])
        var own = ingress("web", [rule("a.test", path("/"))], tls: [pair])
        own.meta.annotations = ["sluice.dev/ssl-redirect": "true", "sluice.dev/limit-rps": "5"]
        cluster.put(own)
        #expect(sent() == ["308 https://"])
        #expect(cluster.allRoutes("a.test").first?.limits?.status == 503)
        cluster.put(map(["limit-req-status-code": "429", "limit-conn-status-code": "420"]))
        #expect(cluster.allRoutes("a.test").first?.limits?.status == 429)
        own.meta.annotations = ["sluice.dev/limit-connections": "5"]
        cluster.put(own)
        #expect(cluster.allRoutes("a.test").first?.limits?.status == 420)
    }

    @Test("service-upstream: Services' own addresses, but where an Ingress says otherwise")
    func serviceAddresses() {
        var cluster = cluster()
        var address = service("web", ports: [port(80)])
        address.clusterIP = "10.96.0.7"
        cluster.put(address)
        #expect(cluster.servers("shop/web:80") == ["10.0.0.1:8080"])
        cluster.put(map(["service-upstream": "true"]))
        #expect(cluster.servers("shop/web:80") == ["10.96.0.7:80"])
        var own = ingress("web", [rule("a.test", path("/"))])
        own.meta.annotations = ["sluice.dev/service-upstream": "false"]
        cluster.put(own)
        #expect(cluster.servers("shop/web:80~web") == ["10.0.0.1:8080"])
    }

    @Test("what is said again as it is publishes nothing")
    func again() {
        var cluster = cluster()
        cluster.put(map(["timeout-server": "5s"]))
        #expect(cluster.put(map(["timeout-server": "5000ms"])).backends.isEmpty)
        #expect(cluster.put(map(["timeout-server": "5s", "tiemout": "1s"])).backends.isEmpty)
        #expect(cluster.reasons == ["SettingUnknown"])
    }

    @Test("what is taken back holds no more")
    func back() {
        var cluster = cluster()
        cluster.put(map(["timeout-server": "5s", "max-body-size": "1m"]))
        let change = cluster.put(map([:]))
        #expect(change.frontends?.map(\.fallbackLimits) == [nil, nil])
        #expect(cluster.allRoutes("a.test").map(\.limits) == [nil])
        #expect(cluster.configuration.backends.values.map(\.timeouts.server) == [60_000])
    }

    @Test("a bad key is told on the ConfigMap by its field")
    func bad() {
        var cluster = cluster()
        cluster.put(map(["timeout-server": "soon", "retries": "1"]))
        let finding = cluster.translator.allDiagnostics.first
        #expect(finding?.kind == "ConfigMap" && finding?.field == "data.timeout-server")
        #expect(finding?.object == Origin(namespace: "ingress", name: "settings"))
        #expect(cluster.configuration.backends.values.map(\.retries) == [1])
    }

    @Test("a ConfigMap that is not there leaves the defaults and is told of")
    func missing() {
        var cluster = cluster()
        let dirty = cluster.state.set(nil as ConfigMap?, at: Self.key)
        var named = dirty
        named.configMaps.insert(Self.key)
        let change = cluster.translator.translate(named, of: cluster.state)
        #expect(change.isEmpty)
        #expect(cluster.reasons == ["ConfigMapNotFound"])
    }

    @Test("requests without TLS are sent to HTTPS, but for those of who issues certificates")
    func redirect() throws {
        var cluster = cluster()
        cluster.put(map(["force-ssl-redirect": "true", "hsts": "true", "hide-headers": "Server"]))
        let http = try #require(frontend("http", cluster)?.rules)
        let https = try #require(frontend("https", cluster)?.rules)
        #expect(http.redirects.isEmpty && https.redirects.isEmpty)
        let ofAll = [frontend("http", cluster)?.fallbackRules, cluster.allRoutes("a.test").first?.rules]
        for rules in ofAll {
            #expect(rules?.unsecured.count == 1)
            let test = rules?.unsecured.first?.condition?.alternatives[0][0]
            #expect(test?.isNegated == true)
            #expect(
                test?.tests[0].matching
                    == .text(.prefix, [Array("/.well-known/acme-challenge/".utf8)], ignoresCase: false))
        }
        #expect(http.response.count == 1 && https.response.count == 2)
    }

    private func route(_ annotations: [String: String], beside data: [String: String]) -> Route? {
        var cluster = cluster()
        cluster.put(map(data))
        cluster.put(annotated(annotations))
        return cluster.allRoutes().first
    }

    @Test(
        "an Ingress's own body size counts in place of the one for all",
        arguments: [("", 10), ("20", 20), ("5", 5), ("0", nil), ("15r", 10)])
    func bodySize(text: String, expected: Int64?) {
        #expect(
            route(["proxy-body-size": text], beside: ["proxy-body-size": "10"])?.limits?.maxBodySize
                == expected)
    }

    @Test("what no route is for has the limits, lists and redirect for all")
    func unrouted() {
        var cluster = cluster()
        cluster.put(
            map(["proxy-body-size": "10", "allow-list": "10.0.0.0/8", "force-ssl-redirect": "true"]))
        for name in ["http", "https"] {
            let found = frontend(name, cluster)
            #expect(found?.fallbackLimits?.maxBodySize == 10)
            #expect(found?.fallbackRules?.access.count == 1 && found?.fallbackRules?.unsecured.count == 1)
            #expect(found?.rules.request.isEmpty == true)
        }
    }

    /// The networks that the rules of access are about.
    private func networks(_ rules: RouteRules?) -> [[String]] {
        (rules?.access ?? []).compactMap { rule in
            guard case .address(let networks)? = rule.condition?.alternatives[0][0].tests[0].matching else {
                return nil
            }
            return networks
        }
    }

    @Test("an Ingress's own list counts in place of the one for all, and each by itself")
    func lists() {
        let all = ["whitelist-source-range": "10.0.0.0/8", "denylist-source-range": "10.0.0.1"]
        #expect(networks(route([:], beside: all)?.rules) == [["10.0.0.1"], ["10.0.0.0/8"]])
        let allowing = route(["allowlist-source-range": "192.0.2.1"], beside: all)?.rules
        #expect(networks(allowing) == [["10.0.0.1"], ["192.0.2.1"]])
        let denying = route(["denylist-source-range": "192.0.2.1"], beside: all)?.rules
        #expect(networks(denying) == [["192.0.2.1"], ["10.0.0.0/8"]])
        #expect(allowing?.isAccessOfAll == false)
        #expect(route([:], beside: all)?.rules?.isAccessOfAll == true)
    }

    @Test("lists for all leave a default backend open, whose requests they are asked about too")
    func defaultBackend() {
        var cluster = cluster()
        cluster.put(map(["allow-list": "10.0.0.0/8"]))
        var object = annotated([:])
        object.defaultBackend = to("web")
        cluster.put(object)
        #expect(cluster.configuration.fallback == .backend(BackendName("shop/web:80")))
    }

    @Test(
        "a list that can not be read, and block-cidrs, hold whatever an Ingress says",
        arguments: [["allow-list": "office"], ["block-cidrs": "192.0.2.0/24"]])
    func shut(data: [String: String]) {
        var cluster = cluster()
        cluster.put(map(data))
        #expect(frontend("http", cluster)?.rules.request.count == 1)
        #expect(frontend("http", cluster)?.fallbackRules == nil)
    }

    @Test("force-ssl-redirect for all: an Ingress may say otherwise, and its other redirects come first")
    func forced() {
        let all = ["force-ssl-redirect": "true", "http-redirect-code": "301"]
        #expect(TestCluster.redirects(route([:], beside: all)?.rules?.unsecured) == ["301 https://"])
        #expect(route(["force-ssl-redirect": "false"], beside: all)?.rules == nil)
        let moved = route(["permanent-redirect": "/new"], beside: all)?.rules
        #expect(TestCluster.redirects(moved?.first) == ["301 /new"])
    }

    @Test("http-redirect-code is that of all redirects to HTTPS and between names")
    func code() {
        var cluster = cluster()
        cluster.put(annotated(["force-ssl-redirect": "true", "from-to-www-redirect": "true"]))
        cluster.put(map(["http-redirect-code": "301"]))
        #expect(TestCluster.redirects(cluster.allRoutes().first?.rules?.unsecured) == ["301 https://"])
        let sent = cluster.allRoutes("www.shop.example").first?.rules?.first
        #expect(TestCluster.redirects(sent) == ["301 ://shop.example"])
        cluster.put(map([:]))
        #expect(TestCluster.redirects(cluster.allRoutes().first?.rules?.unsecured) == ["308 https://"])
    }

    @Test("TLS is the listener's that speaks it, and who set it hears of what OpenSSL refuses")
    func tls() {
        var cluster = cluster()
        cluster.put(
            map(["ssl-protocols": "TLSv1.3", "ssl-strict-sni": "true", "use-proxy-protocol": "true"]))
        let (http, https) = (frontend("http", cluster), frontend("https", cluster))
        #expect(http?.binds[0].tlsParameters == nil && http?.binds[0].isStrictSNI == false)
        #expect(https?.binds[0].tlsParameters?.minimum == .tls13 && https?.binds[0].isStrictSNI == true)
        #expect(https?.subject?.object == Origin(namespace: "ingress", name: "settings"))
        #expect(http?.binds[0].proxyProtocol == .everyone)
    }

    @Test("ports of TCP services keep what is theirs")
    func tcp() {
        var frontend = Frontend(name: "tcp-1", binds: [Bind(port: 1)])
        frontend.mode = .tcp
        var settings = TrafficSettings()
        settings.maxBodySize = 1
        settings.trust.proxyProtocol = .everyone
        settings.clientTimeouts.client = 7
        let applied = settings.applied(
            to: frontend, from: Subject(kind: "", object: Origin(namespace: "", name: ""), field: ""))
        #expect(applied.binds == frontend.binds && applied.rules.isEmpty)
        #expect(applied.fallbackLimits == nil && applied.fallbackRules == nil)
        #expect(applied.timeouts.client == 7)
    }
}
