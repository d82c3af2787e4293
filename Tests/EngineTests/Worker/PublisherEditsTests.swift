import Basics
import Model
import Synchronization
import Testing
import Wire

@testable import Engine

@Suite("What operators change of servers")
final class PublisherEditsTests {
    private let publisher = Publisher(
        workers: 1, frontends: [Frontend(name: "http", binds: [])], selfSigned: nil)
    private let name = BackendName("b")

    init() {
        var servers = ["plain", "checked"].map {
            Server(address: "10.0.0.1", port: 80, identity: $0, name: $0)
        }
        servers[1].check = ServerCheck()
        publish(servers)
    }

    /// Nobody checks here: what whoever does would be told refers to the mailbox it waits in.
    deinit { _ = publisher.checkOrders.mailbox.takeAll() }

    private func publish(_ servers: [Server]) {
        var change = Change()
        change.backends = [name: Backend(servers: servers, origin: Origin(namespace: "", name: "b"))]
        var adoption = Adoption(sequence: 1, onAdopted: {})
        let problems = publisher.compile(change, into: &adoption)
        #expect(problems.isEmpty)
        publisher.checkOrders.send()
    }

    private func obey(_ order: ServerOrder, _ server: String = "plain") -> Bool {
        var adoption = Adoption(sequence: 2, onAdopted: {})
        defer { publisher.checkOrders.send() }
        return publisher.obey(order, server, of: name, into: &adoption)
    }

    private func restore() {
        var adoption = Adoption(sequence: 3, onAdopted: {})
        publisher.endSteering(into: &adoption)
        publisher.checkOrders.send()
    }

    private func state(_ server: String) -> ServerState? { publisher.server(server, of: name)?.state }

    @Test("a server that moves keeps what was said of it, and goes back with all else")
    func address() {
        #expect(obey(.weight(7)))
        #expect(obey(.state(.drain)))
        #expect(obey(.change(.address("10.0.0.9", port: 81))))
        #expect(state("plain")?.address.description(withPort: true) == "10.0.0.9:81")
        let report = publisher.report(of: "plain", in: name)
        #expect(report?.weight == 7)
        #expect(report?.state == .drain)
        #expect(report?.model.address == "10.0.0.9")
        restore()
        #expect(state("plain")?.address.description(withPort: true) == "10.0.0.1:80")
        #expect(publisher.report(of: "plain", in: name)?.weight == 1)
    }

    @Test("one that is down stays down where it moves to")
    func down() {
        #expect(obey(.health(.down)))
        #expect(state("plain")?.isUp.load(ordering: .relaxed) == false)
        #expect(obey(.change(.address("10.0.0.9", port: 80))))
        #expect(state("plain")?.isUp.load(ordering: .relaxed) == false)
        #expect(obey(.health(.up)))
        #expect(state("plain")?.isUp.load(ordering: .relaxed) == true)
    }

    @Test("a check goes with its server, and the old one ends")
    func checks() {
        _ = publisher.checkOrders.mailbox.takeAll()
        let before = state("checked")
        #expect(obey(.change(.address("10.0.0.9", port: 80)), "checked"))
        var (watched, forgotten) = (0, 0)
        for order in publisher.checkOrders.mailbox.takeAll() {
            switch order {
            case .watch(let servers): watched += servers.count
            case .forget(let servers): forgotten += servers.count { $0 === before }
            default: break
            }
        }
        #expect(watched == 1)
        #expect(forgotten == 1)
        #expect(obey(.change(.check(address: "10.0.0.3", port: 99)), "checked"))
        #expect(publisher.report(of: "checked", in: name)?.model.check?.port == 99)
        restore()
        #expect(publisher.report(of: "checked", in: name)?.model.check?.port == 0)
    }

    @Test("what is not there can not be changed")
    func refusals() {
        #expect(!obey(.change(.check(address: nil, port: 1))))
        #expect(!obey(.change(.agent(address: nil, port: 1, greeting: nil)), "checked"))
        #expect(!obey(.change(.tls(true))))
        #expect(!obey(.change(.address("10.0.0.9", port: 80)), "none"))
        #expect(obey(.change(.address("10.0.0.1", port: 80))))
    }

    @Test("a backend that is published again is as it was published")
    func published() {
        #expect(obey(.change(.address("10.0.0.9", port: 80))))
        publish([Server(address: "10.0.0.2", port: 80, identity: "plain", name: "plain")])
        #expect(state("plain")?.address.description(withPort: true) == "10.0.0.2:80")
        restore()
        #expect(state("plain")?.address.description(withPort: true) == "10.0.0.2:80")
    }
}
