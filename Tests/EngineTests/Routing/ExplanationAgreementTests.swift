import Basics
import Model
import Testing

@testable import Engine

/// `Explanation` says what `Router` does.
@Suite struct ExplanationAgreementTests {
    private static let hosts: [HostPattern] = [
        .exact("a.test"), .exact("b.a.test"), .wildcard("test"), .wildcard("a.test"), .any,
    ]
    private static let paths = ["/", "/a", "/a/b", "/ab", "/a/b/c", "/(a|x)", "/a.*"]
    private static let requests = [
        "/", "/a", "/a/", "/a/b", "/a/bc", "/ab/", "/a/b/c/d", "/x", "//a", "/%61/b", "/a%2Fb",
    ]
    private static let names = ["a.test", "b.a.test", "c.a.test", "x.test", "test", "d.c.a.test"]

    @Test("explained and served are the same, whatever the routes", arguments: 0..<40)
    func agreement(seed: UInt64) {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        func chance(_ outOf: UInt64) -> Bool {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % outOf == 0
        }
        var configuration = Configuration()
        for host in Self.hosts where !chance(3) {
            var routes: [Route] = []
            for path in Self.paths {
                for match in [PathMatch.exact, .prefix, .expression] where chance(3) {
                    let origin = Origin(namespace: "", name: "\(host) \(match) \(path)")
                    routes.append(
                        Route(path: path, match: match, target: .answer(status: 200), origin: origin))
                }
            }
            configuration.routes[host] = HostRoutes(routes)
        }
        let table = HostTable(
            configuration.routes.map { pattern, routes in
                CompiledHost(
                    pattern,
                    paths: PathTable(
                        routes.routes.map {
                            ($0.path, $0.match, CompiledRoute(backend: nil, status: 200, origin: $0.origin))
                        }))
            })
        var workspace = SampleWorkspace()
        for name in Self.names {
            for path in Self.requests {
                let isOdd = path.contains("//") || path.contains("%")
                var matched = Buffer(capacity: 64)
                let served = name.withView { authority in
                    path.withView { path in
                        let router = Router(hosts: table)
                        let route =
                            isOdd
                            ? router.route(authority: authority, oddPath: path, by: &matched, &workspace)
                            : router.route(authority: authority, path: path, &workspace)
                        return route?._withUnsafeGuaranteedRef { $0.name.view.string }
                    }
                }
                let explained = Explanation(of: name + path, in: configuration)?.route?.origin.name
                #expect(served == explained, "\(name)\(path)")
            }
        }
    }
}
