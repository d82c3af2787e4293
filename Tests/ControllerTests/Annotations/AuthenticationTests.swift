import Kubernetes
import Model
import Testing

@testable import Controller

/// A Secret `shop/NAME` of texts.
func opaque(_ name: String, in namespace: String = "shop", _ data: [String: String]) -> Secret {
    var object = secret(name, in: namespace, type: "Opaque")
    object.data = data.mapValues { Array($0.utf8) }
    return object
}

@Suite("Names and passwords by annotation")
struct AuthenticationTests {
    private let basic = ["auth-type": "basic", "auth-secret": "auth"]

    private func cluster(_ annotations: [String: String], _ secrets: Secret...) -> TestCluster {
        var cluster = TestCluster()
        cluster.put(service("web"), annotated(annotations))
        for secret in secrets { cluster.put(secret) }
        return cluster
    }

    private func actions(_ cluster: TestCluster) -> [HTTPAction] {
        (cluster.allRoutes().first?.rules).map { ($0.access + $0.request).map(\.action) } ?? []
    }

    private let removal = HTTPAction.change(.removeFields(.text(.exact, "authorization")))

    @Test("auth-type: basic asks for a name and a password of the Secret, which servers do not see")
    func asks() {
        let found = cluster(
            basic.merging(["auth-realm": "Say \"who\" \\"]) { $1 }, opaque("auth", ["auth": "joe:x\n"]))
        #expect(actions(found) == [.authenticate(realm: #"Say \"who\" \\"#), removal])
        var list = UserList("shop/auth")
        list.users = [.init("joe", .hashed("x"))]
        #expect(found.configuration.userLists == [list])
        #expect(found.reasons == [])
    }

    @Test("auth-realm: nothing is said without it")
    func noRealm() {
        #expect(actions(cluster(basic, opaque("auth", ["auth": ""]))).first == .authenticate(realm: ""))
    }

