import Basics
import Model
import Synchronization
import Wire

/// The `stick` lines of a backend, and the servers that tables may name. Made with the set of servers, so that a name is found
/// with one probe however many there are.
final class StickRules: Sendable {
    /// For requests, in order.
    let forRequests: FixedArray<Rule>
    /// For answers, in order.
    let forAnswers: FixedArray<Rule>
    /// When each of them is done.
    let whenRequested: ConditionSet
    let whenAnswered: ConditionSet
    private let keepsDown: Bool
    private let servers: FixedArray<Server>
    private let byState: KeyIndex
    private let byID: KeyIndex
    private let byName: KeyIndex
    private let byAddress: KeyIndex
    /// Keep what is pointed to alive.
    private let owned: [ServerState]
    private let tables: [SharedTable]

    struct Rule: ~Copyable {
        let matches: Bool
        let stores: Bool
        let key: CompiledExpression
        let table: Unmanaged<SharedTable>
    }

    private struct Server: ~Copyable {
        let state: Unmanaged<ServerState>
        let mark: ServerMark
        let isRemembered: Bool
    }

    /// Nil if the backend has no rules, or none whose table there is.
    init?(_ backend: Backend, states: [ServerState], ids: [UInt32], tables: TableStore) {
        let found = backend.persistence.stickRules.compactMap { rule in tables[rule.table].map { (rule, $0) }
        }
        guard !found.isEmpty else { return nil }
        let (requests, answers) = (
            found.filter { $0.0.action != .storeAnswer }, found.filter { $0.0.action == .storeAnswer }
        )
        forRequests = StickRules.compile(requests)
        forAnswers = StickRules.compile(answers)
        whenRequested = ConditionSet(requests.map(\.0.condition))
        whenAnswered = ConditionSet(answers.map(\.0.condition))
        self.tables = found.map(\.1)
        keepsDown = backend.persistence.keepsDownServers
        owned = states
        let marks = states.indices.map { i in
            ServerMark(
                id: UInt64(ids[i]), name: ServerMark.hash(backend.servers[i].name),
                address: ServerMark.hash(states[i].address.description(withPort: true)))
        }
        servers = FixedArray(count: states.count) {
            Server(
                state: Unmanaged.passUnretained(states[$0]), mark: marks[$0],
                isRemembered: backend.servers[$0].isRemembered)
        }
        byState = KeyIndex(states.map { StickRules.bits(of: Unmanaged.passUnretained($0)) })
        byID = KeyIndex(marks.map(\.id))
        byName = KeyIndex(marks.map(\.name))
        byAddress = KeyIndex(marks.map(\.address))
    }

    private static func compile(_ found: [(StickRule, SharedTable)]) -> FixedArray<Rule> {
        FixedArray(count: found.count) {
            let (rule, table) = found[$0]
            return Rule(
                matches: rule.action == .match || rule.action == .matchAndStore,
                stores: rule.action != .match,
                key: CompiledExpression(rule.key), table: Unmanaged.passUnretained(table))
        }
    }

    private static func bits(of state: Unmanaged<ServerState>) -> UInt64 {
        UInt64(UInt(bitPattern: state.toOpaque()))
    }

    /// The server that an entry names, by its key first and then by its id, if it takes requests: also one of weight 0, and
    /// one that is down where `option persist` or `force-persist` say so.
    func server(of named: ServerMark.Stored, _ key: TableServerKey, isForced: Bool = false)
        -> Unmanaged<ServerState>?
    {
        let byKey = named.key == 0 ? nil : key == .name ? byName[named.key] : byAddress[named.key]
        guard let index = byKey ?? byID[named.id] else { return nil }
        let isUp = servers[index].state._withUnsafeGuaranteedRef { $0.isUp.load(ordering: .relaxed) }
        return isUp || keepsDown || isForced ? servers[index].state : nil
    }

    /// What entries name a server by; nil if it is not to be remembered.
    func mark(of state: Unmanaged<ServerState>) -> ServerMark? {
        guard let index = byState[StickRules.bits(of: state)], servers[index].isRemembered else { return nil }
        return servers[index].mark
    }
}

/// What a server is remembered by. Names are kept as hashes with the process's seed: an entry stays of one size, and what a
/// server was called that is gone takes no memory.
struct ServerMark {
    let id: UInt64
    let name: UInt64
    let address: UInt64

    /// As an entry holds it; 0 is nothing.
    struct Stored {
        var id: UInt64 = 0
        var key: UInt64 = 0
    }

    static func hash(_ text: String) -> UInt64 { text.withView { KeyedHash.hash($0) | 1 } }

    func stored(by key: TableServerKey) -> Stored { Stored(id: id, key: key == .name ? name : address) }
}

/// Finds the place of a number in a list.
struct KeyIndex: ~Copyable, Sendable {
    /// Of each number its place plus one; 0 is a free slot.
    private let slots: FixedArray<Slot>

    struct Slot: Sendable {
        var key: UInt64 = 0
        var place = 0
    }

    /// Of numbers that are the same the first is found.
    init(_ keys: [UInt64]) {
        var size = 4
        while size < keys.count * 2 { size *= 2 }
        var slots = [Slot](repeating: Slot(), count: size)
        for (place, key) in keys.enumerated() {
            var slot = KeyIndex.first(key, size)
            while slots[slot].place > 0 { slot = (slot + 1) & (size - 1) }
            slots[slot] = Slot(key: key, place: place + 1)
        }
        self.slots = FixedArray(count: size) { slots[$0] }
    }

    private static func first(_ key: UInt64, _ size: Int) -> Int {
        Int(truncatingIfNeeded: key &* 0x9E37_79B9_7F4A_7C15 >> 32) & (size - 1)
    }

    subscript(key: UInt64) -> Int? {
        var slot = KeyIndex.first(key, slots.count)
        while true {
            let known = slots[slot]
            guard known.place > 0 else { return nil }
            if known.key == key { return known.place &- 1 }
            slot = (slot &+ 1) & (slots.count &- 1)
        }
    }
}
