import Model
import Testing

@testable import Engine

@Suite("Retry policy")
struct RetryPolicyTests {
    private typealias Circumstances = RetryPolicy.Circumstances

    private func policy(
        retries: Int = 3, on conditions: RetryConditions = .connectionFailure, every interval: Int = 1,
        inTurn: Bool = true, connect: Int = 5_000
    ) -> RetryPolicy {
        RetryPolicy(
            retries: retries, conditions: conditions, redispatchInterval: interval, isInTurn: inTurn,
            connectTimeout: connect)
    }

    private func now(
        _ attempts: Int = 1, servers: Int = 2, whole: Bool = true, harmless: Bool = true,
        direct: Bool = false,
        down: Bool = false
    ) -> Circumstances {
        Circumstances(
            attempts: attempts, servers: servers, isWhole: whole, isHarmless: harmless, isDirect: direct,
            isDown: down)
    }

    @Test(
        "a refused connection goes to another server at once, whatever the request", arguments: [true, false])
    func connectElsewhere(isHarmless: Bool) {
        for attempts in 1...3 {
            let now = now(attempts, whole: isHarmless, harmless: isHarmless)
            #expect(policy().decide(.connect, now) == .another)
        }
    }

    @Test(
        "with nowhere else to go it waits a second, or less if connecting may not take as long",
        arguments: [(5_000, 1_000), (1_000, 1_000), (200, 200), (0, 1_000), (1, 1)])
    func pause(timeout: Int, expected: Int) {
        let single = policy(connect: timeout)
        #expect(single.decide(.connect, now(servers: 1, harmless: false)) == .same(after: expected))
        let sticky = policy(every: 0, connect: timeout)
        #expect(sticky.decide(.connect, now(servers: 9)) == .same(after: expected))
    }

    @Test(
        "nothing is tried again later than the limit says",
        arguments: [(0, true), (2_999, true), (3_000, false)])
    func timeLimit(elapsed: Int, isRepeated: Bool) {
        var (limited, now) = (policy(), now())
        limited.timeLimit = 3_000
        now.elapsed = elapsed
        #expect((limited.decide(.connect, now) != .giveUp) == isRepeated)
        now.elapsed = 9_000
        #expect(policy().decide(.connect, now) == .another)
    }

    // HAProxy: attempts % N for N > 0, attempts % (retries + 1 + N) for N < 0.
    @Test(
        "a request that is a server's own goes to another one in the attempts that the interval says",
        arguments: [
            (-1, 3, [3]), (-1, 1, [1]), (-2, 4, [3]), (1, 3, [1, 2, 3]), (2, 5, [2, 4]), (3, 3, [3]),
            (0, 3, []),
            (-4, 3, []), (-9, 3, []), (7, 3, []),
        ] as [(Int, Int, [Int])])
    func intervals(interval: Int, retries: Int, expected: [Int]) {
        for inTurn in [true, false] {
            let policy = policy(retries: retries, every: interval, inTurn: inTurn)
            let elsewhere = (1...retries).filter {
                policy.decide(.connect, now($0, direct: inTurn)) == .another
            }
            #expect(elsewhere == expected)
        }
    }

    @Test("one that is no server's own, or whose server is down, never waits for it", arguments: [-1, 2, 9])
    func elsewhereAtOnce(interval: Int) {
        #expect(policy(every: interval).decide(.connect, now()) == .another)
        let own = policy(every: interval, inTurn: false)
        #expect(own.decide(.connect, now(direct: true)) == .same(after: 1_000))
        #expect(own.decide(.connect, now(direct: true, down: true)) == .another)
        #expect(policy(every: 0).decide(.connect, now(down: true)) == .same(after: 1_000))
    }

    @Test("without a descriptor it waits for a second in all, whatever may be repeated")
    func noDescriptor() {
        let never = policy(retries: 0, on: [], every: 0, connect: 1)
        for attempts in 1...10 {
            #expect(never.decide(.noDescriptor, now(attempts, harmless: false)) == .same(after: 100))
        }
        #expect(never.decide(.noDescriptor, now(11)) == .giveUp)
    }