    @Test("auth-secret-type: auth-map takes each key for a user")
    func map() {
        let found = cluster(
            basic.merging(["auth-secret-type": "auth-map"]) { $1 }, opaque("auth", ["b": "y\n", "a": "x"]))
        #expect(found.configuration.userLists.map(\.name) == ["shop/auth#map"])
        #expect(
            found.configuration.userLists.first?.users == [
                .init("a", .hashed("x")), .init("b", .hashed("y")),
            ])
    }

    @Test(
        "what can not be asked for closes the paths",
        arguments: [
            (["auth-type": "basic"], "AnnotationIncomplete"),
            (["auth-type": "digest", "auth-secret": "auth"], "AnnotationRefused"),
            (["auth-type": "basic", "auth-secret": "missing"], "SecretNotFound"),
            (["auth-type": "basic", "auth-secret": "other/auth"], "SecretRefused"),
            (["auth-type": "basic", "auth-secret": "tls"], "SecretUnusable"),
        ])
    func closed(annotations: [String: String], reason: String) {
        let found = cluster(
            annotations, opaque("auth", ["auth": "joe:x"]), opaque("auth", in: "other", ["auth": "joe:x"]),
            secret("tls"))
        #expect(found.routes("shop.example") == ["/ prefix -> 503"])
        #expect(found.reasons == [reason])
        #expect(found.configuration.userLists == [])
    }

    @Test("auth-secret without auth-type asks nobody; bad values leave the Ingress out")
    func others() {
        #expect(cluster(["auth-secret": "auth"]).allRoutes().first?.rules == nil)
        for bad in [["auth-type": "oauth"], ["auth-secret": "../auth"], ["auth-secret-type": "file"]] {
            #expect(AnnotationReading(annotated(bad)).failure == .leavesIngressOut)
        }
    }

    @Test("a Secret that appears, changes and goes away is followed")
    func live() {
        var found = cluster(basic)
        #expect(found.translator.needs.unknownSecrets == [key("auth")])
        #expect(found.routes("shop.example") == ["/ prefix -> 503"])
        found.put(opaque("auth", ["auth": "joe:x"]))
        #expect(found.routes("shop.example") == ["/ prefix -> shop/web:80"])
        #expect(found.translator.needs.unknownSecrets == [key("auth")])
        let change = found.put(opaque("auth", ["auth": "joe:y"]))
        #expect(change.userLists?.first?.users == [.init("joe", .hashed("y"))])
        #expect(change.routes.isEmpty && change.certificates.isEmpty)
        found.remove(opaque("auth", [:]))
        #expect(found.routes("shop.example") == ["/ prefix -> 503"])
        #expect(found.configuration.userLists == [])
        found.remove(annotated(basic))
        #expect(found.translator.needs.unknownSecrets == [])
        #expect(found.reasons == [])
    }

    @Test("a Secret of passwords is no certificate")
    func noCertificate() {
        let found = cluster(["auth-type": "basic", "auth-secret": "tls"], secret("tls"))
        #expect(found.configuration.certificates.isEmpty)
    }

    @Test("two Ingresses of one Secret share a list")
    func shared() {
        var found = cluster(basic, opaque("auth", ["auth": "joe:x"]))
        var second = annotated(basic, host: "second.example")
        second.meta.name = "second"
        found.put(second)
        #expect(found.configuration.userLists.count == 1)
        found.remove(second)
        #expect(found.configuration.userLists.count == 1)
    }

    @Test("satisfy: any lets the allowed in without a password, and the others with one")
    func either() throws {
        let lists = [
            "satisfy": "any", "allowlist-source-range": "10.0.0.0/8", "denylist-source-range": "10.1.0.0/16",
        ]
        let found = cluster(basic.merging(lists) { $1 }, opaque("auth", ["auth": "joe:x"]))
        #expect(actions(found) == [.authenticate(realm: ""), removal])
        let condition = try #require(found.allRoutes().first?.rules?.access.first?.condition)
        #expect(condition.isNegated)
        #expect(condition.alternatives.map(\.count) == [1, 2])
        #expect(condition.alternatives.last?.map(\.isNegated) == [true, false])
    }

    @Test("satisfy: any without a list asks everybody, and without a password the lists decide")
    func eitherOfOne() throws {
        let asked = cluster(basic.merging(["satisfy": "any"]) { $1 }, opaque("auth", ["auth": "joe:x"]))
        #expect(asked.allRoutes().first?.rules?.access.first?.condition?.alternatives.count == 1)
        let listed = cluster(["satisfy": "any", "allowlist-source-range": "10.0.0.0/8"])
        #expect(actions(listed) == [.deny(.page(403))])
    }

    @Test("satisfy: all, the default, asks those who are let in")
    func both() {
        let found = cluster(
            basic.merging(["allowlist-source-range": "10.0.0.0/8"]) { $1 }, opaque("auth", ["auth": "joe:x"]))
        #expect(actions(found) == [.deny(.page(403)), .authenticate(realm: ""), removal])
    }

    @Test("paths of ACME's challenges are not asked")
    func challenge() {
        var found = TestCluster()
        found.put(
            service("web"), opaque("auth", ["auth": "joe:x"]),
            annotated(basic, paths: path("/.well-known/acme-challenge/x", "Exact"), path("/")))
        let asked = found.allRoutes().filter { $0.rules != nil }
        #expect(asked.map(\.path) == ["/"])
    }

    @Test("an Ingress that asks is a default backend which asks")
    func fallback() {
        var object = annotated(basic)
        object.rules = []
        object.defaultBackend = to("web")
        var found = TestCluster()
        found.put(service("web"), opaque("auth", ["auth": "joe:x"]), object)
        #expect(found.configuration.fallback == nil)
        #expect(found.routes("") == ["/ prefix -> shop/web:80"])
        #expect(found.allRoutes("")[0].rules?.access.isEmpty == false)
    }

    @Test("haproxy.org/: keys are users, and the realm has a default")
    func haproxy() {
        let found = cluster(
            ["haproxy.org/auth-type": "basic-auth", "haproxy.org/auth-secret": "auth"],
            opaque("auth", ["joe": "x"]))
        #expect(actions(found).first == .authenticate(realm: "Protected Content"))
        #expect(found.configuration.userLists.first?.users == [.init("joe", .hashed("x"))])
    }

    @Test(
        "lines of htpasswd: comments, empty lines and what is no entry are passed over",
        arguments: [
            ("joe:x", ["joe"]), ("joe:x\r\njane:y:Jane\n\n#none:z\n", ["joe", "jane"]), (":x", []),
            ("joe", []), ("joe:", []), ("joe: \n", []), ("", []), ("\n\n", []),
        ])
    func lines(text: String, names: [String]) {
        let users = PasswordFile.users(Array(text.utf8))
        #expect(users.map(\.name) == names)
        #expect(users.allSatisfy { $0.password == .hashed("x") || $0.password == .hashed("y") })
    }
}
