import Glibc
import Testing

@testable import Command

@Suite("Restart policy") struct RestartPolicyTests {
    /// Deaths of engines that have served for so long (ms), nil: not at all; what follows each.
    private func steps(_ lives: [Int64?], by end: RestartPolicy.End = .killed(SIGKILL)) -> [RestartPolicy
        .Step]
    {
        var policy = RestartPolicy()
        var now: Int64 = 0
        return lives.map { life in
            if let life {
                policy.serves(now: now)
                now += life
            }
            return policy.ended(end, now: now)
        }
    }

    @Test("the first death is answered at once, with the state of the one before")
    func atOnce() {
        #expect(steps([10]) == [.start(after: 0, restoring: true)])
    }

    @Test("deaths in a row are answered later and later, never later than after five seconds")
    func backoff() {
        let pauses = steps(Array(repeating: 10, count: 40)).map { step in
            if case .start(let pause, true) = step { pause } else { -1 }
        }
        #expect(pauses.prefix(10) == [0, 0, 0, 100, 200, 400, 800, 1_600, 3_200, 5_000])
        #expect(pauses.dropFirst(10).allSatisfy { $0 == 5_000 })
    }

    @Test("who has served for a minute begins anew")
    func steady() {
        let pauses = steps([10, 10, 10, 10, 60_000]).map { step in
            if case .start(let pause, _) = step { pause } else { -1 }
        }
        #expect(pauses == [0, 0, 0, 100, 0])
    }

    @Test("five deaths before anything was served are the end")
    func giveUp() {
        let ends = steps(Array(repeating: nil, count: 5), by: .killed(SIGSEGV))
        #expect(ends.last == .giveUp)
        #expect(!ends.dropLast().contains(.giveUp))
    }

    @Test("who has served once is never given up, but a state that kills three in a row is left out")
    func poison() {
        let restoring = steps([10] + Array(repeating: nil, count: 8)).map { step in
            if case .start(_, let restoring) = step { restoring } else { false }
        }
        #expect(restoring == [true, true, true, false, false, false, false, false, false])
    }

    @Test("a refusal to start is passed on, with its code", arguments: [1, 2] as [Int32])
    func refused(code: Int32) {
        #expect(steps([nil], by: .exited(code)) == [.end(code)])
    }

    @Test("an engine that fails after it, or one before it, has served is started again")
    func failed() {
        #expect(steps([10, nil], by: .exited(1)).allSatisfy { if case .start = $0 { true } else { false } })
    }

    @Test("an engine that was told by somebody else to stop is not started again")
    func endedInOrder() {
        #expect(steps([10], by: .exited(0)) == [.end(0)])
        #expect(steps([nil], by: .exited(0)) == [.end(0)])
    }

    @Test(
        "once it is told to stop, its end is the supervisor's",
        arguments: [
            (RestartPolicy.End.exited(0), 0), (.exited(1), 1), (.killed(SIGTERM), 0), (.killed(SIGINT), 0),
            (.killed(SIGKILL), 1),
        ] as [(RestartPolicy.End, Int32)])
    func stopping(end: RestartPolicy.End, code: Int32) {
        var policy = RestartPolicy()
        policy.serves(now: 0)
        policy.stop()
        #expect(policy.ended(end, now: 5) == .end(code))
    }

    @Test("restarts are counted")
    func counted() {
        var policy = RestartPolicy()
        policy.serves(now: 0)
        for _ in 0..<3 { _ = policy.ended(.killed(SIGKILL), now: 1) }
        #expect(policy.restarts == 3)
    }

    @Test("the system's word for an end is understood")
    func status() {
        #expect(RestartPolicy.End(status: 0) == .exited(0))
        #expect(RestartPolicy.End(status: 1 << 8) == .exited(1))
        #expect(RestartPolicy.End(status: SIGKILL) == .killed(SIGKILL))
        #expect(RestartPolicy.End(status: SIGSEGV | 0x80) == .killed(SIGSEGV))
    }
}
