import Basics
import Model
import Synchronization
import Testing
import Wire

@testable import Engine

@Suite("Stick rules")
struct StickRulesTests {
    private let tables: TableStore
    private let states: [ServerState]
    private let ids: [UInt32] = [1, 2, 3]

    init() {
        var (tables, problems) = (TableStore(), [Diagnostic]())
        _ = tables.apply([TableName("t"): StickTable(type: .ip, size: 10)], problems: &problems)
        self.tables = tables
        states = (0..<3).map { i in
            ServerState(
                address: SocketAddress("127.0.0.\(i + 1)", port: 80) ?? SocketAddress(), name: "s\(i)",
                identity: "",
                workers: 1)
        }
    }

    private func backend(_ change: (inout Backend) -> Void = { _ in }) throws -> Backend {
        var backend = Backend(
            servers: (0..<3).map { Server(address: "127.0.0.\($0 + 1)", port: 80, name: "s\($0)") },
            origin: Origin(namespace: "", name: "b"))
        backend.persistence.stickRules = [
            StickRule(.matchAndStore, try Expression(.ofClient(.source)), in: TableName("t"))
        ]
        change(&backend)
        return backend
    }

    private func rules(_ change: (inout Backend) -> Void = { _ in }) throws -> StickRules? {
        StickRules(try backend(change), states: states, ids: ids, tables: tables)
    }

    private func place(_ rules: StickRules?, _ named: ServerMark.Stored?, _ key: TableServerKey = .name)
        -> Int?
    {
        let found = named.flatMap { rules?.server(of: $0, key) }
        return states.firstIndex { state in found?.toOpaque() == Unmanaged.passUnretained(state).toOpaque() }
    }

    private func mark(_ rules: StickRules?, _ place: Int) -> ServerMark? {
        rules?.mark(of: Unmanaged.passUnretained(states[place]))
    }

    @Test("a backend without rules, or whose tables there are not, has none")
    func none() throws {
        #expect(try rules { $0.persistence.stickRules = [] } == nil)
        #expect(try rules { $0.persistence.stickRules[0].table = TableName("other") } == nil)
    }

