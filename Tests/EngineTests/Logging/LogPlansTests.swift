import Model
import Testing

@testable import Engine

@Suite("Plans of logs")
struct LogPlansTests {
    private func plan(_ tag: String) -> LogPlan {
        LogPlan(targets: [LogTarget(.udp("127.0.0.1", port: 514))], tag: tag, host: nil)
    }

    @Test("equal plans are one, others have numbers of their own")
    func numbers() {
        let plans = LogPlans()
        #expect(plans.number(of: plan("a")) == 0)
        #expect(plans.number(of: plan("b")) == 1)
        #expect(plans.number(of: plan("a")) == 0)
        #expect(plans[1]?.tag == "b")
        #expect(plans[2] == nil)
    }

    @Test("nobody writes before there is a plan")
    func writer() {
        let plans = LogPlans()
        #expect(plans.writer == nil)
        _ = plans.number(of: plan("a"))
        #expect(plans.writer != nil)
        #expect(plans.close() == 0)
    }

    @Test("their number is bounded")
    func bounded() {
        let plans = LogPlans()
        for i in 0..<4_096 { #expect(plans.number(of: plan("\(i)")) != nil) }
        #expect(plans.number(of: plan("one more")) == nil)
        #expect(plans.number(of: plan("17")) == 17)
    }
}
