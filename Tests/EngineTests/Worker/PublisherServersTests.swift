import Basics
import Model
import Synchronization
import Testing
import Wire

@testable import Engine

@Suite("Servers that operators add and remove")
final class PublisherServersTests {
    private let publisher = Publisher(
        workers: 1, frontends: [Frontend(name: "http", binds: [])], selfSigned: nil)
    private let name = BackendName("b")

    init() {
        var frontend = Frontend(name: "http", binds: [])
        frontend.observedServers = [ServerReference(backend: name, server: "seen")]
        var change = Change()
        change.frontends = [frontend]
        var backend = Backend(
            servers: ["one", "seen", "ruled"].map { Self.server($0) },
            origin: Origin(namespace: "", name: "b"))
        backend.servers[0].id = 2
        backend.servers[1].check = ServerCheck()
        backend.serverRules = [ServerRule(.known("ruled"))]
        var still = backend
        still.balance = .staticRoundRobin
        change.backends = [name: backend, BackendName("static"): still]
        var adoption = Adoption(sequence: 1, onAdopted: {})
        #expect(publisher.compile(change, into: &adoption).isEmpty)
        publisher.checkOrders.send()
    }

    /// Nobody checks here: what whoever does would be told refers to the mailbox it waits in.
    deinit { _ = publisher.checkOrders.mailbox.takeAll() }

    private static func server(_ name: String) -> Server {
        Server(address: "10.0.0.1", port: 80, identity: name, name: name)
    }

    private func add(_ server: Server, to backend: String = "b") -> ServerAddition {
        var adoption = Adoption(sequence: 2, onAdopted: {})
        defer { publisher.checkOrders.send() }
        return publisher.add(server, to: BackendName(backend), into: &adoption)
    }

    private func remove(_ server: String) -> ServerRemoval {
        var adoption = Adoption(sequence: 2, onAdopted: {})
        defer { publisher.checkOrders.send() }
        return publisher.remove(server, from: name, into: &adoption)
    }

    private func obey(_ order: ServerOrder, _ server: String) {
        var adoption = Adoption(sequence: 2, onAdopted: {})
        #expect(publisher.obey(order, server, of: name, into: &adoption))
    }

    /// The names with their numbers.
    private var numbers: [String] {
        let servers = publisher.backends[name]?.model.servers ?? []
        return zip(servers, HashRing.ids(servers.map(\.id))).map { "\($0.name)=\($1)" }
    }

    @Test("one that is added is out of service and not checked, and has the lowest number that is free")
    func added() {
        var server = Self.server("new")
        server.check = ServerCheck()
        #expect(numbers == ["one=2", "seen=3", "ruled=4"])
        #expect(add(server) == .added)
        #expect(numbers == ["one=2", "seen=3", "ruled=4", "new=1"])
        let report = publisher.report(of: "new", in: name)
        #expect(report?.state == .maintenance)
        #expect(report?.model.isDisabled == false)
        let state = publisher.server("new", of: name)?.state
        #expect(state?.steering.withLock { $0.pausesCheck } == true)
        #expect(state?.isUp.load(ordering: .relaxed) == false)
        obey(.state(.ready), "new")
        #expect(state?.isUp.load(ordering: .relaxed) == true)
    }

    @Test("what does not fit is refused by name")
    func refusals() {
        #expect(add(Self.server("new"), to: "none") == .noSuchBackend)
        #expect(add(Self.server("new"), to: "static") == .isStatic)
        #expect(add(Self.server("one")) == .nameIsTaken)
        var server = Self.server("new")
        server.id = 3
        #expect(add(server) == .idIsTaken(by: "seen"))
        func following(_ backend: String, _ name: String) -> ServerAddition {
            var server = Self.server("new")
            server.check = ServerCheck(nil)
            server.check?.follows = ServerReference(backend: BackendName(backend), server: name)
            return add(server)
        }
        #expect(following("none", "one") == .followsNoBackend)
        #expect(following("b", "none") == .followsNoServer)
        #expect(following("b", "one") == .followsUnchecked)
        #expect(add(Self.server("fresh")) == .added)
        #expect(following("b", "fresh") == .followsAdded)
        #expect(following("b", "seen") == .added)
    }

    @Test("one goes that is out of service and idle, unless somebody names it")
    func removed() {
        #expect(remove("none") == .noSuchServer)
        #expect(remove("one") == .isInService)
        obey(.state(.maintenance), "seen")
        obey(.state(.maintenance), "ruled")
        obey(.state(.maintenance), "one")
        #expect(remove("seen") == .isReferred)
        #expect(remove("ruled") == .isReferred)
        publisher.server("one", of: name)?.state.waiting.store(1, ordering: .relaxed)
        #expect(remove("one") == .isBusy)
        publisher.server("one", of: name)?.state.waiting.store(0, ordering: .relaxed)
        #expect(remove("one") == .done)
        #expect(numbers == ["seen=3", "ruled=4"])
        #expect(publisher.removal(of: "one", from: name) == .noSuchServer)
    }

    @Test("a file that is read again has the servers it names")
    func restored() {
        #expect(add(Self.server("new")) == .added)
        obey(.state(.maintenance), "one")
        #expect(remove("one") == .done)
        #expect(add(Self.server("one")) == .added)
        var adoption = Adoption(sequence: 3, onAdopted: {})
        publisher.endSteering(into: &adoption)
        #expect(numbers == ["one=2", "seen=3", "ruled=4"])
        #expect(publisher.report(of: "one", in: name)?.state == .ready)
        #expect(publisher.server("one", of: name)?.state.isUp.load(ordering: .relaxed) == true)
        #expect(publisher.addedServers.isEmpty)
    }
}