    @Test("what is stored of a server leads back to it", arguments: [TableServerKey.name, .address])
    func back(key: TableServerKey) throws {
        let rules = try rules()
        for i in 0..<3 { #expect(place(rules, mark(rules, i)?.stored(by: key), key) == i) }
    }

    @Test("the name decides before the id, and the id where there is no such name")
    func order() throws {
        let rules = try rules()
        let name = try #require(mark(rules, 2)).name
        #expect(place(rules, ServerMark.Stored(id: 1, key: name)) == 2)
        #expect(place(rules, ServerMark.Stored(id: 1, key: ServerMark.hash("gone"))) == 0)
        #expect(place(rules, ServerMark.Stored(id: 3)) == 2)
        #expect(place(rules, ServerMark.Stored(id: 9)) == nil)
        #expect(place(rules, ServerMark.Stored()) == nil)
    }

    @Test("a server that is down is named by nobody, but with option persist")
    func down() throws {
        states[1].isUp.store(false, ordering: .relaxed)
        let usual = try rules()
        #expect(place(usual, mark(usual, 1)?.stored(by: .name)) == nil)
        let kept = try rules { $0.persistence.keepsDownServers = true }
        #expect(place(kept, mark(kept, 1)?.stored(by: .name)) == 1)
    }

    @Test("servers of weight 0 and backup servers are named")
    func all() throws {
        let rules = try rules {
            $0.servers[0].weight = 0
            $0.servers[1].isBackup = true
        }
        for i in 0..<2 { #expect(place(rules, mark(rules, i)?.stored(by: .name)) == i) }
    }

    @Test("a server that is not to be remembered is not, but may be named")
    func nonStick() throws {
        let rules = try rules { $0.servers[1].isRemembered = false }
        #expect(mark(rules, 1) == nil)
        #expect(place(rules, ServerMark.Stored(id: 2)) == 1)
    }

    @Test("a stranger is not remembered")
    func stranger() throws {
        let other = ServerState(address: SocketAddress(), name: "x", identity: "", workers: 1)
        #expect(try rules()?.mark(of: Unmanaged.passUnretained(other)) == nil)
    }

    @Test("rules for answers stand by themselves")
    func answers() throws {
        let rules = try rules { backend in
            let rule = backend.persistence.stickRules[0]
            backend.persistence.stickRules = [StickRule.Action.match, .storeAnswer, .store].map {
                StickRule($0, rule.key, in: rule.table)
            }
        }
        let found = try #require(rules)
        #expect((0..<found.forRequests.count).map { found.forRequests[$0].matches } == [true, false])
        #expect((0..<found.forRequests.count).map { found.forRequests[$0].stores } == [false, true])
        #expect(found.forAnswers.count == 1)
    }

    @Test("an index finds every number, and the first of two", arguments: [0, 1, 3, 4, 5, 1_000])
    func index(count: Int) {
        let keys = (0..<count).map { UInt64($0) &* 4_096 }
        let index = KeyIndex(keys + keys)
        var found: [Int?] = []
        var strangers: [Int] = []
        for key in keys { found.append(index[key]) }
        for i in 0..<100 { if let place = index[UInt64(i) &* 4_096 + 1] { strangers.append(place) } }
        #expect(found == Array(0..<count))
        #expect(strangers.isEmpty)
    }
}

@Suite("Sticking")
struct StickingTests {
    private let first = SharedTable(StickTable(type: .string(length: 40), size: 5))
    private let second = SharedTable(StickTable(type: .integer, size: 5))
    private let buffers = BufferPool(size: 64, keep: 2)

    private func note(_ text: StaticString, for table: SharedTable, in sticking: inout Sticking) {
        guard let key = TableKey(text.view, for: table.layout.type) else { return }
        sticking.note(key, for: Unmanaged.passUnretained(table), buffers)
    }

    private func hashes(_ sticking: borrowing Sticking) -> [UInt64] {
        var found: [UInt64] = []
        for i in 0..<sticking.count { if let (_, key) = sticking.store(i) { found.append(key.hash) } }
        return found
    }

    @Test("keys are kept apart from the bytes they were made of")
    func keys() throws {
        var sticking = Sticking()
        note("some text", for: first, in: &sticking)
        note("more of it", for: first, in: &sticking)
        sticking.note(TableKey(number: 7), for: Unmanaged.passUnretained(second), buffers)
        #expect(hashes(sticking).count == 3)
        if let (_, key) = sticking.store(1) { first.obtain(key, now: 0) { _, _ in } }
        let same = try #require(TableKey(("more of it" as StaticString).view, for: first.layout.type))
        #expect(first.read(same, now: 0) { _, _ in true } == true)
        buffers.takeBack(&sticking.texts)
    }

    @Test("it tells for which tables it has a key")
    func notes() {
        var sticking = Sticking()
        sticking.note(TableKey(number: 7), for: Unmanaged.passUnretained(second), buffers)
        let (one, other) = (
            sticking.notes(Unmanaged.passUnretained(second)), sticking.notes(Unmanaged.passUnretained(first))
        )
        #expect(one && !other)
        sticking.clear()
        let again = sticking.notes(Unmanaged.passUnretained(second))
        #expect(!again)
    }

    @Test("eight are the most, and what there is no room for is left out")
    func bounds() {
        var sticking = Sticking()
        for i in 0..<20 {
            sticking.note(TableKey(number: Int64(i)), for: Unmanaged.passUnretained(second), buffers)
        }
        #expect(hashes(sticking).count == 8)
        sticking.clear()
        for _ in 0..<5 { note("thirty bytes of text, and more", for: first, in: &sticking) }
        #expect(hashes(sticking).count == 2)
        buffers.takeBack(&sticking.texts)
    }
}
