import Basics
import Model
import Synchronization
import Testing
import Wire

@testable import Engine

@Suite("Servers where name servers say")
final class PublisherResolvingTests {
    private let publisher = Publisher(
        workers: 1, frontends: [Frontend(name: "http", binds: [])], selfSigned: nil)
    private let name = BackendName("b")

    init() { publish() }

    /// Nobody checks here: what whoever does would be told refers to the mailbox it waits in.
    deinit { _ = publisher.checkOrders.mailbox.takeAll() }

    private func backend(_ change: (inout Backend) -> Void = { _ in }) -> Backend {
        var found = Server(address: "", port: 80, identity: "found", name: "found")
        found.resolution = ServerResolution(of: "web.example", port: 80, by: "r")
        found.check = ServerCheck()
        let fixed = Server(address: "10.9.9.9", port: 80, identity: "fixed", name: "fixed")
        var backend = Backend(servers: [found, fixed], origin: Origin(namespace: "", name: "b"))
        change(&backend)
        return backend
    }

    private func publish(_ change: (inout Backend) -> Void = { _ in }) {
        var adoption = Adoption(sequence: 1, onAdopted: {})
        var published = Change()
        published.resolvers = ["r": Resolvers(name: "r")]
        published.backends = [name: backend(change)]
        #expect(publisher.compile(published, into: &adoption).isEmpty)
        publisher.checkOrders.send()
        publisher.sendResolverOrders()
    }

    @discardableResult
    private func place(
        _ address: String?, port: UInt16 = 80, weight: Int? = nil, host: String = "",
        reason: ServerPlacement.Reason = .none, as server: ResolvedServer? = nil
    ) -> [String] {
        var adoption = Adoption(sequence: 2, onAdopted: {})
        let known =
            server ?? publisher.server("found", of: name).flatMap { ResolvedServer($0.model, of: name) }
        guard let known else { return [] }
        let placement = ServerPlacement(
            address: address.flatMap { SocketAddress($0, port: 0) }, port: port, host: host, weight: weight,
            reason: reason)
        defer { publisher.checkOrders.send() }
        return publisher.adopt([(known, placement)], into: &adoption).map(\.text)
    }

    private var found: (model: Server, state: ServerState)? { publisher.server("found", of: name) }
    private var isUp: Bool { found?.state.isUp.load(ordering: .relaxed) ?? false }

    /// What who asks name servers was told, the last time.
    private func told() -> [(server: ResolvedServer, current: ServerPlacement)]? {
        var last: [(server: ResolvedServer, current: ServerPlacement)]?
        for case .follow(_, let servers) in publisher.resolving.orders.mailbox.takeAll() { last = servers }
        return last
    }

    @Test("one without an address is known, takes nothing, and nobody checks it")
    func nowhere() {
        #expect(found?.model.isWithoutAddress == true)
        #expect(!isUp)
        #expect(publisher.backends[name]?.checks.isEmpty == true)
        #expect(told()?.map(\.server.reference.server) == ["found"])
    }

    @Test("it comes with its address, and is checked from then on")
    func comes() {
        #expect(place("10.0.0.1") == ["Server b/found ('web.example') is UP/READY (resolves again)."])
        #expect(found?.state.address == SocketAddress("10.0.0.1", port: 80))
        #expect(isUp)
        #expect(publisher.backends[name]?.checks.count == 1)
    }

    @Test("it moves, and what operators have said goes with it")
    func moves() {
        place("10.0.0.1")
        var adoption = Adoption(sequence: 2, onAdopted: {})
        #expect(publisher.obey(.weight(7), "found", of: name, into: &adoption))
        #expect(place("10.0.0.2") == ["b/found changed its IP from 10.0.0.1 to 10.0.0.2."])
        #expect(publisher.report(of: "found", in: name)?.weight == 7)
        #expect(place("10.0.0.2").isEmpty)
    }

    @Test("it goes with a reason, and the backend is told of that has nobody left")
    func goes() {
        publish { $0.servers.removeLast() }
        place("10.0.0.1")
        let said = place(nil, reason: .absent)
        #expect(said.count == 2)
        #expect(
            said.first?.contains("is going DOWN for maintenance (DNS NX status). 0 active and 0 backup")
                == true)
        #expect(said.last == "backend b has no server available!")
        #expect(!isUp)
    }

    @Test("a service's record says port, weight and host")
    func services() {
        publish { backend in
            backend.servers[0].port = 0
            backend.servers[0].resolution = ServerResolution(of: "_http._tcp.example", port: 0, by: "r")
        }
        let said = place("10.0.0.1", port: 8_080, weight: 3, host: "a.example")
        #expect(said == ["Server b/found ('a.example') is UP/READY (resolves again)."])
        #expect(found?.state.address.port == 8_080)
        #expect(found?.model.weight == 3)
        #expect(found.map { publisher.host(of: $0.model, in: name) } == "a.example")
    }

    @Test("it stays where it is when the backend is published again, and who asks is told where")
    func staysPublished() {
        place("10.0.0.1")
        let state = found?.state
        _ = told()
        publish { $0.retries = 9 }
        #expect(found?.state === state)
        #expect(told()?.first?.current.address == SocketAddress("10.0.0.1", port: 0))
    }

    @Test("one that is found otherwise from now on begins anew")
    func otherName() {
        place("10.0.0.1")
        publish { $0.servers[0].resolution?.name = "other.example" }
        #expect(found?.model.isWithoutAddress == true)
    }

    @Test("what was found for what is no more is not taken")
    func outdated() throws {
        let before = try #require(found.flatMap { ResolvedServer($0.model, of: name) })
        publish { $0.servers[0].resolution?.name = "other.example" }
        #expect(place("10.0.0.1", as: before).isEmpty)
        #expect(found?.model.isWithoutAddress == true)
    }

    @Test("an operator's name is asked for, until all is given up")
    func operatorsName() {
        place("10.0.0.1")
        _ = told()
        var adoption = Adoption(sequence: 2, onAdopted: {})
        #expect(publisher.obey(.change(.name("other.example")), "found", of: name, into: &adoption))
        publisher.sendResolverOrders()
        let after = told()?.first
        #expect(after?.server.resolution.name == "other.example")
        #expect(after?.current.address == SocketAddress("10.0.0.1", port: 0))
        #expect(!publisher.obey(.change(.name("a.example")), "fixed", of: name, into: &adoption))
        publisher.endSteering(into: &adoption)
        publisher.checkOrders.send()
        publisher.sendResolverOrders()
        #expect(told()?.first?.server.resolution.name == "web.example")
    }

    @Test("whoever follows one without an address takes nothing either")
    func followers() {
        publish { backend in
            backend.servers[1].check = ServerCheck(nil)
            backend.servers[1].check?.follows = ServerReference(backend: BackendName("b"), server: "found")
        }
        let follower = publisher.server("fixed", of: name)?.state
        #expect(follower?.isUp.load(ordering: .relaxed) == false)
        place("10.0.0.1")
        #expect(follower?.isUp.load(ordering: .relaxed) == true)
    }
}
