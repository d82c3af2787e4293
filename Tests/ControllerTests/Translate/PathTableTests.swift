import Kubernetes
import Model
import Testing

@testable import Controller

/// The table of the Ingress documentation: which rule answers a request, matched as `Model.Route` promises.
@Suite struct PathTableTests {
    @Test(
        "the documented rows hold",
        arguments: [
            (["Prefix /"], "/anything/at/all", "/"), (["Exact /foo"], "/foo", "/foo"),
            (["Exact /foo"], "/bar", nil),
            (["Exact /foo"], "/foo/", nil), (["Exact /foo/"], "/foo", nil),
            (["Exact /foo/"], "/foo/", "/foo/"),
            (["Prefix /foo"], "/foo", "/foo"), (["Prefix /foo"], "/foo/", "/foo"),
            (["Prefix /foo/"], "/foo", "/foo/"),
            (["Prefix /foo/"], "/foo/", "/foo/"), (["Prefix /aaa/bb"], "/aaa/bbb", nil),
            (["Prefix /aaa/bbb"], "/aaa/bbb", "/aaa/bbb"), (["Prefix /aaa/bbb/"], "/aaa/bbb", "/aaa/bbb/"),
            (["Prefix /aaa/bbb"], "/aaa/bbb/", "/aaa/bbb"), (["Prefix /aaa/bbb"], "/aaa/bbb/ccc", "/aaa/bbb"),
            (["Prefix /aaa/bbb"], "/aaa/bbbxyz", nil), (["Prefix /", "Prefix /aaa"], "/aaa/ccc", "/aaa"),
            (["Prefix /", "Prefix /aaa", "Prefix /aaa/bbb"], "/aaa/bbb", "/aaa/bbb"),
            (["Prefix /", "Prefix /aaa", "Prefix /aaa/bbb"], "/ccc", "/"), (["Prefix /aaa"], "/ccc", nil),
            (["Prefix /foo", "Exact /foo"], "/foo", "exact"),
            (["Prefix /foo", "Prefix /foo/"], "/foo", "/foo/"),
            (["Prefix /foo"], "/FOO", nil), (["ImplementationSpecific /a"], "/ab", nil),
            (["ImplementationSpecific /a"], "/a/b", "/a"),
        ] as [([String], String, String?)])
    func row(rules: [String], request: String, expected: String?) {
        var cluster = TestCluster()
        let paths = rules.enumerated().map { index, rule in
            let words = rule.split(separator: " ").map(String.init)
            return path(words[1], words[0], to: to("s\(index)"))
        }
        var entry = rule("a.example")
        entry.paths = paths
        cluster.put(ingress("a", [entry]))
        for index in rules.indices { cluster.put(service("s\(index)")) }
        let target = cluster.configuration.routes[.exact("a.example")].flatMap { match(request, $0.routes) }?
            .target
        let index = rules.firstIndex { rule in
            expected == "exact"
                ? rule.hasPrefix("Exact") : rule.split(separator: " ")[1] == expected ?? "none"
        }
        #expect(target == index.map { .backend(BackendName("shop/s\($0):80")) })
    }

    /// Longest path first, exact before prefix.
    private func match(_ request: String, _ routes: [Route]) -> Route? {
        routes.filter { route in
            switch route.match {
            case .exact: route.path == request
            case .prefix: route.path == "/" || request == route.path || request.hasPrefix(route.path + "/")
            case .expression: false
            }
        }
        .max {
            ($0.path.utf8.count, $0.match == .exact ? 1 : 0) < (
                $1.path.utf8.count, $1.match == .exact ? 1 : 0
            )
        }
    }
}
