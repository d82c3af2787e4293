import Basics
import Model
import Synchronization
import Testing
import Wire

@testable import Engine

/// Two processes that share tables, without sockets: what one says is read by the other when the test wants it.
struct PeerPair {
    var one: PeerGroup
    var two: PeerGroup
    private(set) var tables: (SharedTable, SharedTable)
    var now: UInt64 = 1_000_000
    private let model: StickTable
    private var decoders = (PeerDecoder(), PeerDecoder())
    /// Everything that either has said.
    private(set) var said: (one: [PeerMessage], two: [PeerMessage]) = ([], [])

    init(_ model: StickTable, other: StickTable? = nil) {
        var (model, other) = (model, other ?? model)
        (model.peers, other.peers) = ("p", "p")
        self.model = model
        tables = (SharedTable(model), SharedTable(other))
        one = PeerGroup(PeerPair.section(local: "one", remote: "two"), now: now)
        two = PeerGroup(PeerPair.section(local: "two", remote: "one"), now: now)
        one.setTables([PeerPair.shared(tables.0, model)], servers: ["s1"], now: now)
        two.setTables([PeerPair.shared(tables.1, other)], servers: ["s1"], now: now)
    }

    private static func section(local: String, remote: String) -> PeerSection {
        var section = PeerSection("p", localName: local)
        section.peers = [
            PeerSection.Peer(local, address: nil, port: 0),
            PeerSection.Peer(remote, address: "127.0.0.1", port: 1),
        ]
        return section
    }

    private static func shared(_ table: SharedTable, _ model: StickTable) -> SharedPeerTable {
        SharedPeerTable(name: "t", wholeName: "t", model: model, table: table)
    }

    /// A connection stands.
    mutating func connect(minorVersion: Int = 1) {
        one.opened(0, minorVersion: minorVersion, now: now)
        two.opened(0, minorVersion: minorVersion, now: now)
        decoders = (PeerDecoder(), PeerDecoder())
    }

    mutating func disconnect() {
        one.closed(0, now: now)
        two.closed(0, now: now)
    }

    /// The second process begins anew, with nothing.
    mutating func restartTwo() {
        tables.1 = SharedTable(model)
        two = PeerGroup(two.section, now: now)
        two.setTables([PeerPair.shared(tables.1, model)], servers: ["s1"], now: now)
    }

    /// Both have waited for whoever has everything.
    mutating func becomeComplete() throws {
        try settle()
        now += PeerGroup.patience
        try settle()
    }

    /// Both do what they have to until there is nothing left to be said.
    mutating func settle() throws {
        for _ in 0..<1_000 {
            _ = one.tellChanges(now: now)
            _ = two.tellChanges(now: now)
            one.advance(now: now)
            two.advance(now: now)
            let (first, second) = (one.links[0].output, two.links[0].output)
            if first.isEmpty, second.isEmpty, !one.links[0].isWalking, !two.links[0].isWalking { return }
            one.sent(first.count, to: 0)
            two.sent(second.count, to: 0)
            first.withView { decoders.0.append($0) }
            second.withView { decoders.1.append($0) }
            while let message = try decoders.0.next() {
                said.one.append(message)
                try two.receive(message, from: 0, now: now)
            }
            while let message = try decoders.1.next() {
                said.two.append(message)
                try one.receive(message, from: 0, now: now)
            }
        }
        Issue.record("they never come to an end")
    }

    mutating func forget() { said = ([], []) }

    /// One of both shares another table as well, of this name.
    mutating func add(_ name: String, to group: WritableKeyPath<PeerPair, PeerGroup>) -> SharedTable {
        let table = SharedTable(model)
        let first = group == \PeerPair.one ? tables.0 : tables.1
        let added = SharedPeerTable(name: name, wholeName: name, model: model, table: table)
        self[keyPath: group].setTables([PeerPair.shared(first, model), added], servers: ["s1"], now: now)
        return table
    }

    // MARK: Entries

    /// Traffic of the first process.
    func count(_ key: Int64, by amount: UInt64 = 1, _ event: TableEvent = .request) {
        PeerPair.count(key, amount, event, in: tables.0, now)
    }

    static func count(
        _ key: Int64, _ amount: UInt64, _ event: TableEvent, in table: SharedTable, _ now: UInt64
    ) {
        table.obtain(TableKey(number: key), now: now) { shard, entry in
            shard.touch(entry, now: now)
            shard.count(event, by: amount, in: entry, table.layout, now: now)
        }
    }

    static func value(
        _ key: Int64, _ kind: StoredData.Kind, in table: SharedTable, _ now: UInt64, index: Int = 0
    ) -> UInt64? {
        table.read(TableKey(number: key), now: now) { shard, entry in
            shard.value(kind, index, in: entry, table.layout, now: now)
        } ?? nil
    }

    /// What the second one knows.
    func learned(_ key: Int64, _ kind: StoredData.Kind = .requests, index: Int = 0) -> UInt64? {
        PeerPair.value(key, kind, in: tables.1, now, index: index)
    }

    /// What the first one knows.
    func known(_ key: Int64, _ kind: StoredData.Kind = .requests) -> UInt64? {
        PeerPair.value(key, kind, in: tables.0, now)
    }
}
