import Testing

@testable import Engine

@Suite("Retry policy")
struct RetryPolicyTests {
    private let policy = RetryPolicy(retries: 3, redispatches: true, connectTimeout: 5_000)

    @Test("a refused connection goes to another server at once, harmless or not", arguments: [true, false])
    func connectElsewhere(isHarmless: Bool) {
        for attempts in 1...3 {
            #expect(
                policy.decide(.connect, attempts: attempts, servers: 2, isHarmless: isHarmless) == .another)
        }
    }

    @Test(
        "with nowhere else to go it waits a second, or less if connecting may not take as long",
        arguments: [(5_000, 1_000), (1_000, 1_000), (200, 200), (0, 1_000), (1, 1)])
    func pause(timeout: Int, expected: Int) {
        let single = RetryPolicy(retries: 3, redispatches: true, connectTimeout: timeout)
        #expect(
            single.decide(.connect, attempts: 1, servers: 1, isHarmless: false) == .pause(expected))
        let sticky = RetryPolicy(retries: 3, redispatches: false, connectTimeout: timeout)
        #expect(sticky.decide(.connect, attempts: 1, servers: 9, isHarmless: true) == .pause(expected))
    }

    @Test("without a descriptor it waits for a second in all, whatever may be repeated")
    func noDescriptor() {
        let never = RetryPolicy(retries: 0, redispatches: false, connectTimeout: 1)
        for attempts in 1...10 {
            #expect(
                never.decide(.noDescriptor, attempts: attempts, servers: 1, isHarmless: false) == .pause(100))
        }
        #expect(never.decide(.noDescriptor, attempts: 11, servers: 1, isHarmless: true) == .giveUp)
    }

    @Test("a stale connection is replaced at once, if the request may be sent twice")
    func stale() {
        for servers in 1...3 {
            #expect(
                policy.decide(.staleConnection, attempts: 1, servers: servers, isHarmless: true) == .again)
            #expect(
                policy.decide(.staleConnection, attempts: 1, servers: servers, isHarmless: false) == .giveUp)
        }
    }

    @Test("a fresh connection that dies without an answer is final: the server may have acted")
    func noAnswer() {
        for isHarmless in [true, false] {
            #expect(policy.decide(.noAnswer, attempts: 1, servers: 5, isHarmless: isHarmless) == .giveUp)
        }
    }

    @Test(
        "a fresh connection that is reset was never read from: another server, if the request may be sent twice"
    )
    func reset() {
        #expect(policy.decide(.reset, attempts: 1, servers: 5, isHarmless: true) == .another)
        #expect(policy.decide(.reset, attempts: 1, servers: 1, isHarmless: true) == .again)
        #expect(policy.decide(.reset, attempts: 1, servers: 5, isHarmless: false) == .giveUp)
    }

    @Test(
        "after as many retries as allowed it is over",
        arguments: [(0, 1), (1, 2), (3, 4), (3, 100)])
    func exhausted(retries: Int, attempts: Int) {
        let policy = RetryPolicy(retries: retries, redispatches: true, connectTimeout: 5_000)
        for failure in [RetryPolicy.Failure.connect, .staleConnection, .noAnswer, .reset] {
            #expect(policy.decide(failure, attempts: attempts, servers: 5, isHarmless: true) == .giveUp)
        }
        guard retries > 0 else { return }
        #expect(policy.decide(.connect, attempts: retries, servers: 5, isHarmless: false) == .another)
    }
}
