import Kubernetes
import Model
import Testing

@testable import Controller

@Suite("Rewrites by annotation")
struct RewritesTests {
    private func routes(_ annotations: [String: String], _ paths: IngressPath...) -> [Route] {
        var cluster = TestCluster()
        cluster.put(service("web"))
        var object = annotated(annotations)
        if !paths.isEmpty { object.rules[0].paths = paths }
        cluster.put(object)
        return cluster.allRoutes()
    }

    private func changes(_ route: Route?) -> [MessageChange] {
        (route?.rules?.request ?? []).compactMap { rule in
            if case .change(let change) = rule.action { return change }
            return nil
        }
    }

    @Test(
        "rewrite-target: the whole path is replaced where the Ingress's path matches, and groups are filled in"
    )
    func target() {
        let found = routes(["rewrite-target": "/$2"], path("/api(/|$)(.*)", "ImplementationSpecific"))
        // `/` is the rest of the host.
        #expect(found.map(\.match) == [.prefix, .expression])
        #expect(found.last?.path == "/api(/|$)(.*)")
        #expect(
            changes(found.last) == [
                .replaceTarget(
                    .matchedPath, pattern: "(?i)/api(/|$)(.*)", FormatString([.text(Array("/\\2".utf8))]))
            ])
    }

    @Test("rewrite-target: a path that is the target already is left alone")
    func same() {
        let found = routes(["rewrite-target": "/"], path("/"))
        #expect(found.first?.match == .prefix)
        #expect(found.first?.rules == nil)
        // Another path of the Ingress turns the host's mode all the same.
        let two = routes(["rewrite-target": "/"], path("/"), path("/a"))
        #expect(two.map(\.match) == [.expression, .expression])
        #expect(two.map { changes($0).count } == [0, 1])
    }

    @Test("rewrite-target: a URL sends clients there with 302")
    func url() {
        let found = routes(
            ["rewrite-target": "https://new.example/$1"], path("/old/(.*)", "ImplementationSpecific"))
        #expect(found.map(\.path) == ["/", "/old/(.*)"])
        #expect(found.map { TestCluster.redirects($0.rules?.first) } == [["302 "], ["302 "]])
        #expect(changes(found.last) == [])
    }

    @Test(
        "rewrite-target: what no path can hold leaves the Ingress out",
        arguments: ["/a?b=c", "/a b", "/{x}", "/$x", "/$", "/a;b", "/a\"", "/$0"])
    func invalid(text: String) {
        #expect(AnnotationReading(annotated(["rewrite-target": text])).failure == .leavesIngressOut)
    }

    @Test("use-regex: every path of the host, of every Ingress; other hosts are left alone")
    func hostWide() {
        var cluster = TestCluster()
        cluster.put(service("web"), annotated(["use-regex": "true"], paths: path("/a")))
        cluster.put(ingress("b", [rule("shop.example", path("/b", "Exact"))]))
        cluster.put(ingress("c", [rule("other.example", path("/c"))]))
        #expect(cluster.allRoutes().map(\.match) == [.expression, .expression])
        #expect(cluster.allRoutes("other.example").map(\.match) == [.prefix])
        cluster.put(annotated(["use-regex": "false"], paths: path("/a")))
        #expect(cluster.allRoutes().map(\.match) == [.prefix, .exact])
    }

    @Test("use-regex: a path keeps its slash, and what a literal path must not have")
    func spelling() {
        let found = routes(
            ["use-regex": "true"], path("/a/"), path("/b//c", "Exact"), path("", "ImplementationSpecific"))
        #expect(found.map(\.path) == ["/", "/a/", "/b//c"])
        #expect(found.allSatisfy { $0.target == .backend(BackendName("shop/web:80")) })
    }

    @Test("x-forwarded-prefix: with a rewrite alone")
    func prefix() {
        #expect(changes(routes(["x-forwarded-prefix": "/api"]).first) == [])
        let found = routes(["x-forwarded-prefix": "/api", "rewrite-target": "/"], path("/api"))
        #expect(changes(found.first).count == 2)
    }

    @Test("upstream-vhost: the Host that servers are told, with variables")
    func vhost() {
        #expect(
            changes(routes(["upstream-vhost": "$service_name.$namespace.svc:${service_port}"]).first) == [
                .setField(
                    "host",
                    FormatString(["web", ".", "shop", ".svc:", "80"].map { .text(Array($0.utf8)) }))
            ])
    }

    @Test("$server_name is the host of the rule", arguments: [("shop.example", "shop.example"), ("", "_")])
    func serverName(host: String, name: String) {
        var cluster = TestCluster()
        cluster.put(service("web"), annotated(["upstream-vhost": "$server_name"], host: host))
        #expect(
            changes(cluster.allRoutes(host).first) == [
                .setField("host", FormatString([.text(Array(name.utf8))]))
            ])
    }

    @Test(
        "variables: a closed set",
        arguments: [
            "$host", "$http_host", "$request_uri", "$uri", "$args", "$remote_addr", "$scheme", "$http_x_user",
            "$arg_id", "$cookie_session", "${host}x", "a$request_method", "$request_id", "$req_id",
            "$ssl_client_verify", "$ssl_client_s_dn", "$ssl_client_i_dn", "$ssl_client_serial",
            "$ssl_client_fingerprint", "$ssl_client_escaped_cert", "$ssl_protocol", "$ssl_cipher",
        ])
    func variables(text: String) { #expect(NginxTemplate(text) != nil) }

    @Test(
        "variables: others, and half ones, are refused",
        arguments: [
            "$nope", "$", "${host", "$http_", "a\r\nb", "$(x)", "$1", "$ssl_client_cert", "$ssl_client_",
        ])
    func unknownVariables(text: String) { #expect(NginxTemplate(text) == nil) }
}
