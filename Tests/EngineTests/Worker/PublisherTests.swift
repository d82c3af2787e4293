import Basics
import Model
import Testing
import Wire

@testable import Engine

@Suite("Publisher")
struct PublisherTests {
    private let publisher = Publisher(
        workers: 2, frontends: [Frontend(name: "http", binds: [])], selfSigned: nil)
    private let origin = Origin(namespace: "shop", name: "web")
    private let web = BackendName("shop/web:80")

    private func adoption(of change: Change) -> Adoption {
        var adoption = Adoption(sequence: 1, onAdopted: {})
        let diagnostics = publisher.compile(change, into: &adoption)
        #expect(diagnostics.isEmpty)
        return adoption
    }

    private func routes(_ hosts: [HostPattern], to target: RouteTarget? = nil) -> Change {
        var change = Change()
        let route = Route(path: "/", match: .prefix, target: target ?? .backend(web), origin: origin)
        for host in hosts { change.routes.updateValue(HostRoutes([route]), forKey: host) }
        return change
    }

    private func servers(_ servers: [Server]) -> Change {
        var change = Change()
        change.backends = [web: Backend(servers: servers, origin: origin)]
        return change
    }

    private func server(_ last: Int, identity: String = "") -> Server {
        Server(address: "10.0.0.\(last)", port: 80, identity: identity)
    }

    /// The backend a host's requests go to now; nil is an answer of our own.
    private func backend(of host: String) -> BackendState? {
        let snapshot = publisher.snapshot
        let router = Router(hosts: snapshot.hosts)
        var workspace = SampleWorkspace()
        return host.withView { host in
            "/".withView { path in
                guard let route = router.route(authority: host, path: path, &workspace) else {
                    return snapshot.frontends.first?.fallback?.backend
                }
                return route._withUnsafeGuaranteedRef { $0.backend }
            }
        }
    }

    private func compiled(_ host: String) -> UnsafeMutableRawPointer? {
        host.withView { publisher.snapshot.hosts.host(for: $0)?.toOpaque() }
    }

    @Test("the order of routes and backends does not matter, in one change or in two", arguments: [0, 1, 2])
    func order(kind: Int) {
        switch kind {
        case 0:
            _ = adoption(of: servers([server(1)]))
            _ = adoption(of: routes([.exact("a")]))
        case 1:
            _ = adoption(of: routes([.exact("a")]))
            #expect(backend(of: "a") == nil)
            #expect(adoption(of: servers([server(1)])).snapshot != nil)
        default:
            var both = routes([.exact("a")])
            both.backends = servers([server(1)]).backends
            _ = adoption(of: both)
        }
        #expect(backend(of: "a")?.name.view.string == "shop/web:80")
    }

    @Test("a changed pool of the fallback is posted alone; its coming and going is not")
    func poolOfFallback() {
        var change = Change()
        change.fallback = .some(.backend(web))
        #expect(adoption(of: change).snapshot != nil)
        #expect(backend(of: "any") == nil)
        #expect(adoption(of: servers([server(1)])).snapshot != nil)
        let before = backend(of: "any")
        let adopted = adoption(of: servers([server(1), server(2)]))
        #expect(adopted.snapshot == nil && adopted.pools.count == 1)
        #expect(before != nil && backend(of: "any") === before)
        var gone = Change()
        gone.backends.updateValue(nil, forKey: web)
        #expect(adoption(of: gone).snapshot != nil)
        #expect(backend(of: "any") == nil)
    }

    @Test("a changed pool is posted alone; its backend stays the same object")
    func poolOnly() {
        _ = adoption(of: servers([server(1)]))
        _ = adoption(of: routes([.exact("a")]))
        let before = backend(of: "a")
        let adopted = adoption(of: servers([server(1), server(2)]))
        #expect(adopted.snapshot == nil)
        #expect(adopted.certificates == nil)
        #expect(adopted.retired.isEmpty)
        #expect(adopted.pools.count == 1)
        #expect(adopted.pools.first?.backend === before)
        let count = adopted.pools.first?.servers.servers.count
        #expect(count == 2)
        #expect(backend(of: "a") === before)
    }

