import Model
import Testing
import Wire

@testable import Engine

@Suite("CompressionBudget")
struct CompressionBudgetTests {
    private func budget(_ configure: (inout CompressionLimits) -> Void) -> CompressionBudget {
        var limits = CompressionLimits()
        configure(&limits)
        return CompressionBudget(limits)
    }

    @Test("without limits nothing is exceeded, nothing measured, and levels stay")
    func unlimited() {
        let budget = budget { $0.maxLevel = 6 }
        budget.count(.max, at: 1)
        #expect(!budget.limitsTime && !budget.isExceeded(idle: 0, at: 2))
        #expect(budget.nextLevel(of: .gzip, after: 3, idle: 0, at: 2) == 3)
    }

    @Test("time is limited by what is left of it")
    func time() {
        let budget = budget { $0.maxCPUUsage = 80 }
        #expect(budget.limitsTime)
        #expect([100, 20, 19, 0].map { budget.isExceeded(idle: $0, at: 1) } == [false, false, true, true])
    }

    @Test("a rate is exceeded by what all workers count, and is not any more when time has passed")
    func rate() {
        let budget = budget { $0.maxRate = 1_000 }
        let second: UInt64 = 1_000_000_000
        budget.count(600, at: 10 * second)
        #expect(!budget.isExceeded(idle: 0, at: 10 * second))
        budget.count(600, at: 10 * second + 1)
        #expect(budget.isExceeded(idle: 100, at: 10 * second + 2))
        #expect(budget.isExceeded(idle: 100, at: 11 * second))
        #expect(!budget.isExceeded(idle: 100, at: 11 * second + second / 2))
        #expect(!budget.limitsTime)
    }

    @Test("the rate may change while the process runs")
    func changedRate() {
        let budget = budget { _ in }
        budget.count(.max, at: 1)
        budget.limitRate(to: 1_000)
        #expect(budget.maxRate == 1_000 && !budget.isExceeded(idle: 0, at: 2))
        budget.count(1_001, at: 2)
        #expect(budget.isExceeded(idle: 0, at: 3))
        budget.limitRate(to: 0)
        #expect(!budget.isExceeded(idle: 0, at: 3))
    }

    @Test("the level of a running deflate sinks and rises by one, others keep theirs")
    func levels() {
        let budget = budget {
            $0.maxCPUUsage = 50
            $0.maxLevel = 3
        }
        let deflates: [ContentCoding] = [.gzip, .deflate, .rawDeflate]
        for coding in deflates {
            #expect(budget.nextLevel(of: coding, after: 3, idle: 40, at: 1) == 2)
            #expect(budget.nextLevel(of: coding, after: 0, idle: 40, at: 1) == 0)
            #expect(budget.nextLevel(of: coding, after: 2, idle: 60, at: 1) == 3)
            #expect(budget.nextLevel(of: coding, after: 3, idle: 60, at: 1) == 3)
        }
        #expect(budget.nextLevel(of: .brotli, after: 4, idle: 0, at: 1) == 4)
        #expect(budget.nextLevel(of: .zstd, after: 3, idle: 100, at: 1) == 3)
    }
}