    @Test("a stale connection is replaced at once, if the request may be sent twice")
    func stale() {
        for servers in 1...3 {
            #expect(policy().decide(.staleConnection, now(servers: servers)) == .again)
            #expect(policy().decide(.staleConnection, now(servers: servers, harmless: false)) == .giveUp)
        }
    }

    @Test("a fresh connection that dies without an answer is final: the server may have acted")
    func noAnswer() {
        for isHarmless in [true, false] {
            #expect(policy().decide(.noAnswer, now(harmless: isHarmless)) == .giveUp)
        }
    }

    @Test("one that is reset was never read from: another server, if the request may be sent twice")
    func reset() {
        #expect(policy().decide(.reset, now()) == .another)
        #expect(policy().decide(.reset, now(servers: 1)) == .same(after: 0))
        #expect(policy().decide(.reset, now(harmless: false)) == .giveUp)
    }

    private static let failures: [(String, RetryPolicy.Failure)] = [
        ("conn-failure", .connect), ("empty-response", .noAnswer), ("junk-response", .junk),
        ("response-timeout", .silence), ("401", .status(401)), ("403", .status(403)), ("404", .status(404)),
        ("408", .status(408)), ("421", .status(421)), ("425", .status(425)), ("429", .status(429)),
        ("500", .status(500)), ("501", .status(501)), ("502", .status(502)), ("503", .status(503)),
        ("504", .status(504)),
    ]

    @Test("what is named is repeated, and nothing else", arguments: failures)
    func conditions(word: String, failure: RetryPolicy.Failure) throws {
        let policy = policy(on: try #require(RetryConditions(word: word)))
        for (other, candidate) in Self.failures {
            let expected: RetryPolicy.Decision = other == word ? .another : .giveUp
            #expect(policy.decide(candidate, now(harmless: false)) == expected, "\(other)")
        }
    }

    @Test("but for connections, only what is here whole is repeated", arguments: failures)
    func whole(word: String, failure: RetryPolicy.Failure) {
        let policy = policy(on: RetryConditions.statuses.reduce(.allErrors) { $0.union(.status($1) ?? []) })
        let expected: RetryPolicy.Decision = failure == .connect ? .another : .giveUp
        #expect(policy.decide(failure, now(whole: false, harmless: false)) == expected)
        #expect(policy.decide(failure, now(harmless: false)) == .another)
        let alone: RetryPolicy.Decision = .same(after: failure == .connect ? 1_000 : 0)
        #expect(policy.decide(failure, now(servers: 1, harmless: false)) == alone)
    }

    @Test("an answer with another status is never repeated", arguments: [200, 302, 400, 410, 418, 505, 599])
    func otherStatus(status: UInt16) {
        #expect(policy(on: RetryConditions(rawValue: .max)).decide(.status(status), now()) == .giveUp)
    }

    @Test("with retry-on none nothing is repeated")
    func none() {
        for (_, failure) in Self.failures { #expect(policy(on: []).decide(failure, now()) == .giveUp) }
        #expect(policy(on: []).decide(.staleConnection, now()) == .giveUp)
    }

    @Test(
        "after as many retries as allowed it is over",
        arguments: [(0, 1), (1, 2), (3, 4), (3, 100)])
    func exhausted(retries: Int, attempts: Int) {
        let policy = policy(retries: retries, on: .allErrors)
        for failure in [RetryPolicy.Failure.connect, .staleConnection, .noAnswer, .reset, .status(503)] {
            #expect(policy.decide(failure, now(attempts, servers: 5)) == .giveUp)
        }
        guard retries > 0 else { return }
        #expect(policy.decide(.connect, now(retries, servers: 5, harmless: false)) == .another)
    }
}
