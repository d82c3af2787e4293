import Basics
import Model
import Synchronization
import Testing
import Wire

@testable import Engine

@Suite("What operators say of servers")
struct PublisherSteeringTests {
    private let publisher = Publisher(
        workers: 1, frontends: [Frontend(name: "http", binds: [])], selfSigned: nil)
    private let name = BackendName("b")

    init() {
        var servers = ["s", "other"].map { Server(address: "10.0.0.1", port: 80, identity: $0, name: $0) }
        servers[1].weight = 4
        var change = Change()
        change.backends = [name: Backend(servers: servers, origin: Origin(namespace: "", name: "b"))]
        var adoption = Adoption(sequence: 1, onAdopted: {})
        let problems = publisher.compile(change, into: &adoption)
        #expect(problems.isEmpty)
    }

    /// The weights of those that take new requests after an order; nil if there is no such server.
    private func weights(after order: ServerOrder, of server: String = "other") -> [Int]? {
        var adoption = Adoption(sequence: 2, onAdopted: {})
        guard publisher.obey(order, server, of: name, into: &adoption),
            let set = adoption.pools.first?.servers
        else { return nil }
        return (0..<set.servers.count).map { set.weights[$0] }
    }

    @Test("a weight takes the place of the configured one")
    func weight() {
        #expect(weights(after: .weight(7)) == [1, 7])
        let report = publisher.report(of: "other", in: name)
        #expect(report?.weight == 7)
        #expect(report?.configuredWeight == 4)
        #expect(report?.takesWeights == true)
        #expect(weights(after: .weight(0), of: "s") == [7])
        #expect(weights(after: .weight(1), of: "none") == nil)
    }

    @Test("who is drained or out of service gets nobody new, and comes back with its weight")
    func states() {
        #expect(weights(after: .state(.drain)) == [1])
        #expect(publisher.server("other", of: name)?.state.isUp.load(ordering: .relaxed) == true)
        #expect(weights(after: .state(.maintenance)) == [1])
        #expect(publisher.server("other", of: name)?.state.isUp.load(ordering: .relaxed) == false)
        #expect(weights(after: .state(.ready)) == [1, 4])
        #expect(publisher.server("other", of: name)?.state.isUp.load(ordering: .relaxed) == true)
    }

    @Test(
        "who is disabled in the file is out of service until somebody says otherwise, and again when that ends"
    )
    func disabled() throws {
        var servers = ["s", "other"].map { Server(address: "10.0.0.1", port: 80, identity: $0, name: $0) }
        servers[1].isDisabled = true
        publish(servers)
        #expect(publisher.report(of: "other", in: name)?.state == .maintenance)
        #expect(publisher.server("other", of: name)?.state.isUp.load(ordering: .relaxed) == false)
        #expect(weights(after: .state(.ready)) == [1, 1])
        // What says nothing of it leaves it as it is; the end of all that was said does not.
        servers[0].weight = 2
        publish(servers)
        #expect(publisher.report(of: "other", in: name)?.state == .ready)
        var adoption = Adoption(sequence: 3, onAdopted: {})
        publisher.endSteering(into: &adoption)
        #expect(adoption.pools.first.map { $0.servers.servers.count } == 1)
        #expect(publisher.report(of: "other", in: name)?.state == .maintenance)
        servers[1].isDisabled = false
        publish(servers)
        #expect(publisher.report(of: "other", in: name)?.state == .ready)
        #expect(publisher.server("other", of: name)?.state.isUp.load(ordering: .relaxed) == true)
    }

    private func publish(_ servers: [Server]) {
        var change = Change()
        change.backends = [name: Backend(servers: servers, origin: Origin(namespace: "", name: "b"))]
        var adoption = Adoption(sequence: 1, onAdopted: {})
        #expect(publisher.compile(change, into: &adoption).isEmpty)
    }

    @Test("what was said ends together")
    func end() {
        _ = weights(after: .weight(9))
        _ = weights(after: .state(.maintenance), of: "s")
        var adoption = Adoption(sequence: 3, onAdopted: {})
        publisher.endSteering(into: &adoption)
        #expect(adoption.pools.count == 1)
        #expect(adoption.pools.first.map { ($0.servers.servers.count) } == 2)
        #expect(publisher.report(of: "other", in: name)?.weight == 4)
        #expect(publisher.report(of: "s", in: name)?.state == .ready)
    }
}
