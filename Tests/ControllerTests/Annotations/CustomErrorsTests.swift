import Kubernetes
import Model
import Testing

@testable import Controller

@Suite("Errors that a backend answers, by annotation")
struct CustomErrorsTests {
    private static let pages = ["custom-http-errors": "404,503", "default-backend": "pages"]
    private static let name = BackendName("shop/pages:ERRORS")

    private func cluster(
        _ annotations: [String: String], _ settings: TranslationSettings = TranslationSettings(),
        _ objects: any KubernetesObject...
    ) -> TestCluster {
        var cluster = TestCluster(settings: settings)
        cluster.put(service("web"), annotated(annotations))
        for object in objects { cluster.put(object) }
        return cluster
    }

    private func told(_ cluster: TestCluster) -> ErrorDelegation? {
        cluster.allRoutes().first?.rules?.errors
    }

    @Test("custom-http-errors: the default backend of the Ingress answers, by its first port")
    func asks() throws {
        let pods = slice("pages-1", of: "pages", endpoint("10.0.0.9"))
        let found = cluster(Self.pages, TranslationSettings(), service("pages"), pods)
        let errors = try #require(told(found))
        #expect(errors.backend == Self.name && errors.statuses == [404, 503])
        #expect(errors.standsIn && !errors.leavesServersAnswers)
        #expect(found.configuration.backends[Self.name]?.servers.map(\.address) == ["10.0.0.9"])
        #expect(found.allRoutes().first?.backends.contains(Self.name) == true)
        #expect(
            errors.fields.map(\.name) == [
                "X-Format", "X-Original-URI", "X-Namespace", "X-Ingress-Name", "X-Service-Name",
                "X-Service-Port",
            ])
        #expect(found.reasons == [])
    }

    @Test(
        "X-Original-URI is what the client asked for, also where servers see another path",
        arguments: [("/", Fetch.ofRequest(.pathAndQuery)), ("/new", Fetch.ofCapture(.target))])
    func original(target: String, fetch: Fetch) throws {
        let annotations = Self.pages.merging(["rewrite-target": target]) { $1 }
        let errors = try #require(told(cluster(annotations, TranslationSettings(), service("pages"))))
        let field = try #require(errors.fields.first { $0.name == "X-Original-URI" })
        #expect(field.value == FormatString([.sample(try Expression(fetch), .encoded)]))
    }

    @Test("default-backend: its pods come and go without routes, and it appears when its Service does")
    func pools() {
        var found = cluster(Self.pages)
        #expect(found.configuration.backends[Self.name] == nil)
        #expect(found.reasons == ["ServiceNotFound"])
        found.put(service("pages"))
        #expect(found.configuration.backends[Self.name] != nil && found.reasons == [])
        let dirty = found.note(slice("pages-1", of: "pages", endpoint("10.0.0.9")))
        let change = found.translator.translatePools(dirty.services, of: found.state)
        #expect(change.backends[Self.name]??.servers.count == 1 && change.routes.isEmpty)
        found.put(annotated([:]))
        #expect(found.configuration.backends[Self.name] == nil)
    }

    @Test("default-backend alone stands in, and no status is replaced")
    func alone() {
        let found = cluster(["default-backend": "pages"], TranslationSettings(), service("pages"))
        #expect(told(found)?.statuses == [] && told(found)?.standsIn == true)
    }

    @Test("custom-http-errors without default-backend is the flags' to answer")
    func flags() {
        var settings = TranslationSettings()
        settings.defaultBackend = ObjectKey(namespace: "other", name: "fallback")
        let name = BackendName("other/fallback:ERRORS")
        var found = cluster(["custom-http-errors": "500"], settings, service("fallback", in: "other"))
        #expect(told(found)?.backend == name && told(found)?.standsIn == false)
        #expect(found.configuration.backends[name] != nil)
        found.put(annotated([:]))
        #expect(found.configuration.backends[name] == nil)
    }

    @Test("custom-http-errors without anybody to answer is told of, and changes nothing")
    func nobody() {
        let found = cluster(["custom-http-errors": "500"])
        #expect(told(found) == nil && found.reasons == ["DefaultBackendMissing"])
    }

    @Test("disable-proxy-intercept-errors leaves servers' answers")
    func leaves() {
        let found = cluster(Self.pages.merging(["disable-proxy-intercept-errors": "true"]) { $1 })
        #expect(told(found)?.leavesServersAnswers == true)
    }

    @Test(
        "statuses are those of errors, and a default backend has no namespace",
        arguments: [
            ["custom-http-errors": "200"], ["custom-http-errors": "4xx"], ["custom-http-errors": "404 600"],
            ["default-backend": "other/pages"], ["default-backend": "Pages"],
        ])
    func invalid(annotations: [String: String]) {
        #expect(cluster(annotations).reasons == ["AnnotationInvalid"])
    }

    @Test("nobody answers errors of closed paths")
    func closed() {
        let found = cluster(Self.pages.merging(["auth-type": "basic"]) { $1 })
        #expect(found.allRoutes().first?.target == .answer(status: 503) && told(found) == nil)
    }
}