    @Test(
        "a server stays itself over new weights, limits and names; another pod at its address is another one")
    func identity() {
        _ = adoption(of: servers([server(1, identity: "pod-1"), server(2)]))
        let before = publisher.serverStates.first { $0.server.identity == "pod-1" }?.server
        var changed = server(1, identity: "pod-1")
        (changed.weight, changed.maxConnections, changed.name) = (7, 3, "renamed")
        let adopted = adoption(of: servers([server(2), changed]))
        #expect(adopted.retired.isEmpty)
        #expect(publisher.serverStates.contains { $0.server === before })
        let next = adoption(of: servers([server(2), server(1, identity: "pod-2")]))
        #expect(next.retired.count == 1)
        #expect(next.retired.first === before)
        #expect(publisher.serverStates.count == 2)
    }

    @Test("a server that joins others starts slowly; the first ones and those that stay do not")
    func slowStart() {
        func slow(_ last: Int) -> Server {
            var server = server(last)
            server.slowStart = 60_000
            return server
        }
        func isSlow(_ last: Int) -> Bool {
            publisher.serverStates.contains {
                $0.server.address.description(withPort: false) == "10.0.0.\(last)"
                    && $0.server.startOfSlowStart(now: 5) != 0
            }
        }
        _ = adoption(of: servers([]))
        _ = adoption(of: servers([slow(1), slow(2)]))
        _ = adoption(of: servers([slow(1), slow(2), slow(3), server(4)]))
        #expect((1...4).map(isSlow) == [false, false, true, false])
    }

    @Test("each server that goes is retired once; one that comes back is a new one")
    func retirement() {
        _ = adoption(of: servers([server(1), server(2), server(3)]))
        let first = publisher.serverStates.first {
            $0.server.address.description(withPort: false) == "10.0.0.1"
        }
        #expect(adoption(of: servers([server(2)])).retired.count == 2)
        #expect(adoption(of: servers([server(2)])).retired.isEmpty)
        #expect(adoption(of: servers([server(1), server(2)])).retired.isEmpty)
        #expect(!publisher.serverStates.contains { $0.server === first?.server })
        var removal = Change()
        removal.backends.updateValue(nil, forKey: web)
        let removed = adoption(of: removal)
        #expect(removed.retired.count == 2)
        #expect(removed.removed.count == 1)
        #expect(removed.pools.isEmpty)
        #expect(adoption(of: removal).retired.isEmpty)
        #expect(publisher.backendStates.isEmpty)
    }

    @Test("a backend that goes leaves its routes answered by us, and heals when it comes back")
    func backendRemoved() {
        _ = adoption(of: servers([server(1)]))
        _ = adoption(of: routes([.exact("a")]))
        var removal = Change()
        removal.backends.updateValue(nil, forKey: web)
        #expect(adoption(of: removal).snapshot != nil)
        #expect(backend(of: "a") == nil)
        _ = adoption(of: servers([server(1)]))
        #expect(backend(of: "a") != nil)
    }

    @Test("servers given twice or without a proper address are left out, without a trap")
    func oddServers() {
        let odd = Server(address: "not an address", port: 80)
        let adopted = adoption(of: servers([server(1), odd, server(1), Server(address: "", port: 0)]))
        #expect(adopted.pools.isEmpty)
        #expect(publisher.serverStates.count == 1)
    }

    @Test("only the hosts a change names, or whose backend comes or goes, are compiled again")
    func touchedOnly() {
        _ = adoption(of: routes([.exact("a"), .exact("b"), .wildcard("c")], to: .answer(status: 404)))
        let (a, b) = (compiled("a"), compiled("b"))
        let before = publisher.snapshot
        _ = adoption(of: routes([.exact("b")]))
        #expect(compiled("a") == a)
        #expect(compiled("b") != b)
        #expect(publisher.snapshot !== before)
        let (a2, b2) = (compiled("a"), compiled("b"))
        let held = publisher.snapshot
        _ = adoption(of: servers([server(1)]))
        #expect(compiled("a") == a2)
        #expect(compiled("b") != b2)
        #expect(held.hosts.count == 3)
    }

