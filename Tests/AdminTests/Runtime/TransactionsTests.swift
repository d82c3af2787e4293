import Testing

@testable import Admin

@Suite("Transactions at run time")
struct TransactionsTests {
    private let transactions = Transactions<[Int], String>()

    private var kept: [Int]? { transactions.ongoing?.draft }

    private func end(now: String?) -> [Int]? {
        guard case .whole(let draft) = transactions.finish("a", now: now) else { return nil }
        return draft
    }

    @Test("one is under way at a time, and each step builds on the one before")
    func steps() {
        #expect(transactions.change("a", base: "x") { ($0 ?? []) + [1] } == .created)
        #expect(transactions.change("a", base: "x") { ($0 ?? []) + [2] } == .updated)
        #expect(transactions.change("b", base: "x") { _ in [3] } == .other)
        #expect(transactions.change("a", base: "x") { _ in nil } == .refused)
        #expect(kept == [1, 2] && transactions.ongoing?.name == "a")
        #expect(end(now: "x") == [1, 2] && kept == nil)
    }

    @Test("what the file was when it began counts, not what it was at a later step")
    func outdated() {
        _ = transactions.change("a", base: "x") { _ in [1] }
        _ = transactions.change("a", base: "y") { _ in [2] }
        #expect(end(now: "y") == nil && kept == nil)
        _ = transactions.change("a", base: nil) { _ in [1] }
        #expect(end(now: "x") == nil && kept == nil)
        _ = transactions.change("a", base: nil) { _ in [1] }
        #expect(end(now: nil) == [1])
    }

    @Test("another one is neither ended nor given up")
    func other() {
        _ = transactions.change("b", base: nil) { _ in [1] }
        #expect(end(now: nil) == nil && !transactions.abort("a") && kept == [1])
        #expect(transactions.abort("b") && kept == nil)
    }

    @Test("steps from many sides at once lose nothing")
    func together() async {
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<64 {
                group.addTask { [transactions] in
                    _ = transactions.change("a", base: "x") { ($0 ?? []) + [number] }
                }
            }
        }
        #expect(kept?.sorted() == Array(0..<64))
    }
}
