import Basics
import Model
import Testing

@testable import Engine

@Suite("Router")
struct RouterTests {
    /// Tables of hosts as an Ingress spells them, each with one route per path; a route's name is `host path`.
    private struct Site {
        let table: HostTable
        let fallback: CompiledRoute?

        init(_ hosts: [(String, [String])], hasFallback: Bool = false) throws {
            table = HostTable(
                try hosts.map { host, paths in
                    CompiledHost(
                        try #require(HostPattern(host)),
                        paths: PathTable(
                            paths.map { path in
                                let origin = Origin(namespace: "", name: "\(host) \(path)")
                                return (
                                    path, .prefix, CompiledRoute(backend: nil, status: 200, origin: origin)
                                )
                            }))
                })
            fallback =
                hasFallback
                ? CompiledRoute(backend: nil, status: 200, origin: Origin(namespace: "", name: "fallback"))
                : nil
        }

        func route(_ authority: String, _ path: String = "/") -> String? {
            let router = Router(hosts: table)
            var workspace = SampleWorkspace()
            return authority.withView { authority in
                path.withView { path in
                    (router.route(authority: authority, path: path, &workspace)
                        ?? fallback.map { Unmanaged.passUnretained($0) })?._withUnsafeGuaranteedRef {
                            $0.name.view.string
                        }
                }
            }
        }
    }

    @Test(
        "an exact host wins over a wildcard, a wildcard over the catch-all",
        arguments: [
            ("shop.example.com", "shop.example.com /"), ("x.example.com", "*.example.com /"),
            ("example.com", " /"), ("a.b.example.com", " /"), ("other", " /"), ("", " /"),
            (".example.com", " /"), ("xexample.com", " /"), ("example.com.evil", " /"),
        ])
    func precedence(host: String, expected: String) throws {
        let site = try Site([("shop.example.com", ["/"]), ("*.example.com", ["/"]), ("", ["/"])])
        #expect(site.route(host) == expected)
    }

    @Test(
        "case, port and one trailing dot do not matter",
        arguments: [
            "SHOP.Example.COM", "shop.example.com:80", "shop.example.com:8443", "shop.example.com.",
            "Shop.Example.com.:80", "shop.example.com:",
        ])
    func spelling(authority: String) throws {
        #expect(try Site([("shop.example.com", ["/"])]).route(authority) == "shop.example.com /")
        #expect(try Site([("*.example.com", ["/"])]).route(authority) == "*.example.com /")
    }

    @Test(
        "addresses in brackets are hosts like others, ports or not", arguments: ["[::1]", "[::1]:8080", "."])
    func literals(authority: String) throws {
        #expect(try Site([("", ["/"])]).route(authority) == " /")
        #expect(try Site([("shop", ["/"])]).route(authority) == nil)
    }

    @Test("the query is not part of the path")
    func query() throws {
        let site = try Site([("a", ["/", "/x"])])
        #expect(site.route("a", "/x?y=/z") == "a /x")
        #expect(site.route("a", "/?/x") == "a /")
        #expect(site.route("a", "/x?") == "a /x")
        #expect(site.route("a", "?") == nil)
    }

    @Test("paths are compared with case")
    func caseOfPaths() throws {
        #expect(try Site([("a", ["/x"])]).route("A", "/X") == nil)
    }

    @Test("a host that matches without a path that does goes to the fallback, not to another host")
    func noSecondHost() throws {
        let hosts = [("shop.example.com", ["/only"]), ("*.example.com", ["/"]), ("", ["/"])]
        #expect(try Site(hosts, hasFallback: true).route("shop.example.com", "/x") == "fallback")
        #expect(try Site(hosts).route("shop.example.com", "/x") == nil)
        #expect(try Site(hosts).route("shop.example.com", "/only/x") == "shop.example.com /only")
    }

    @Test("a host without routes, and no host at all, go to the fallback")
    func emptyHost() throws {
        #expect(try Site([("a", [])], hasFallback: true).route("a") == "fallback")
        #expect(try Site([("a", [])]).route("a") == nil)
        #expect(try Site([], hasFallback: true).route("a") == "fallback")
        #expect(try Site([]).route("a") == nil)
    }

    @Test("a wildcard and an exact host of the same name are two hosts")
    func sameName() throws {
        let site = try Site([("example.com", ["/"]), ("*.example.com", ["/"])])
        #expect(site.route("example.com") == "example.com /")
        #expect(site.route("a.example.com") == "*.example.com /")
    }

    @Test("10,000 hosts with 10 paths each are all found, and nothing else")
    func many() throws {
        let paths = (0..<9).map { "/p\($0)" } + ["/"]
        let site = try Site((0..<10_000).map { ("h\($0).example.com", paths) })
        for i in 0..<10_000 {
            #expect(site.route("h\(i).EXAMPLE.com:8080", "/p\(i % 9)/x?q") == "h\(i).example.com /p\(i % 9)")
        }
        #expect(site.route("h10000.example.com") == nil)
        #expect(site.route("example.com") == nil)
        #expect(site.table.count == 10_000)
    }
}
