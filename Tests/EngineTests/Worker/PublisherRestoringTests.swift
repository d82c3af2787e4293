import Basics
import Model
import Synchronization
import Testing
import Wire

@testable import Engine

@Suite("Servers that go on as they were")
final class PublisherRestoringTests {
    private let publisher = Publisher(
        workers: 1, frontends: [Frontend(name: "http", binds: [])], selfSigned: nil)
    private let name = BackendName("b")
    private var backend: Backend

    init() {
        var servers = ["plain", "checked"].map {
            Server(address: "10.0.0.1", port: 80, identity: $0, name: $0)
        }
        var check = ServerCheck()
        check.probe = .connect
        servers[1].check = check
        backend = Backend(servers: servers, origin: Origin(namespace: "", name: "b"))
    }

    /// Nobody checks here: what whoever does would be told refers to the mailbox it waits in.
    deinit { _ = publisher.checkOrders.mailbox.takeAll() }

    /// Publishes the backend; the set that workers are left with.
    private func publish(_ record: ServerStateRecord, of server: String) -> ServerSet? {
        var change = Change()
        change.backends = [name: backend]
        var adoption = Adoption(sequence: 1, onAdopted: {})
        let known = publisher.knownServers
        _ = publisher.compile(change, into: &adoption)
        publisher.restore(
            [ServerReference(backend: name, server: server): record], besides: known, into: &adoption)
        return adoption.pools.last?.servers
    }

    private var watched: WatchedServer? { publisher.checkOrders.watched.last }

    private func isUp(_ server: String) -> Bool? {
        publisher.server(server, of: name)?.state.isUp.load(ordering: .relaxed)
    }

    @Test("a server that was down takes nothing until its check finds it up")
    func down() throws {
        var record = ServerStateRecord()
        (record.operation, record.checkStatus, record.seconds) = (.stopped, 8, 1)
        #expect(publish(record, of: "checked")?.servers.count == 1)
        #expect(isUp("checked") == false && isUp("plain") == true)
        let watch = Watch(try #require(watched))
        #expect(watch.state.isSurelyDown && !watch.told.isUp)
        #expect(!watch.note(CheckResult(.connected)) || !watch.condition.isUp)
        _ = watch.note(CheckResult(.connected))
        #expect(watch.condition.isUp)
        let report = publisher.server("checked", of: name)?.state.health.load()?.report
        #expect(report?.state == "DOWN" && report?.status == .connectFailed && report?.isUp == false)
        let since = publisher.server("checked", of: name)?.state.availability.withLock { $0.changedAt }
        #expect(try #require(since) <= Clock.now() - 1_000_000_000)
    }

    @Test("one that got nobody new because of its check goes on so")
    func stopping() throws {
        var record = ServerStateRecord()
        (record.operation, record.checkLevel) = (.stopping, 3)
        let set = publish(record, of: "checked")
        #expect(set.map { set in (0..<set.servers.count).map { set.weights[$0] } } == [1])
        #expect(isUp("checked") == true)
        #expect(Watch(try #require(watched)).condition.isDraining)
    }

    @Test("what operators have said holds from the first moment on")
    func steering() {
        var record = ServerStateRecord()
        (record.administration, record.operation) = (.maintenance, .stopped)
        #expect(publish(record, of: "plain")?.servers.count == 1)
        #expect(isUp("plain") == false)
        #expect(publisher.report(of: "plain", in: name)?.state == .maintenance)
        (record.administration, record.operation, record.weight) = ([], .running, 7)
        let set = publish(record, of: "plain")
        #expect(set.map { set in (0..<set.servers.count).map { set.weights[$0] } } == [7, 1])
        #expect(isUp("plain") == true)
    }

    @Test("a port of before is the server's from the first moment on")
    func port() {
        var record = ServerStateRecord()
        record.port = 81
        let set = publish(record, of: "plain")
        #expect(set?.servers.count == 2)
        #expect(publisher.server("plain", of: name)?.state.address.port == 81)
        // The configuration is published again: so is what the file says.
        backend.timeouts.connect = 1
        _ = publish(record, of: "plain")
        #expect(publisher.server("plain", of: name)?.state.address.port == 81)
    }

    @Test("what checks know of a server that is there is newer than a file")
    func known() {
        _ = publish(ServerStateRecord(), of: "other")
        publisher.checkOrders.send()
        var record = ServerStateRecord()
        record.operation = .stopped
        #expect(publish(record, of: "checked")?.servers.count == 2)
        #expect(isUp("checked") == true)
        // What an operator has said of one that nobody checks is gone when files are read again, and comes back.
        #expect(publish(record, of: "plain")?.servers.count == 1)
        #expect(isUp("plain") == false)
    }
}
