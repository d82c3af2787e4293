import Kubernetes
import Model
import Testing

@testable import Controller

@Suite("ConfigMaps that annotations and settings name")
struct FieldSourcesTests {
    private func map(_ name: String, in namespace: String = "shop", _ data: [String: String]) -> ConfigMap {
        var map = ConfigMap()
        (map.meta.namespace, map.meta.name, map.data) = (namespace, name, data)
        return map
    }

    private func cluster(_ annotations: [String: String], allowing names: String = "X-A, x-b") -> TestCluster
    {
        var settings = TranslationSettings()
        settings.globalSettings = key("settings", in: "ops")
        var cluster = TestCluster(settings: settings)
        cluster.put(
            service("web"), annotated(annotations),
            map("settings", in: "ops", ["global-allowed-response-headers": names]))
        return cluster
    }

    private func set(_ name: String, _ value: String) -> HTTPRule {
        HTTPRule(.change(.setField(name, FormatString([.text(Array(value.utf8))]))))
    }

    private func after(_ cluster: TestCluster) -> [HTTPRule]? { cluster.allRoutes().first?.rules?.after }

    private static let closed = ["/ prefix -> 503"]
    private static let open = ["/ prefix -> shop/web:80"]

    @Test("custom-headers: paths are closed until the ConfigMap is there, and follow what it holds")
    func heals() {
        var found = cluster(["custom-headers": "fields"])
        #expect(found.routes("shop.example") == Self.closed)
        #expect(found.reasons == ["ConfigMapNotFound"])
        found.put(map("fields", ["X-A": "one $host"]))
        #expect(found.routes("shop.example") == Self.open && found.reasons == [])
        #expect(after(found) == [set("X-A", "one $host")])
        found.put(map("fields", ["X-A": "two", "X-B": "three"]))
        #expect(after(found) == [set("X-A", "two"), set("X-B", "three")])
        found.remove(map("fields", [:]))
        #expect(found.routes("shop.example") == Self.closed)
    }

    @Test("custom-headers: of another namespace too, where ingress-nginx looks")
    func namespaces() {
        var found = cluster(["custom-headers": "other/fields"])
        found.put(map("fields", in: "other", ["X-A": "one"]))
        #expect(after(found) == [set("X-A", "one")])
    }

    @Test("custom-headers: a field that is not allowed closes the paths, whatever the others are")
    func allowed() {
        var found = cluster(["custom-headers": "fields"])
        found.put(map("fields", ["X-A": "one", "X-C": "two"]))
        #expect(found.routes("shop.example") == Self.closed)
        #expect(found.reasons == ["FieldNotAllowed"])
        found.put(map("settings", in: "ops", ["global-allowed-response-headers": "X-A,X-B,X-C"]))
        #expect(found.routes("shop.example") == Self.open && found.reasons == [])
        found.put(map("settings", in: "ops", [:]))
        #expect(found.routes("shop.example") == Self.closed)
    }

    @Test(
        "custom-headers: a field that is none closes the paths",
        arguments: [["X-A": "a\r\nX-C: d"], ["X A": "a"], ["X-A": ""], ["Connection": "close"]])
    func invalid(data: [String: String]) {
        var found = cluster(["custom-headers": "fields"], allowing: "X-A,Connection")
        found.put(map("fields", data))
        #expect(found.routes("shop.example") == Self.closed)
        #expect(found.reasons == ["FieldInvalid"])
        found.put(map("fields", ["X-A": "a"]))
        #expect(found.routes("shop.example") == Self.open)
    }

    @Test("ConfigMaps are asked for while ours name them")
    func needs() {
        var found = cluster(["custom-headers": "other/fields", "auth-proxy-set-headers": "shop/more"])
        #expect(found.translator.needs.configMaps == [key("fields", in: "other"), key("more")])
        found.put(map("more", ["X-A": "a"]))
        #expect(found.translator.needs.configMaps.count == 2, "they are followed further")
        found.put(annotated(["auth-proxy-set-headers": "other/more"]))
        #expect(found.translator.needs.configMaps.isEmpty, "of another namespace: never read")
        found.put(annotated(["custom-headers": "fields"]))
        #expect(found.translator.needs.configMaps == [key("fields")])
        found.remove(annotated([:]))
        #expect(found.translator.needs.configMaps.isEmpty)
    }

    // MARK: Questions

    private func asked(_ cluster: TestCluster) -> [String: FormatString]? {
        cluster.allRoutes().first?.rules?.authorization.map { asked in
            Dictionary(asked.fields.map { ($0.name.lowercased(), $0.value) }) { first, _ in first }
        }
    }

    private let asking = [
        "auth-url": "http://web.shop.svc.cluster.local/ok", "auth-proxy-set-headers": "shop/fields",
    ]

