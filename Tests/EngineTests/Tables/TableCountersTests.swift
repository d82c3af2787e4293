import Model
import Testing

@testable import Engine

@Suite("Counters of an entry")
struct TableCountersTests {
    private func table(_ stored: [StoredData]) -> SharedTable {
        SharedTable(StickTable(type: .integer, size: 100, stored: stored))
    }

    private func ask(_ table: SharedTable, _ value: CounterValue, now: UInt64 = 0) -> UInt64? {
        table.obtain(TableKey(number: 1), now: now) { shard, entry in
            shard.ask(value, of: entry, table.layout, now: now)
        } ?? nil
    }

    @Test("a number grows, is read and is taken back", arguments: [StoredData.Kind.gpc0, .gpc1])
    func numbers(kind: StoredData.Kind) {
        let table = table([StoredData(kind)])
        #expect(ask(table, .stored(kind)) == 0)
        #expect((1...3).map { _ in ask(table, .increment(kind)) } == [1, 2, 3])
        #expect(ask(table, .clear(kind)) == 3)
        #expect(ask(table, .stored(kind)) == 0)
    }

    @Test("an array stands for the numbers of its kind, and each element for itself")
    func arrays() {
        let table = table([
            StoredData(.gpc, count: 3), StoredData(.gpcRate, count: 3, period: 1_000),
            StoredData(.gpt, count: 2),
        ])
        #expect(ask(table, .increment(.gpc0)) == 1)
        #expect(ask(table, .increment(.gpc1)) == 1)
        #expect(ask(table, .increment(.gpc, element: 1)) == 2)
        #expect(ask(table, .stored(.gpc, element: 0)) == 1)
        #expect(ask(table, .stored(.gpc1)) == 2)
        #expect(ask(table, .stored(.gpc1Rate)) == 2)
        #expect(ask(table, .stored(.gpcRate, element: 2)) == 0)
        #expect(ask(table, .stored(.gpc, element: 3)) == nil)
        #expect(ask(table, .increment(.gpc, element: 3)) == 0)
        #expect(ask(table, .stored(.gpt0)) == 0)
    }

    @Test("where only a rate is kept, growing says how much there is of it")
    func rates() {
        let table = table([StoredData(.gpc0Rate, period: 1_000)])
        #expect((1...3).map { _ in ask(table, .increment(.gpc0)) } == [1, 2, 3])
        #expect(ask(table, .stored(.gpc0)) == nil)
        #expect(ask(table, .clear(.gpc0)) == nil)
    }

    @Test("what is not stored is nothing, but growing it does no harm")
    func missing() {
        let table = table([])
        #expect(ask(table, .stored(.requests)) == nil)
        #expect(ask(table, .kilobytes(.bytesIn)) == nil)
        #expect(ask(table, .countConnection) == nil)
        #expect(ask(table, .increment(.gpc0)) == 0)
        #expect(ask(table, .holders) == 0)
    }

    @Test("bytes are told in units of 1024")
    func kilobytes() {
        let table = table([StoredData(.bytesOut)])
        table.obtain(TableKey(number: 1), now: 0) { shard, entry in
            shard.count(.bytesOut, by: 5_000, in: entry, table.layout, now: 0)
        }
        #expect(ask(table, .kilobytes(.bytesOut)) == 4)
    }

    @Test("tracking counts a connection, and letting go ends it")
    func tracking() throws {
        let table = table([StoredData(.connections), StoredData(.openConnections)])
        var entries = TrackedEntries()
        for slot in 0..<2 {
            let held = try #require(
                table.hold(TableKey(number: 1), now: 0) { $0.begin(in: $1, table.layout, now: 0) })
            entries.set(TrackedEntry(table: Unmanaged.passUnretained(table), held: held), at: slot)
        }
        #expect(!entries.isEmpty)
        #expect(entries[2] == nil && entries[3] == nil && entries[-1] == nil)
        #expect(ask(table, .stored(.openConnections)) == 2)
        #expect(ask(table, .holders) == 2)
        entries[0]?.letGo(now: 0)
        entries[1]?.letGo(now: 0)
        #expect(ask(table, .stored(.openConnections)) == 0)
        #expect(ask(table, .stored(.connections)) == 2)
        #expect(ask(table, .holders) == 0)
    }

    @Test(
        "what an answer counts for",
        arguments: [
            (200, nil), (304, nil), (400, .error), (499, .error), (500, .failure), (501, nil), (505, nil),
            (503, .failure), (599, .failure), (600, nil), (101, nil),
        ] as [(UInt16, TableEvent?)])
    func statuses(status: UInt16, event: TableEvent?) {
        #expect(TableEvent(status: status) == event)
    }
}
