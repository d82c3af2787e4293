import Glibc
import Model
import Testing
import Wire

@testable import Engine

@Suite("TLS of binds and of hosts", .serialized)
struct BindDemandTests {
    private let authority: GeneratedAuthority
    private let stranger: GeneratedAuthority
    private let good: GeneratedAuthority.Leaf
    private let bad: GeneratedAuthority.Leaf

    init() throws {
        let now = Int64(time(nil))
        authority = try GeneratedAuthority(commonName: "authority", now: now)
        stranger = try GeneratedAuthority(commonName: "stranger", now: now)
        good = try authority.issue(names: ["good"], now: now, isForClients: true)
        bad = try stranger.issue(names: ["bad"], now: now, isForClients: true)
    }

    private func demand(
        _ kind: ClientAuthentication.Demand = .required, of issuer: GeneratedAuthority? = nil
    ) -> ClientAuthentication {
        var demand = ClientAuthentication(
            authorities: AuthorityBundle(certificatesPEM: (issuer ?? authority).certificatePEM))
        demand.demand = kind
        return demand
    }

    /// The status a client gets that asks for `name`; nil if it is not let in.
    private func status(
        _ engine: TestEngine, _ shown: GeneratedAuthority.Leaf?, name: String = "shop.example"
    ) throws -> Int? {
        try TestMutualClient(engine.port, name: name, shown)?.status(host: "shop.example")
    }

    private func start(
        _ backend: TestBackend, _ demand: ClientAuthentication?, workers: Int = 1, mode: Mode = .http
    ) throws -> TestEngine {
        let engine = try TestEngine(workers: workers) { frontend in
            frontend.binds[0].isTLS = true
            frontend.binds[0].clientAuthentication = demand
            frontend.mode = mode
            if mode == .tcp { frontend.fallback = .backend(TestEngine.backend) }
        }
        #expect(engine.serve([backend]))
        return engine
    }

    @Test("whoever comes to the bind has to show a certificate, whatever the name", arguments: [1, 2])
    func everyName(workers: Int) throws {
        let backend = try TestBackend("in")
        defer { backend.stop() }
        let engine = try start(backend, demand(), workers: workers)
        for name in ["shop.example", "other.example", ""] {
            #expect(try status(engine, good, name: name) == 200)
            #expect(try status(engine, nil, name: name) == nil)
            #expect(try status(engine, bad, name: name) == nil)
        }
        #expect(!backend.lastHead.lowercased().contains("ssl-client"), "nobody is told")
        #expect(backend.requests == 3)
    }

    @Test("an optional one may be missing, not be a stranger's; errors that do not count let it in")
    func optional() throws {
        let backend = try TestBackend("in")
        defer { backend.stop() }
        let engine = try start(backend, demand(.optional))
        #expect(try status(engine, nil) == 200)
        #expect(try status(engine, good) == 200)
        #expect(try status(engine, bad) == nil)
        var tolerant = demand(.optional)
        tolerant.ignoredErrors = .all
        let other = try start(backend, tolerant)
        #expect(try status(other, bad) == 200)
        tolerant.ignoredErrors = .only([10])
        let strict = try start(backend, tolerant)
        #expect(try status(strict, bad) == nil)
    }

    @Test("sessions of mode tcp are let in alike")
    func tcp() throws {
        let backend = try TestBackend("in")
        defer { backend.stop() }
        var tolerant = demand()
        tolerant.ignoredErrors = .all
        let engine = try start(backend, demand(), mode: .tcp)
        #expect(try status(engine, good) == 200)
        #expect(try status(engine, nil) == nil)
        #expect(try status(engine, bad) == nil)
        #expect(try status(start(backend, tolerant, mode: .tcp), bad) == 200)
    }

    @Test("a demand that comes, changes and goes holds from the next handshake on")
    func changes() throws {
        let backend = try TestBackend("in")
        defer { backend.stop() }
        let engine = try start(backend, nil)
        #expect(try status(engine, nil) == 200)
        func change(_ demand: ClientAuthentication?) {
            let isDone = engine.publishFrontend {
                $0.binds[0].isTLS = true
                $0.binds[0].clientAuthentication = demand
            }
            #expect(isDone)
        }
        change(demand())
        #expect(try status(engine, nil) == nil)
        #expect(try status(engine, good) == 200)
        change(demand(of: stranger))
        #expect(try status(engine, good) == nil)
        #expect(try status(engine, bad) == 200)
        change(nil)
        #expect(try status(engine, nil) == 200)
    }

    @Test("authorities that are none keep the engine from starting there")
    func unusable() {
        let none = ClientAuthentication(authorities: AuthorityBundle(certificatesPEM: Array("x".utf8)))
        #expect(throws: EngineError.self) {
            try TestEngine {
                $0.binds[0].isTLS = true
                $0.binds[0].clientAuthentication = none
            }
        }
    }

    @Test("a host may demand otherwise than the bind, or nothing")
    func hosts() throws {
        let backend = try TestBackend("in")
        defer { backend.stop() }
        let engine = try start(backend, demand())
        var change = Change()
        var (open, own) = (HostTLS(), HostTLS())
        open.demand = .nothing
        own.demand = .own(demand(of: stranger))
        change.hostTLS = [.exact("open.example"): open, .wildcard("own.example"): own]
        #expect(engine.publish(change))
        #expect(try status(engine, nil, name: "open.example") == 200)
        #expect(try status(engine, bad, name: "a.own.example") == 200)
        #expect(try status(engine, good, name: "a.own.example") == nil)
        #expect(try status(engine, nil) == nil)
        change.hostTLS = [.exact("open.example"): nil]
        #expect(engine.publish(change))
        #expect(try status(engine, nil, name: "open.example") == nil)
    }

    @Test("settings of a host that can not be used are told, and leave the earlier ones or the listener's")
    func unusableHost() throws {
        let backend = try TestBackend("in")
        defer { backend.stop() }
        let engine = try start(backend, demand())
        var open = HostTLS()
        open.demand = .nothing
        var change = Change()
        change.hostTLS = [.exact("open.example"): open]
        #expect(engine.publish(change))
        open.parameters = TLSParameters()
        open.parameters?.ciphers = "NONSENSE"
        change.hostTLS = [.exact("open.example"): open, .exact("new.example"): open]
        let problems = engine.engine.publish(change)
        #expect(problems.map(\.reason) == ["HostTLSRefused", "HostTLSRefused"])
        #expect(try status(engine, nil, name: "open.example") == 200)
        #expect(try status(engine, nil, name: "new.example") == nil)
    }
}
