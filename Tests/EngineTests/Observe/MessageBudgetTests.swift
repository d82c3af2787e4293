import Testing

@testable import Engine

@Suite("MessageBudget")
struct MessageBudgetTests {
    @Test("ten in a second, and the next second ten more; what was left out is known until it is told")
    func seconds() {
        var budget = MessageBudget()
        let now: UInt64 = 5_000_000_000
        let taken = (0..<10).map { budget.takes(at: now + UInt64($0)) }
        let beyond = [budget.takes(at: now + 11), budget.takes(at: now + 999_999_999)]
        #expect(taken.allSatisfy { $0 } && beyond == [false, false] && budget.skipped == 2)
        let next = budget.takes(at: now + 1_000_000_000)
        #expect(next && budget.skipped == 2)
        budget.tell()
        #expect(budget.skipped == 0)
    }
}
