import Kubernetes
import Model
import Testing

@testable import Controller

@Suite("URLs of questions")
struct QuestionURLTests {
    @Test(
        "a host of the cluster is its Service, any other is itself",
        arguments: [
            ("http://auth.shop.svc/a", "shop/auth", 80, "auth.shop.svc"),
            (
                "http://auth.shop.svc.cluster.local:4180/a?b", "shop/auth", 4180,
                "auth.shop.svc.cluster.local:4180"
            ),
            ("HTTPS://Auth.shop.SVC.my.domain", "shop/auth", 443, "auth.shop.svc.my.domain"),
            ("https://login.example/", "login.example", 443, "login.example"),
            ("http://auth.shop/", "auth.shop", 80, "auth.shop"),
            ("http://10.1.2.3:81", "10.1.2.3", 81, "10.1.2.3:81"),
            ("http://[fd00::5]:81/x", "fd00::5", 81, "[fd00::5]:81"),
            ("http://[fd00::5]/", "fd00::5", 80, "[fd00::5]"),
        ])
    func hosts(text: String, service: String, port: Int, field: String) throws {
        let url = try #require(QuestionURL(text))
        #expect(url.service?.description == service)
        #expect(url.port == port)
        #expect(url.hostField == field)
    }

    @Test(
        "what stands behind the host is the path",
        arguments: [
            ("http://a", "/"), ("http://a/", "/"), ("http://a?b=c", "/?b=c"),
            ("http://a/b?c=$arg_d", "/b?c=$arg_d"), ("http://a$request_uri", "$request_uri"),
            ("http://a:81${uri}?$args", "${uri}?$args"), ("http://a/$request_uri", "/$request_uri"),
            ("http://$host$request_uri", "$request_uri"),
        ])
    func paths(text: String, path: String) { #expect(QuestionURL(text)?.path == path) }

    @Test(
        "the request's own host is nobody's Service", arguments: ["$host", "$http_host", "$best_http_host"])
    func own(name: String) {
        let url = QuestionURL("https://\(name)/oauth2/auth")
        #expect(url?.host == .own)
        #expect(url?.service == nil && url?.backend == nil)
        #expect(url?.hostField == "$http_host")
    }

    @Test(
        "what is none is refused",
        arguments: [
            "", "auth.example", "/path", "ftp://a/", "http://", "http:///a", "http://../a", "http://a..b/",
            "http://-a/",
            "http://a:0/", "http://a:65536/", "http://a:x/", "http://a:/", "http://u:p@a/", "http://a b/",
            "http://a/b c",
            "http://a/\nb", "http://a/\"", "http://a/#b", "http://$scheme/", "http://$host:80/",
            "http://a$host/", "http://ä/",
            "http://[fd00::5/", "http://\u{0}/", "http://" + String(repeating: "a", count: 5_000),
        ])
    func refused(text: String) { #expect(QuestionURL(text) == nil) }

    @Test("names of who is asked are others than those of backends")
    func names() {
        let name = BackendName(asking: ObjectKey(namespace: "shop", name: "auth"), port: 80, isSecure: false)
        let secure = BackendName(asking: ObjectKey(namespace: "", name: "fd00::5"), port: 443, isSecure: true)
        #expect(name.isAsked && !name.isAskedSecurely && name.withoutSuffix == "shop/auth:80")
        #expect(secure.isAsked && secure.isAskedSecurely && secure.withoutSuffix == "fd00::5:443")
        #expect(!BackendName("shop/auth:80").isAsked)
    }
}
