import Kubernetes
import Model
import Testing

@testable import Controller

@Suite("External authentication by annotation")
struct ExternalAuthenticationTests {
    private let inside = ["auth-url": "http://auth.other.svc.cluster.local/check"]

    private func cluster(_ annotations: [String: String], _ objects: any KubernetesObject...) -> TestCluster {
        var cluster = TestCluster()
        cluster.put(service("web"), annotated(annotations))
        for object in objects { cluster.put(object) }
        return cluster
    }

    private func asked(_ cluster: TestCluster) -> RequestAuthorization? {
        cluster.allRoutes().first?.rules?.authorization
    }

    @Test("auth-url: a Service of any namespace is asked by its endpoints, with settings of its own")
    func service_() throws {
        let pods = slice("auth-1", of: "auth", in: "other", endpoint("10.0.0.9"))
        let found = cluster(inside, service("auth", in: "other"), pods)
        let name = BackendName("other/auth:80:AUTH")
        #expect(asked(found)?.backend == name)
        let backend = try #require(found.configuration.backends[name])
        #expect(backend.servers.map(\.address) == ["10.0.0.9"])
        #expect(backend.retries == 1 && backend.retryOn == .emptyResponse && backend.reuse == .always)
        #expect(backend.servers.first?.tls == nil && backend.servers.first?.speaks == .http1)
        #expect(found.reasons == [])
    }

    @Test("auth-url: pods of who is asked come and go without routes")
    func pools() {
        var found = cluster(inside, service("auth", in: "other"))
        let dirty = found.note(slice("auth-1", of: "auth", in: "other", endpoint("10.0.0.9")))
        let change = found.translator.translatePools(dirty.services, of: found.state)
        #expect(change.backends[BackendName("other/auth:80:AUTH")]??.servers.count == 1)
        #expect(change.routes.isEmpty)
    }

    @Test("auth-url: a Service that is not there lets nobody in, and is told of")
    func missing() {
        var found = cluster(inside)
        #expect(asked(found)?.backend == BackendName("other/auth:80:AUTH"))
        #expect(found.configuration.backends[BackendName("other/auth:80:AUTH")] == nil)
        #expect(found.reasons == ["ServiceNotFound"])
        found.put(service("auth", in: "other"))
        #expect(found.configuration.backends[BackendName("other/auth:80:AUTH")] != nil)
        #expect(found.reasons == [])
    }

