import Basics
import Model
import Testing

@testable import Engine

@Suite("Table data")
struct TableEventTests {
    private func table(_ stored: [StoredData]) -> SharedTable {
        SharedTable(StickTable(type: .integer, size: 100, stored: stored))
    }

    private func value(_ table: SharedTable, _ kind: StoredData.Kind, _ index: Int = 0, now: UInt64 = 0)
        -> UInt64?
    {
        table.obtain(TableKey(number: 1), now: now) { shard, entry in
            shard.value(kind, index, in: entry, table.layout, now: now)
        } ?? nil
    }

    private func change(_ table: SharedTable, now: UInt64 = 0, _ body: (inout TableShard, UInt32) -> Void) {
        table.obtain(TableKey(number: 1), now: now, body)
    }

    private static var everything: [StoredData] {
        StoredData.Kind.allCases.map {
            StoredData($0, count: $0.isArray ? 5 : 1, period: $0.isRate ? 1_000 : 0)
        }
    }

    @Test("every kind has a place of its own, and they do not overlap", arguments: StoredData.Kind.allCases)
    func places(kind: StoredData.Kind) {
        let table = table(Self.everything)
        #expect(value(table, kind) == 0)
        change(table) { shard, entry in
            if kind.isRate {
                shard.addToRate(9, kind, kind.isArray ? 4 : 0, in: entry, table.layout, now: 5)
            } else {
                holds(shard.set(kind, kind.isArray ? 4 : 0, to: 9, in: entry, table.layout))
            }
        }
        for other in StoredData.Kind.allCases {
            for index in 0..<(other.isArray ? 5 : 1) {
                let isIt = other == kind && index == (kind.isArray ? 4 : 0)
                #expect(value(table, other, index, now: 5) == (isIt ? 9 : 0))
            }
        }
    }

    @Test("what is not stored has no value and takes none", arguments: StoredData.Kind.allCases)
    func missing(kind: StoredData.Kind) {
        let table = table([])
        change(table) { shard, entry in
            holds(!shard.set(kind, to: 1, in: entry, table.layout))
            holds(shard.add(1, to: kind, in: entry, table.layout) == nil)
            shard.addToRate(1, kind, in: entry, table.layout, now: 0)
            shard.takeOne(from: kind, in: entry, table.layout)
        }
        #expect(value(table, kind) == nil)
    }

    @Test("beyond an array is nothing", arguments: [-1, 3, Int.max])
    func bounds(index: Int) {
        let table = table([StoredData(.gpt, count: 3), StoredData(.gpcRate, count: 3, period: 50)])
        change(table) { shard, entry in
            holds(!shard.set(.gpt, index, to: 1, in: entry, table.layout))
            holds(shard.add(1, to: .gpt, index, in: entry, table.layout) == nil)
            shard.addToRate(1, .gpcRate, index, in: entry, table.layout, now: 0)
        }
        #expect(value(table, .gpt, index) == nil)
        #expect((0..<3).allSatisfy { value(table, .gpcRate, $0) == 0 })
    }

    @Test(
        "an event counts as number and as rate",
        arguments: [
            (TableEvent.connection, StoredData.Kind.connections, StoredData.Kind.connectionRate),
            (.session, .sessions, .sessionRate), (.request, .requests, .requestRate),
            (.error, .errors, .errorRate), (.failure, .failures, .failureRate),
            (.bytesIn, .bytesIn, .bytesInRate),
            (.bytesOut, .bytesOut, .bytesOutRate),
        ])
    func events(event: TableEvent, number: StoredData.Kind, rate: StoredData.Kind) {
        let table = table(Self.everything)
        for now in [10_000, 10_100, 11_100] as [UInt64] {
            change(table, now: now) { shard, entry in
                shard.count(event, by: 10, in: entry, table.layout, now: now)
            }
        }
        #expect(value(table, number, now: 11_100) == 30)
        #expect(value(table, rate, now: 11_100) == 28)
        let counted = StoredData.Kind.allCases.filter { (value(table, $0, now: 11_100) ?? 0) > 0 }
        #expect(Set(counted) == [number, rate])
    }

    @Test("a number does not go beyond its end, nor below zero")
    func ends() {
        let table = table([StoredData(.bytesIn), StoredData(.openConnections)])
        change(table) { shard, entry in
            holds(shard.add(.max - 1, to: .bytesIn, in: entry, table.layout) == .max - 1)
            holds(shard.add(5, to: .bytesIn, in: entry, table.layout) == .max)
            shard.takeOne(from: .openConnections, in: entry, table.layout)
            holds(shard.value(.openConnections, in: entry, table.layout, now: 0) == 0)
            holds(shard.add(2, to: .openConnections, in: entry, table.layout) == 2)
            shard.takeOne(from: .openConnections, in: entry, table.layout)
            holds(shard.value(.openConnections, in: entry, table.layout, now: 0) == 1)
        }
    }

    @Test("a rate can not be set, only counted")
    func rates() {
        let table = table([StoredData(.requestRate, period: 10_000)])
        change(table) { shard, entry in
            holds(!shard.set(.requestRate, to: 5, in: entry, table.layout))
            holds(shard.add(5, to: .requestRate, in: entry, table.layout) == nil)
        }
        #expect(value(table, .requestRate) == 0)
    }
}

/// `#expect` can not be given what is asked of a value that is not copied.
private func holds(_ truth: Bool, at place: Testing.SourceLocation = #_sourceLocation) {
    #expect(truth, sourceLocation: place)
}
