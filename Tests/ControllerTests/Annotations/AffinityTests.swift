import Kubernetes
import Model
import Testing

@testable import Controller

@Suite("Affinity by annotation")
struct AffinityTests {
    private func cookie(_ annotations: [String: String], _ paths: IngressPath..., uid: String = "u-1")
        -> PersistenceCookie?
    {
        var cluster = TestCluster()
        var object = annotated(annotations)
        if !paths.isEmpty { object.rules[0].paths = paths }
        object.meta.uid = uid
        cluster.put(service("web"), object)
        return cluster.configuration.backends[BackendName("shop/web:80~web")]?.persistence.cookie
    }

    @Test("affinity: a cookie that scripts and servers do not see, for the Ingress's path")
    func standard() throws {
        let found = try #require(cookie(["affinity": "cookie"], path("/app")))
        #expect(found.name == "INGRESSCOOKIE")
        #expect(found.mode == .insert)
        #expect(found.isHTTPOnly && found.isIndirect && !found.isSecure)
        #expect(found.path == "/app")
        #expect(found.domains == [] && found.attributes == [])
        #expect(found.flaw == nil)
    }

    @Test("affinity: values are made from what is the same on every replica, and nobody else's")
    func secret() {
        #expect(cookie(["affinity": "cookie"], uid: "u-1")?.dynamicKey == "u-1")
        #expect(cookie(["affinity": "cookie"], uid: "u-2")?.dynamicKey == "u-2")
    }

    @Test("session-cookie-*: each says one attribute")
    func attributes() throws {
        let found = try #require(
            cookie([
                "affinity": "cookie", "session-cookie-name": "route", "session-cookie-path": "/x",
                "session-cookie-domain": "example.com", "session-cookie-samesite": "lax",
                "session-cookie-secure": "true", "session-cookie-max-age": "3600",
                "session-cookie-expires": "7200",
            ]))
        #expect(found.name == "route")
        #expect(found.path == "/x")
        #expect(found.domains == ["example.com"])
        #expect(found.isSecure)
        #expect(found.attributes == ["Max-Age=3600", "SameSite=Lax"])
        #expect(cookie(["affinity": "cookie", "session-cookie-expires": "60"])?.attributes == ["Max-Age=60"])
        #expect(found.flaw == nil)
    }

    @Test("session-cookie-path: of several paths, and of expressions, it is / if nothing is said")
    func paths() {
        #expect(cookie(["affinity": "cookie"], path("/a"), path("/b"))?.path == "/")
        #expect(cookie(["affinity": "cookie", "use-regex": "true"], path("/a(.*)"))?.path == "/")
    }

    @Test("session-cookie-*: without affinity they do nothing")
    func alone() { #expect(cookie(["session-cookie-name": "route"]) == nil) }

    @Test(
        "what could end an attribute leaves the Ingress out",
        arguments: [
            ("session-cookie-path", "/a; Secure"), ("session-cookie-path", "a"),
            ("session-cookie-name", "a=b"),
            ("session-cookie-domain", "a;b"), ("session-cookie-samesite", "Some"), ("affinity", "ip"),
        ])
    func invalid(name: String, value: String) {
        #expect(AnnotationReading(annotated([name: value])).failure == .leavesIngressOut)
    }
}