    @Test("auth-url: another host is resolved while somebody asks it")
    func outside() throws {
        var found = cluster(["auth-url": "https://login.example/check"])
        let name = BackendName("login.example:443:AUTHS")
        #expect(asked(found)?.backend == name)
        #expect(found.translator.needs.externalNames == ["login.example"])
        #expect(found.configuration.backends[name]?.servers == [])
        let dirty = found.state.setAddresses(["192.0.2.1"], of: "login.example")
        _ = found.translator.translate(dirty, of: found.state)
        let server = try #require(found.configuration.backends[name]?.servers.first)
        #expect(server.address == "192.0.2.1" && server.port == 443)
        #expect(
            server.tls?.serverName == .fixed("login.example")
                && server.tls?.verification == ServerTLS.Verification.none)
        found.put(annotated([:]))
        #expect(found.translator.needs.externalNames.isEmpty)
        #expect(found.configuration.backends[name] == nil)
    }

    @Test("auth-url: addresses of this machine are refused in a cluster")
    func local() {
        let found = cluster(["auth-url": "http://127.0.0.1:10254/"])
        #expect(found.reasons == ["ExternalNameRefused"])
        #expect(found.configuration.backends[BackendName("127.0.0.1:10254:AUTH")] == nil)
    }

    @Test("auth-url: with the request's own host nobody is named")
    func own() {
        let found = cluster(["auth-url": "https://$host/oauth2/auth"])
        #expect(asked(found) != nil && asked(found)?.backend == nil)
        #expect(found.reasons == [])
    }

    @Test(
        "what can not be used closes the paths",
        arguments: [
            ("auth-url", "http://../x"), ("auth-url", "http://a/$nothing"), ("auth-method", "CONNECT"),
            ("auth-method", "GETS"), ("auth-signin", "javascript:x"), ("auth-signin", "https://a/ b"),
            ("auth-signin", "https://a/$nothing"), ("auth-response-headers", "A,B C:"),
            ("auth-response-headers", "Host"), ("auth-response-headers", "transfer-encoding"),
            ("auth-request-redirect", "$nothing"), ("auth-signin-redirect-param", "a b&"),
        ])
    func unusable(name: String, value: String) {
        let found = cluster(inside.merging([name: value]) { $1 })
        #expect(found.routes("shop.example") == ["/ prefix -> 503"])
    }

    @Test("auth-response-headers: names are kept in lower case")
    func taken() {
        let found = cluster(inside.merging(["auth-response-headers": "X-User, Authorization"]) { $1 })
        #expect(asked(found)?.taken == ["x-user", "authorization"])
    }

    @Test("satisfy: any leaves lists and passwords to who is asked")
    func any() {
        let lists = ["satisfy": "any", "allowlist-source-range": "10.0.0.0/8"]
        let found = cluster(inside.merging(lists) { $1 })
        #expect(found.allRoutes().first?.rules?.access == [])
        #expect(asked(found)?.needless?.alternatives.count == 1)
        let all = cluster(inside.merging(["allowlist-source-range": "10.0.0.0/8"]) { $1 })
        #expect(all.allRoutes().first?.rules?.access.count == 1)
        #expect(asked(all)?.needless == nil)
    }

    @Test("who issues certificates is not asked about")
    func exempt() {
        var cluster = TestCluster()
        cluster.put(
            service("web"), annotated(inside, paths: path("/"), path("/.well-known/acme-challenge/x")))
        let routes = cluster.allRoutes()
        #expect(routes.map { $0.rules?.authorization != nil } == [true, false])
    }

    @Test("auth-cache-key: for each path its own, and not without it")
    func keeping() throws {
        #expect(asked(cluster(inside))?.keeping == nil)
        var found = cluster(inside.merging(["auth-cache-key": "$cookie_a"]) { $1 })
        let keeping = try #require(asked(found)?.keeping)
        #expect(keeping.lifetimes == [200: 300_000, 202: 300_000, 401: 300_000])
        guard case .text(let place) = keeping.key.parts.first else { throw TestFailure() }
        #expect(String(decoding: place, as: UTF8.self) == "shop/web /\n")
        found.put(annotated(inside.merging(["auth-cache-key": "$nothing"]) { $1 }))
        #expect(asked(found) != nil && asked(found)?.keeping == nil)
        #expect(found.reasons.contains("AnnotationInvalid"))
    }

    private struct TestFailure: Error {}

    @Test(
        "auth-cache-duration: statuses and a time behind them",
        arguments: [
            ("200 202 401 5m", [200: 300_000, 202: 300_000, 401: 300_000]),
            ("200 202 10m, 401 30s", [200: 600_000, 202: 600_000, 401: 30_000]),
            ("200 5,", [200: 5_000]), ("1h", [200: 3_600_000, 301: 3_600_000, 302: 3_600_000]),
            ("200 500ms", [200: 500]), ("200 0", [200: 0]), ("200 9d", [200: 604_800_000]),
            ("200 1y, 401 1w", [200: 604_800_000, 401: 604_800_000]),
        ] as [(String, [UInt16: Int])])
    func durations(text: String, expected: [UInt16: Int]) {
        #expect(SettingForm<[UInt16: Int]>.cacheLifetimes.read(text, as: .nginx) == expected)
    }

    @Test(
        "auth-cache-duration: what is none closes the paths",
        arguments: ["", "200", "5m 200", "any 1m", "200 1q", "200 -1", "200x 5m", "20 5m", ",", "200 5m 6m"])
    func notDurations(text: String) {
        #expect(SettingForm<[UInt16: Int]>.cacheLifetimes.read(text, as: .nginx) == nil)
        guard text.contains(where: { !$0.isWhitespace }) else { return }
        let found = cluster(
            inside.merging(["auth-cache-key": "$cookie_a", "auth-cache-duration": text]) { $1 })
        #expect(found.routes("shop.example") == ["/ prefix -> 503"])
    }

    @Test("a default backend of an Ingress that asks is led to by asking")
    func defaultBackend() {
        var object = annotated(inside)
        object.rules = []
        object.defaultBackend = to("web")
        let found = cluster([:], object)
        #expect(found.configuration.fallback == nil)
        #expect(found.allRoutes("").map { $0.rules?.authorization != nil } == [true])
    }

    // MARK: For all

    private func global(_ data: [String: String]) -> ConfigMap {
        var map = ConfigMap()
        (map.meta.namespace, map.meta.name, map.data) = ("sluice", "settings", data)
        return map
    }

    private func clusterOfAll(_ data: [String: String], _ annotations: [String: String] = [:]) -> TestCluster
    {
        var settings = TranslationSettings()
        settings.globalSettings = ObjectKey(namespace: "sluice", name: "settings")
        var cluster = TestCluster(settings: settings)
        cluster.put(service("web"), annotated(annotations), global(data))
        return cluster
    }

    @Test("global-auth-url: asked about what asks nobody itself")
    func globally() {
        var found = clusterOfAll(["global-auth-url": "http://auth.other.svc/all"])
        #expect(asked(found)?.backend == BackendName("other/auth:80:AUTH"))
        #expect(found.reasons == ["ServiceNotFound"])
        found.put(service("auth", in: "other"))
        #expect(found.configuration.backends[BackendName("other/auth:80:AUTH")] != nil)
        #expect(found.reasons == [])
        found.put(annotated(["enable-global-auth": "false"]))
        #expect(asked(found) == nil)
        found.put(annotated(["auth-url": "http://auth.other.svc:81/own"]))
        #expect(asked(found)?.backend == BackendName("other/auth:81:AUTH"))
        #expect(found.configuration.backends[BackendName("other/auth:80:AUTH")] == nil)
    }

    /// An Ingress of nothing but a default backend.
    private func rest(_ annotations: [String: String] = [:]) -> Ingress {
        var object = annotated(annotations)
        (object.rules, object.defaultBackend) = ([], to("web"))
        return object
    }

    @Test("global-auth-url: asked about a default backend, also that of an Ingress without annotations")
    func globallyByDefault() {
        let asking = global(["global-auth-url": "http://auth.other.svc/all"])
        var found = clusterOfAll(asking.data)
        func isAsked() -> [Bool] { found.allRoutes("").map { $0.rules?.authorization != nil } }
        found.put(rest())
        #expect(found.configuration.fallback == nil && isAsked() == [true])
        #expect(found.reasons == ["ServiceNotFound"])
        found.put(global([:]))
        #expect(found.configuration.fallback == .backend(BackendName("shop/web:80")) && isAsked() == [])
        found.put(asking)
        #expect(found.configuration.fallback == nil && isAsked() == [true])
        found.put(rest(["enable-global-auth": "false"]))
        #expect(found.configuration.fallback == .backend(BackendName("shop/web:80")) && isAsked() == [])
    }

    @Test("global-auth-url: lists and the redirect for all hold for a default backend that it is asked about")
    func besidesByDefault() {
        var data = ["global-auth-url": "http://auth.other.svc/all", "force-ssl-redirect": "true"]
        (data["whitelist-source-range"], data["denylist-source-range"]) = ("10.0.0.0/8", "10.0.0.1")
        var found = clusterOfAll(data)
        found.put(rest())
        #expect(found.allRoutes("").map { $0.rules?.access.count } == [2])
        #expect(found.allRoutes("").map { $0.rules?.unsecured.count } == [1])
        found.put(rest(["force-ssl-redirect": "false"]))
        #expect(found.allRoutes("").map { $0.rules?.unsecured.count } == [0])
    }

    @Test("global-auth-url: comes and goes with the ConfigMap, its backend with it")
    func comesAndGoes() {
        var found = clusterOfAll([:])
        found.put(service("auth", in: "other"))
        #expect(asked(found) == nil)
        found.put(global(["global-auth-url": "http://auth.other.svc/all"]))
        #expect(asked(found)?.backend == BackendName("other/auth:80:AUTH"))
        found.put(global(["global-auth-url": "https://login.example/all"]))
        #expect(asked(found)?.backend == BackendName("login.example:443:AUTHS"))
        #expect(found.translator.needs.externalNames == ["login.example"])
        #expect(found.configuration.backends[BackendName("other/auth:80:AUTH")] == nil)
        found.put(global([:]))
        #expect(asked(found) == nil)
        #expect(found.translator.needs.externalNames.isEmpty)
    }

    @Test("no-auth-locations: paths that nobody is asked about")
    func openPaths() {
        let found = clusterOfAll([
            "global-auth-url": "http://auth.other.svc/all", "no-auth-locations": "/x,/",
        ])
        #expect(asked(found) == nil)
    }
}
