import Glibc
import Model
import Testing
import Wire

@testable import Engine

@Suite("Stick tables in the whole engine", .serialized)
struct StickTests {
    private let backends: [TestBackend]
    private let engine: TestEngine
    private let table = TableName("users")

    init() throws {
        backends = try (0..<3).map { try TestBackend("s\($0)") }
        engine = try TestEngine(workers: 2)
    }

    private var model: StickTable {
        StickTable(
            type: .string(length: 20), size: 100, stored: [StoredData(.serverID), StoredData(.serverKey)])
    }

    private func user(_ action: StickRule.Action = .matchAndStore) throws -> StickRule {
        StickRule(action, try Expression(.requestField(FieldPick("x-user"))), in: table)
    }

    private func publish(_ model: StickTable?) -> Bool {
        var change = Change()
        change.tables = [table: model]
        return engine.publish(change)
    }

    /// Serves `backends`, whose clients are kept by the field `X-User`.
    private func serve(_ backends: [TestBackend], pool: (inout Backend) -> Void = { _ in }) throws -> Bool {
        let rule = try user()
        return engine.serve(backends) { backend in
            backend.persistence.stickRules = [rule]
            pool(&backend)
        }
    }

    private func ask(_ user: String?, method: String = "GET") -> String? {
        let client = engine.connect()
        let line = user.map { "X-User: \($0)\r\n" } ?? ""
        client.send("\(method) / HTTP/1.1\r\nHost: shop.example\r\n\(line)\r\n")
        let answer = client.answer()
        return answer?.status == 200 ? answer?.body : answer.map { "\($0.status)" }
    }

    @Test("users keep their servers, whichever worker they come to")
    func keeps() throws {
        defer { backends.forEach { $0.stop() } }
        #expect(publish(model))
        #expect(try serve(backends))
        let first = (0..<12).map { ask("user\($0)") }
        #expect(Set(first) == ["s0", "s1", "s2"])
        for _ in 0..<3 { #expect((0..<12).map { ask("user\($0)") } == first) }
        #expect(Set((0..<6).map { _ in ask(nil) }) == ["s0", "s1", "s2"])
    }

    @Test("users stay through publishes of servers, rules and table, and leave when their server does")
    func publishes() throws {
        defer { backends.forEach { $0.stop() } }
        #expect(publish(model))
        #expect(try serve(backends))
        let first = try #require(ask("u"))
        let own = try #require(backends.first { $0.name == first })
        let others = backends.filter { $0.name != first }
        var wider = model
        wider.size = 200
        wider.expire = 60_000
        #expect(publish(wider))
        #expect(try serve([others[1], own, others[0]]))
        for _ in 0..<4 { #expect(ask("u") == first) }
        #expect(try serve(others))
        let second = try #require(ask("u"))
        #expect(second != first)
        #expect(try serve([own] + others))
        for _ in 0..<4 { #expect(ask("u") == second) }
    }

    @Test("another table is empty, and its rules are its own from then on")
    func otherTable() throws {
        defer { backends.forEach { $0.stop() } }
        #expect(publish(model))
        #expect(try serve(backends))
        let before = (0..<3).map { ask("u\($0)") }
        var other = model
        other.type = .string(length: 1)
        #expect(publish(other))
        let after = (0..<3).map { ask("u\($0)") }
        // One byte of them is the same.
        #expect(Set(after).count == 1)
        #expect(Set(before).count == 3)
    }

    @Test("without their table rules do nothing, until it is there")
    func noTable() throws {
        defer { backends.forEach { $0.stop() } }
        #expect(try serve(backends))
        #expect(Set((0..<6).map { _ in ask("u") }).count == 3)
        #expect(publish(model))
        let first = ask("u")
        for _ in 0..<4 { #expect(ask("u") == first) }
        #expect(publish(nil))
        #expect(Set((0..<6).map { _ in ask("u") }).count == 3)
    }

    @Test("a server of weight 0 keeps its users and takes no others")
    func drain() throws {
        defer { backends.forEach { $0.stop() } }
        #expect(publish(model))
        #expect(try serve(backends))
        let first = try #require(ask("u"))
        #expect(
            try serve(backends) { pool in
                for i in pool.servers.indices where pool.servers[i].name == first {
                    pool.servers[i].weight = 0
                }
            })
        for _ in 0..<4 { #expect(ask("u") == first) }
        #expect(!(0..<6).map { ask("new\($0)") }.contains(first))
    }

    @Test("a server that does not listen is left for another, which the entry names then")
    func redispatch() throws {
        defer { backends.forEach { $0.stop() } }
        #expect(publish(model))
        #expect(try serve(backends))
        let first = try #require(ask("u"))
        let closed = try TestPeer.closedPort()
        #expect(
            try serve(backends) { pool in
                for i in pool.servers.indices where pool.servers[i].name == first {
                    pool.servers[i].port = closed
                }
            })
        let second = try #require(ask("u"))
        #expect(second.hasPrefix("s") && second != first)
        for _ in 0..<3 { #expect(ask("u") == second) }
    }

    @Test("users wait for their server while it is full, and go there")
    func queues() throws {
        defer { backends.forEach { $0.stop() } }
        #expect(publish(model))
        #expect(
            try serve(backends) { pool in
                for i in pool.servers.indices { pool.servers[i].maxConnections = 1 }
            })
        let first = try #require(ask("u"))
        let clients = (0..<5).map { _ in engine.connect() }
        for client in clients { client.send("GET / HTTP/1.1\r\nHost: shop.example\r\nX-User: u\r\n\r\n") }
        for client in clients { #expect(client.answer()?.body == first) }
    }

    @Test("without redispatch a user whose server is gone is told so, and stays")
    func stays() throws {
        defer { backends.forEach { $0.stop() } }
        #expect(publish(model))
        #expect(try serve(backends))
        let first = try #require(ask("u"))
        let closed = try TestPeer.closedPort()
        #expect(
            try serve(backends) { pool in
                pool.redispatch = false
                pool.retries = 0
                for i in pool.servers.indices where pool.servers[i].name == first {
                    pool.servers[i].port = closed
                }
            })
        #expect(ask("u") == "503")
        #expect(ask("u") == "503")
        #expect(ask("v")?.hasPrefix("s") == true)
    }

    @Test("how full a table is can be seen, and what has expired does not count")
    func metrics() throws {
        defer { backends.forEach { $0.stop() } }
        var short = model
        short.expire = 1
        #expect(publish(model))
        #expect(try serve(backends))
        for i in 0..<5 { _ = ask("u\(i)") }
        #expect(
            eventually { engine.engine.metrics().tables == [TableMetrics(name: table, used: 5, size: 100)] })
        #expect(publish(short))
        #expect(
            eventually { engine.engine.metrics().tables == [TableMetrics(name: table, used: 0, size: 100)] })
    }

    @Test("many users at once, with the table full, are all served")
    func crowd() throws {
        defer { backends.forEach { $0.stop() } }
        var small = model
        small.size = 3
        #expect(publish(small))
        #expect(try serve(backends))
        for round in 0..<3 {
            let clients = (0..<30).map { _ in engine.connect() }
            for (i, client) in clients.enumerated() {
                client.send("GET / HTTP/1.1\r\nHost: shop.example\r\nX-User: \(round)-\(i)\r\n\r\n")
            }
            for client in clients { #expect(client.answer()?.status == 200) }
        }
    }
}
