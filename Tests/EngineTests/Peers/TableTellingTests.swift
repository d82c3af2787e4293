import Basics
import Model
import Synchronization
import Testing
import Wire

@testable import Engine

@Suite("Peers: entries")
struct TableTellingTests {
    private let now: UInt64 = 500_000

    /// An entry as one table has it, told to another one of the same kind; what the other one says of it then.
    private func again(
        _ type: TableKeyType, _ stored: [StoredData] = [], key: (SharedTable) -> TableKey?,
        _ change: (inout TableShard, UInt32, SharedTable) -> Void = { _, _, _ in }
    ) throws -> (first: PeerUpdate, second: PeerUpdate) {
        var model = StickTable(type: type, size: 10, stored: stored)
        model.peers = "p"
        let tables = (SharedTable(model), SharedTable(model))
        let key = try #require(key(tables.0))
        tables.0.obtain(key, now: now) { shard, entry in
            shard.touch(entry, now: now)
            change(&shard, entry, tables.0)
        }
        var names = ServerNames()
        names.setOwn(["s1"])
        let telling = TableTelling(tables.0, model, number: 1, name: "t")
        let other = TableTelling(tables.1, model, number: 2, name: "t")
        let first = try #require(told(telling, names))
        other.learn(first, of: telling.definition, now: now, &names)
        return (first, try #require(told(other, names)))
    }

    private func told(_ telling: TableTelling, _ names: ServerNames) -> PeerUpdate? {
        var found: PeerUpdate?
        _ = telling.table.walk(from: TablePlace(), most: 1_000, now: now) { shard, entry in
            found = telling.update(of: entry, in: shard, id: nil, isTimed: false, now: now, names)
            return true
        }
        return found
    }

    @Test("addresses are told in network order")
    func addresses() throws {
        let v4 = try again(
            .ip, key: { _ in SocketAddress("192.0.2.7", port: 0).flatMap { TableKey($0, for: .ip) } })
        #expect(v4.first.key == [192, 0, 2, 7] && v4.second == v4.first)
        let v6 = try again(
            .ipv6, key: { _ in SocketAddress("2001:db8::1", port: 0).flatMap { TableKey($0, for: .ipv6) } })
        #expect(v6.first.key == [0x20, 1, 0x0D, 0xB8] + [UInt8](repeating: 0, count: 11) + [1])
        #expect(v6.second == v6.first)
        let mapped = try again(
            .ipv6, key: { _ in SocketAddress("192.0.2.7", port: 0).flatMap { TableKey($0, for: .ipv6) } })
        #expect(mapped.first.key == [UInt8](repeating: 0, count: 10) + [255, 255, 192, 0, 2, 7])
        #expect(mapped.second == mapped.first)
    }

    @Test("numbers are told the highest byte first", arguments: [0, 1, 256, 0xFFFF_FFFF, -1] as [Int64])
    func integers(number: Int64) throws {
        let told = try again(.integer, key: { _ in TableKey(number: number) })
        let word = UInt32(truncatingIfNeeded: number)
        #expect(told.first.key == [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> UInt32($0)) })
        #expect(told.second == told.first)
    }

    @Test(
        "texts are told as they are, bytes filled up",
        arguments: ["", "a", "12345678", "a longer text, of 3 words"])
    func texts(text: String) throws {
        let bytes = Array(text.utf8)
        try bytes.withView { view in
            let string = try again(.string(length: 30), key: { TableKey(view, for: $0.layout.type) })
            #expect(string.first.key == bytes && string.second == string.first)
            let binary = try again(.binary(length: 30), key: { TableKey(view, for: $0.layout.type) })
            #expect(binary.first.key == bytes + [UInt8](repeating: 0, count: 30 - bytes.count))
            #expect(binary.second == binary.first)
        }
    }

    @Test("every kind of data arrives, but how many connections are open")
    func data() throws {
        let stored = StoredData.Kind.allCases.filter { $0.array == nil }.map {
            StoredData($0, count: $0.isArray ? 3 : 1, period: $0.isRate ? 10_000 : 0)
        }
        let told = try again(.integer, stored, key: { _ in TableKey(number: 1) }) { shard, entry, table in
            for (place, data) in stored.enumerated() {
                for i in 0..<data.count {
                    if data.kind.isRate {
                        shard.addToRate(UInt64(place + i), data.kind, i, in: entry, table.layout, now: now)
                    } else {
                        _ = shard.set(data.kind, i, to: UInt64(1_000 + place + i), in: entry, table.layout)
                    }
                }
            }
            _ = shard.set(.serverKey, to: ServerMark.hash("s1"), in: entry, table.layout)
        }
        var expected = told.first
        let open = try #require(
            stored.sorted { $0.kind.place < $1.kind.place }.firstIndex { $0.kind == .openConnections })
        let place = try #require(stored.firstIndex { $0.kind == .openConnections })
        #expect(expected.values[open] == .number(UInt64(1_000 + place)))
        expected.values[open] = .number(0)
        #expect(told.second == expected)
        #expect(told.first.values.contains(.name(Array("s1".utf8))))
        #expect(told.first.values.count == stored.reduce(0) { $0 + $1.count })
    }

    @Test("the size of a text's key counts its end, as HAProxy's does")
    func sizes() {
        let model = StickTable(type: .string(length: 31), size: 1)
        #expect(TableTelling(SharedTable(model), model, number: 1, name: "t").definition.keySize == 32)
        let binary = StickTable(type: .binary(length: 32), size: 1)
        #expect(TableTelling(SharedTable(binary), binary, number: 1, name: "t").definition.keySize == 32)
    }

    @Test("keys of the wrong length are no keys")
    func wrongKeys() {
        let model = StickTable(type: .ip, size: 10)
        let telling = TableTelling(SharedTable(model), model, number: 1, name: "t")
        var names = ServerNames()
        for count in [0, 3, 5, 16] {
            let update = PeerUpdate(key: [UInt8](repeating: 1, count: count), values: [])
            telling.learn(update, of: telling.definition, now: now, &names)
        }
        #expect(telling.table.count == 0)
    }

    @Test("parts of the keys: each entry falls into one, and all are used")
    func parts() {
        var model = StickTable(type: .integer, size: 1_000)
        model.peers = "p"
        let table = SharedTable(model)
        let telling = TableTelling(table, model, number: 1, name: "t", shards: 3, wholeName: "t")
        var parts: Set<Int> = []
        for key in 0..<100 {
            table.obtain(TableKey(number: Int64(key)), now: now) { shard, entry in
                _ = parts.insert(telling.part(of: entry, shard))
            }
        }
        #expect(parts == [1, 2, 3])
    }
}