    @Test("auth-proxy-set-headers: fields of the question, with variables, in place of ours")
    func question() {
        var found = cluster(asking)
        #expect(found.routes("shop.example") == Self.closed && found.reasons == ["ConfigMapNotFound"])
        found.put(map("fields", ["X-Team": "$namespace/$ingress_name", "X-Sent-From": "me"]))
        #expect(found.routes("shop.example") == Self.open && found.reasons == [])
        let text = { (text: String) in FormatString([.text(Array(text.utf8))]) }
        #expect(asked(found)?["x-sent-from"] == text("me"))
        #expect(asked(found)?["x-original-url"] != nil)
        #expect(asked(found)?["x-team"]?.parts.count == 3)
        found.put(map("fields", ["X-Team": "$nothing"]))
        #expect(found.routes("shop.example") == Self.closed && found.reasons == ["FieldInvalid"])
    }

    @Test("auth-proxy-set-headers: a ConfigMap of another namespace closes the paths")
    func foreign() {
        var found = cluster(asking.merging(["auth-proxy-set-headers": "other/fields"]) { $1 })
        found.put(map("fields", in: "other", ["X-A": "a"]))
        #expect(found.routes("shop.example") == Self.closed)
        #expect(found.reasons == ["ConfigMapRefused"])
    }

    @Test("auth-proxy-set-headers: without auth-url it says nothing")
    func alone() {
        #expect(cluster(["auth-proxy-set-headers": "shop/fields"]).routes("shop.example") == Self.open)
    }

    // MARK: For all

    @Test("add-headers and proxy-set-headers: ConfigMaps that the ConfigMap of settings names")
    func global() throws {
        var found = cluster([:])
        let names = ["add-headers": "ops/answers", "proxy-set-headers": "requests"]
        found.put(map("settings", in: "ops", names))
        #expect(
            found.translator.needs.settingsConfigMaps == [
                key("answers", in: "ops"), key("requests", in: "ops"),
            ])
        #expect(found.reasons == ["ConfigMapNotFound", "ConfigMapNotFound"])
        #expect(
            found.translator.allDiagnostics.map(\.field) == ["data.add-headers", "data.proxy-set-headers"])
        found.put(map("answers", in: "ops", ["X-A": "a", "X-B": "$namespace"]))
        found.put(map("requests", in: "ops", ["X-C": "c", "Host": "h"]))
        let problems = found.translator.allDiagnostics
        #expect(
            problems.map { "\($0.object.name) \($0.field)" } == ["answers data.X-B", "requests data.Host"])
        #expect(problems.allSatisfy { $0.reason == "FieldInvalid" && $0.severity == .error })
        let backend = try #require(found.configuration.backends[BackendName("shop/web:80")])
        #expect(backend.rules.request == [set("X-C", "c")])
        found.put(map("requests", in: "ops", ["X-C": "d"]))
        #expect(
            found.configuration.backends[BackendName("shop/web:80")]?.rules.request == [set("X-C", "d")])
        found.put(map("settings", in: "ops", [:]))
        #expect(found.configuration.backends[BackendName("shop/web:80")]?.rules.request == [])
        #expect(found.translator.needs.settingsConfigMaps.isEmpty && found.reasons == [])
    }

    @Test("add-headers: rules of every side that speaks HTTP")
    func frontends() {
        var settings = TrafficSettings()
        settings.fields.answered = FieldMap(["X-A": "a"], .ofRequests)
        let subject = Subject(kind: "ConfigMap", object: Origin(namespace: "a", name: "b"), field: "")
        let http = settings.applied(to: Frontend(name: "http", binds: [Bind(port: 80)]), from: subject)
        #expect(http.rules.afterResponse == [set("X-A", "a")])
        var given = Frontend(name: "tcp", binds: [Bind(port: 81)])
        given.mode = .tcp
        #expect(settings.applied(to: given, from: subject).rules.isEmpty)
    }

    @Test("who is asked, and who writes errors, is not told what servers are")
    func others() {
        var backend = Backend(servers: [], origin: Origin(namespace: "a", name: "b"))
        backend.rules.request = [set("X-C", "c")]
        var errors = backend
        backend.takeQuestions(named: key("auth"), isSecure: false)
        errors.takeErrors()
        #expect(backend.rules.isEmpty && errors.rules.isEmpty)
    }

    @Test("global-auth-proxy-set-headers: the same of who is asked about everything")
    func globalQuestion() {
        var found = cluster([:])
        found.put(
            map(
                "settings", in: "ops",
                [
                    "global-auth-url": "http://web.shop.svc/ok", "global-auth-proxy-set-headers": "fields",
                ]))
        #expect(asked(found)?["x-team"] == nil && found.reasons == ["ConfigMapNotFound"])
        found.put(map("fields", in: "ops", ["X-Team": "ours"]))
        #expect(asked(found)?["x-team"] == FormatString([.text(Array("ours".utf8))]))
        #expect(found.reasons == [])
    }
}
