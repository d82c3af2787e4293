import Kubernetes
import Testing

@testable import Controller

@Suite("The plan of Events")
struct EventPlanTests {
    private static let second: UInt64 = 1_000_000_000

    private func note(_ text: String, about name: String = "web") -> EventNote {
        let key = ObjectKey(namespace: "shop", name: name)
        let object = EventReference(
            apiVersion: "networking.k8s.io/v1", kind: "Ingress", key: key, uid: "u")
        return EventNote(regarding: object, reason: "Bad", note: text)
    }

    /// The next write as text and count, or nil.
    private func next(_ plan: inout EventPlan, at seconds: UInt64) -> (note: String, count: Int)? {
        var asked = 0
        let step = plan.next(at: seconds * Self.second) { _, count in
            asked = count
            return APIRequest("/")
        }
        guard case .write(let note, _) = step else { return nil }
        return (note.note, asked)
    }

    private func end(
        _ plan: inout EventPlan, _ text: String = "a", _ outcome: WriteOutcome = .done([]),
        at seconds: UInt64
    ) {
        plan.ended(note(text), outcome, at: seconds * Self.second)
    }

    private func plan(_ texts: String..., at seconds: UInt64 = 1) -> EventPlan {
        var plan = EventPlan()
        plan.note(texts.map { note($0) }, at: seconds * Self.second)
        return plan
    }

    @Test("each finding is told once, the oldest first")
    func once() {
        var plan = plan("a")
        plan.note([note("a"), note("b")], at: 2 * Self.second)
        #expect(next(&plan, at: 2)?.note == "a")
        #expect(next(&plan, at: 2)?.note == "b")
        #expect(next(&plan, at: 2) == nil)
        end(&plan, "a", at: 3)
        end(&plan, "b", at: 3)
        #expect(next(&plan, at: 1_000) == nil)
    }

    @Test("what lasts is told again every half an hour, as one series")
    func lasts() {
        var plan = plan("a")
        #expect(next(&plan, at: 1)?.count == 1)
        end(&plan, at: 1)
        for i in 1..<10 {
            let now = UInt64(i) * 1_800 + 1
            #expect(next(&plan, at: now - 1) == nil)
            #expect(next(&plan, at: now)?.count == i + 1)
            end(&plan, at: now)
        }
    }

    @Test("what is gone is not told, and what comes back counts up, a minute later at the earliest")
    func flaps() {
        var plan = plan("a")
        #expect(next(&plan, at: 1) != nil)
        end(&plan, at: 1)
        for _ in 0..<100 {
            plan.note([], at: 2 * Self.second)
            plan.note([note("a")], at: 2 * Self.second)
        }
        #expect(next(&plan, at: 60) == nil)
        #expect(next(&plan, at: 61)?.count == 2)
        end(&plan, at: 61)
        plan.note([], at: 62 * Self.second)
        #expect(next(&plan, at: 10_000) == nil)
    }

    @Test("what is gone before it was told is never told")
    func goneBefore() {
        var plan = plan("a")
        plan.note([], at: 2 * Self.second)
        #expect(next(&plan, at: 3) == nil)
        #expect(plan.count == 1)
        plan.note([], at: 4 * Self.second)
        #expect(plan.count == 0)
    }

    @Test("what another replica has told goes on as its series")
    func alreadyThere() {
        var plan = plan("a")
        #expect(next(&plan, at: 1)?.count == 1)
        end(&plan, "a", .conflict, at: 1)
        #expect(next(&plan, at: 1)?.count == 2)
        end(&plan, at: 1)
        #expect(next(&plan, at: 1_801)?.count == 3)
    }

    @Test("what has run out in the cluster is created anew")
    func expired() {
        var plan = plan("a")
        _ = next(&plan, at: 1)
        end(&plan, at: 1)
        #expect(next(&plan, at: 1_801)?.count == 2)
        end(&plan, "a", .missing, at: 1_801)
        #expect(next(&plan, at: 1_801)?.count == 1)
        end(&plan, at: 1_801)
        #expect(next(&plan, at: 3_601)?.count == 2)
    }

    @Test("a namespace that is being deleted takes no Event, and is not asked again")
    func noNamespace() {
        var plan = plan("a")
        _ = next(&plan, at: 1)
        end(&plan, "a", .missing, at: 1)
        #expect(next(&plan, at: 100_000) == nil)
    }

    @Test("a refusal is final, trouble is not")
    func refusals() {
        var plan = plan("a")
        for outcome in [WriteOutcome.later("503"), .forbidden("no")] {
            #expect(next(&plan, at: 1)?.count == 1)
            end(&plan, "a", outcome, at: 1)
        }
        #expect(next(&plan, at: 1) != nil)
        end(&plan, "a", .rejected("422"), at: 1)
        #expect(next(&plan, at: 100_000) == nil)
    }

    @Test("an object is told of 25 times in a row, then once in five minutes")
    func bucket() {
        var plan = EventPlan()
        plan.note((0..<40).map { note("\($0)") } + [note("x", about: "other")], at: Self.second)
        var told: [String] = []
        while let write = next(&plan, at: 1) { told.append(write.note) }
        #expect(told.count == 26)
        #expect(told.contains("x"))
        #expect(next(&plan, at: 300) == nil)
        #expect(next(&plan, at: 302) != nil)
        #expect(next(&plan, at: 303) == nil)
    }

    @Test("a thousand findings are kept in mind, and the rest is counted")
    func bounded() {
        var plan = EventPlan()
        plan.note((0..<1_500).map { note("n", about: "web-\($0)") }, at: Self.second)
        #expect(plan.count == 1_000)
        #expect(plan.omitted == 500)
        plan.note([note("n", about: "web-1400")], at: 2 * Self.second)
        plan.note([note("n", about: "web-1400")], at: 2 * Self.second)
        #expect(plan.omitted == 0)
        #expect(plan.count == 1)
    }

    @Test("what ended after it was forgotten does no harm")
    func unknown() {
        var plan = EventPlan()
        end(&plan, at: 1)
        #expect(plan.count == 0)
    }
}