    @Test("hosts come and go")
    func hosts() {
        _ = adoption(of: routes([.exact("a"), .exact("b")], to: .answer(status: 404)))
        #expect(publisher.hostCount == 2)
        var change = routes([.exact("c")], to: .answer(status: 404))
        change.routes.updateValue(nil, forKey: .exact("a"))
        _ = adoption(of: change)
        #expect(publisher.hostCount == 2)
        #expect(compiled("a") == nil)
        #expect(compiled("c") != nil)
    }

    @Test("a host that no longer uses a backend is not compiled for it again")
    func formerUser() {
        _ = adoption(of: routes([.exact("a")]))
        _ = adoption(of: routes([.exact("a")], to: .answer(status: 404)))
        let before = compiled("a")
        #expect(adoption(of: servers([server(1)])).snapshot == nil)
        #expect(compiled("a") == before)
    }

    @Test("the fallback's backend may come later, go and come back")
    func fallback() {
        var change = Change()
        change.fallback = .some(.backend(web))
        _ = adoption(of: change)
        #expect(publisher.snapshot.frontends.first?.fallback?.status == 503)
        #expect(backend(of: "x") == nil)
        _ = adoption(of: servers([server(1)]))
        #expect(backend(of: "x") != nil)
        var removal = Change()
        removal.backends.updateValue(nil, forKey: web)
        _ = adoption(of: removal)
        #expect(backend(of: "x") == nil)
        change.fallback = .some(nil)
        _ = adoption(of: change)
        #expect(publisher.snapshot.frontends.first?.fallback == nil)
    }

    @Test("a frontend's own fallback counts before the configuration's, and its backend may come later")
    func ownFallback() {
        var change = Change()
        var frontend = Frontend(name: "http", binds: [])
        frontend.fallback = .backend(web)
        change.frontends = [frontend]
        change.fallback = .some(.answer(status: 418))
        _ = adoption(of: change)
        #expect(publisher.snapshot.frontends.first?.fallback?.status == 503)
        #expect(adoption(of: servers([server(1)])).snapshot != nil)
        #expect(backend(of: "x")?.name.view.string == "shop/web:80")
        #expect(adoption(of: servers([server(2)])).snapshot == nil)
    }

    @Test("a frontend that is gone keeps its place and what its clients go by")
    func frontends() {
        var change = Change()
        change.frontends = []
        var adoption = Adoption(sequence: 1, onAdopted: {})
        _ = publisher.compile(change, into: &adoption)
        #expect(publisher.snapshot.frontends.count == 1)
        var renamed = Frontend(name: "http", binds: [])
        renamed.maxHeaderSize = 5
        change.frontends = [renamed]
        #expect(publisher.compile(change, into: &adoption).isEmpty)
        #expect(publisher.snapshot.frontends.first?.maxHeaderSize == 5)
    }

    @Test("fullconn is a tenth of all frontends' connections unless it is given, and follows them")
    func fullConnections() {
        func frontends(_ limits: [Int]) -> Change {
            var change = Change()
            change.frontends = limits.enumerated().map { place, limit in
                var frontend = Frontend(name: "http\(place)", binds: [])
                frontend.maxConnections = limit
                return frontend
            }
            return change
        }
        _ = adoption(of: routes([.exact("a")]))
        var pool = servers([server(1)])
        pool.backends[web]??.servers[0].minConnections = 1
        pool.backends[web]??.servers[0].maxConnections = 9
        #expect(adoption(of: pool).pools.isEmpty, "it is new")
        #expect(adoption(of: frontends([55, 40])).pools.map(\.servers.fullConnections) == [10])
        #expect(adoption(of: frontends([55, 0])).pools.map(\.servers.fullConnections) == [0])
        pool.backends[web]??.fullConnections = 7
        #expect(adoption(of: pool).pools.map(\.servers.fullConnections) == [7])
        #expect(adoption(of: frontends([55, 40])).pools.isEmpty)
    }
}
