import Model
import Testing

@testable import Engine

@Suite struct ExplanationTests {
    private static let pool = BackendName("shop/web:80")

    private func configuration() -> Configuration {
        func route(_ path: String, _ match: PathMatch, _ name: String) -> Route {
            Route(
                path: path, match: match, target: .backend(Self.pool),
                origin: Origin(namespace: "shop", name: name))
        }
        var configuration = Configuration()
        configuration.routes[.exact("a.test")] = HostRoutes([
            route("/", .prefix, "root"), route("/cart", .prefix, "cart"), route("/cart", .exact, "exact"),
        ])
        configuration.routes[.wildcard("test")] = HostRoutes([route("/", .prefix, "wild")])
        configuration.routes[.any] = HostRoutes([
            Route(
                path: "/only", match: .prefix, target: .answer(status: 503),
                origin: Origin(namespace: "shop", name: "any"))
        ])
        configuration.backends[Self.pool] = Backend(
            servers: [Server(address: "fd00::1", port: 80, name: "web-0")],
            origin: Origin(namespace: "shop", name: "web"))
        return configuration
    }

    @Test(
        "the most specific host is asked alone, and there an exact path wins, else the longest prefix",
        arguments: [
            ("a.test/cart", "exact"), ("A.test:8080/cart/", "cart"), ("https://a.test./cartoon?x", "root"),
            ("a.test", "root"), ("b.test/cart", "wild"), ("b.c.test/only/x", "any"), ("[::1]:80/only", "any"),
            ("b.c.test/", nil), ("a.test/cart#x", "exact"),
        ] as [(String, String?)])
    func winners(request: String, expected: String?) {
        #expect(Explanation(of: request, in: configuration())?.route?.origin.name == expected)
    }

    @Test("what is no request is not explained", arguments: ["", "/", "http:///x", ":80/x"])
    func none(request: String) {
        #expect(Explanation(of: request, in: configuration()) == nil)
    }

    @Test("who serves, with whom, and why the others do not")
    func text() {
        let finding = Diagnostic(
            .warning, kind: "Ingress", object: Origin(namespace: "x", name: "y"), reason: "PathConflict",
            message: "a.test /cart is already served by Ingress shop/exact")
        let other = Diagnostic(
            .warning, kind: "Ingress", object: Origin(namespace: "x", name: "y"), reason: "Odd", message: "b")
        #expect(
            Explanation(of: "a.test/cart", in: configuration())?.text(findings: [finding, other]) == """
                a.test/cart: served by Ingress shop/exact (a.test exact /cart), backend shop/web:80
                  server [fd00::1]:80  web-0
                not served by:
                  Ingress shop/root (a.test prefix /): an exact path wins over all others
                  Ingress shop/cart (a.test prefix /cart): an exact path wins over all others
                  Ingress shop/wild (*.test prefix /): a.test is more specific, no other host is asked
                  Ingress shop/any (* prefix /only): its path is another
                findings:
                  warning: Ingress x/y: a.test /cart is already served by Ingress shop/exact (PathConflict)

                """)
    }

    @Test("a path that means nothing is refused, one that is written otherwise is explained")
    func oddPaths() {
        #expect(Explanation(of: "a.test/%63art", in: configuration())?.route?.origin.name == "exact")
        let refused = Explanation(of: "a.test/cart/..%2Fx", in: configuration())
        #expect(refused?.route == nil)
        #expect(refused?.target == .answer(status: 400))
    }

    @Test("notes stand behind, and what is no request is not read")
    func notes() {
        let notes = [Explanation.Note(name: nil, text: "one")]
        let text = Explanation(of: "a.test/x", in: configuration())?.text(notes: notes) ?? ""
        #expect(text.contains("annotations:\n  one\nnot served by:"))
        let odd = Explanation(of: "a.test/a b", in: configuration())
        #expect(odd?.decision == nil)
        #expect(odd?.text().contains("  such a request is not read: 400\n") ?? false)
    }

    @Test("what nothing serves is the default backend's, or 404")
    func fallback() {
        var configuration = configuration()
        let text = Explanation(of: "b.c.test/", in: configuration)?.text() ?? ""
        #expect(text.hasPrefix("b.c.test/: 404, nothing matches and there is no default backend\n"))
        #expect(text.contains("* has routes, none for this path"))
        configuration.fallback = .backend(BackendName("gone"))
        let other = Explanation(of: "b.c.test/", in: configuration)?.text() ?? ""
        #expect(other.hasPrefix("b.c.test/: served by the default backend, backend gone, no server: 503\n"))
        let refused = Explanation(of: "b.c.test/only", in: configuration)?.text() ?? ""
        #expect(refused.contains("503 by Ingress shop/any (* prefix /only), whose backend cannot be used"))
    }

    @Test("what an Ingress has rules for and no backend is 404 by it")
    func rest() {
        var configuration = Configuration()
        let route = Route(
            path: "/", match: .prefix, target: .answer(status: 404),
            origin: Origin(namespace: "shop", name: "web"))
        configuration.routes[.exact("a.test")] = HostRoutes([route])
        let text = Explanation(of: "a.test/x", in: configuration)?.text() ?? ""
        #expect(
            text.hasPrefix(
                "a.test/x: 404 by Ingress shop/web (a.test prefix /), and there is no default backend\n"))
    }
}
