import Model
import Testing

@testable import Engine

@Suite("A share of a limit")
struct PaceShareTests {
    private static let second: UInt64 = 1_000_000_000
    private static let start: UInt64 = 500 * second
    private let table = SharedTable(
        StickTable(type: .integer, size: 10, stored: [StoredData(.bytesOutRate, period: 10_000)]))

    private func throttle(_ key: Int64, bytes: Int = 4_000) throws -> Throttle {
        let rate = Throttle.Rate(shared: bytes, period: 1_000, leastPiece: 0)
        let share = try #require(
            PaceShare(in: table, of: TableKey(number: key), .bytesOutRate, rate, now: Self.start))
        return Throttle(1, .answer, rate, shared: share)
    }

    private func rate(_ key: Int64, now: UInt64) -> UInt64? {
        table.read(TableKey(number: key), now: now / 1_000_000) { shard, entry in
            shard.value(.bytesOutRate, in: entry, table.layout, now: now / 1_000_000)
        } ?? nil
    }

    @Test("all with one key have its limit together, in turns")
    func together() throws {
        var all = [try throttle(7), try throttle(7), try throttle(7)]
        var passed = [0, 0, 0]
        // Twenty seconds, looked at every 10 ms, always in the same order.
        for step in 0..<UInt64(2_000) {
            let now = Self.start + step * 10_000_000
            for i in 0..<3 {
                all[i].reserve(now: now)
                let most = all[i].allowance(now: now)
                all[i].pass(most, now: now)
                passed[i] += most
            }
        }
        let sum = passed.reduce(0, +)
        // A second's worth is there at the start.
        #expect(sum >= 80_000 && sum <= 85_000)
        #expect(passed.allSatisfy { $0 > 26_000 })
    }

    @Test("another key has its own")
    func apart() throws {
        var one = try throttle(7)
        let other = try throttle(8)
        for _ in 0..<4 { one.pass(one.allowance(now: Self.start), now: Self.start) }
        #expect(one.allowance(now: Self.start) == 1_000)
        one.pass(1_000, now: Self.start)
        #expect(one.allowance(now: Self.start) == 0)
        one.reserve(now: Self.start)
        #expect(one.wait(now: Self.start) > 0)
        #expect(other.allowance(now: Self.start) == 1_000)
    }

    @Test("what passes is counted in the table, and what is too much is paid for")
    func counted() throws {
        var one = try throttle(7)
        #expect(one.allowance(now: Self.start) == 1_000)
        one.pass(9_000, now: Self.start)
        #expect(rate(7, now: Self.start) == 9_000)
        #expect(one.allowance(now: Self.start + Self.second) == 0)
        one.reserve(now: Self.start)
        #expect(one.wait(now: Self.start) == Self.second + Self.second / 4)
    }

    @Test("who leaves gives back what it has not used, and lets the entry go")
    func leaving() throws {
        var one = try throttle(7)
        do {
            let other = try throttle(7)
            #expect(other.allowance(now: Self.start) == 1_000)
        }
        #expect(table.paces.count == 1)
        for _ in 0..<5 { one.pass(one.allowance(now: Self.start), now: Self.start) }
        #expect(one.allowance(now: Self.start) == 0)
        let holders = table.read(TableKey(number: 7), now: Self.start / 1_000_000) { $0.holders($1) }
        #expect(holders == 1)
    }
}
