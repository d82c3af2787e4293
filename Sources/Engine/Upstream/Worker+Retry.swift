import Basics
import Model
import Synchronization
import Wire

/// What follows a failed attempt: another one, as the policy says, or an answer in the server's place.
extension Worker {
    /// Tries again, or answers for the server. Its connection is closed already.
    func attemptFailed(_ exchange: Ref<Exchange>, _ failure: RetryPolicy.Failure, isTimeout: Bool = false) {
        exchange[].serverConnection = nil
        if exchange[].looksAtAnswer, failure.isServersFault { noteFailure(exchange) }
        let decision = decision(about: failure, exchange)
        exchange[].attempts += 1
        if log.asksFrontends { noteAttempt(exchange, failure, isTimeout, isLast: decision == .giveUp) }
        let failed = exchange[].server
        switch decision {
        case .again, .another:
            countRetry(exchange, isRedispatch: decision == .another)
            leaveServer(exchange)
            takeNewestServers(exchange)
            assignServer(exchange, avoiding: decision == .another ? failed : nil)
        case .same(after: 0):
            countRetry(exchange, isRedispatch: false)
            repeatAtServer(exchange)
        case .same(let milliseconds):
            countRetry(exchange, isRedispatch: false)
            exchange[].phase = .pausing
            setTimer(exchange[].client, milliseconds)
        case .giveUp: giveUp(exchange, failure, isTimeout: isTimeout)
        }
    }

    private func giveUp(_ exchange: Ref<Exchange>, _ failure: RetryPolicy.Failure, isTimeout: Bool) {
        if exchange[].countsSomewhere, failure.isOfAnswer { count(.failure, of: exchange) }
        if failure.isOfAnswer { countAtBoth(exchange) { $0.failedAnswers.add() } }
        switch failure {
        case .noDescriptor: answer(exchange, status: 503, as: .noResource)
        case .connect:
            let status = statusWithoutConnection(exchange, isTimeout: isTimeout)
            answer(exchange, status: status, as: isTimeout ? .connectTimeout : .noServer)
        case .staleConnection, .reset, .refused, .noAnswer:
            answer(exchange, status: 502, as: .serverGoneInHead)
        case .silence: answer(exchange, status: 504, as: .serverTimeout)
        case .junk, .status:
            exchange[].place?.traffic._withUnsafeGuaranteedRef { $0.counters.responseErrors.add() }
            answer(exchange, status: 502, as: .badAnswer)
        }
    }

    private func statusWithoutConnection(_ exchange: Ref<Exchange>, isTimeout: Bool) -> UInt16 {
        let told = exchange[].servers?._withUnsafeGuaranteedRef { $0.settings.withoutConnection }
        return told == .badGateway ? (isTimeout ? 504 : 502) : 503
    }

    /// Whether an answer is passed on; else it is thrown away for its status, and the request is repeated already.
    func takesAnswer(_ exchange: Ref<Exchange>, head: ByteView) -> Bool {
        exchange[].servers?._withUnsafeGuaranteedRef { noteAnswer(exchange, $0) }
        let failure = RetryPolicy.Failure.status(exchange[].response.status)
        guard decision(about: failure, exchange) != .giveUp else {
            if exchange[].sticking != nil { remember(exchange, answer: head) }
            if let policy = exchange[].servers?._withUnsafeGuaranteedRef({ $0.cache }) {
                policy._withUnsafeGuaranteedRef { watchAnswer(exchange, $0, head: head) }
            }
            return true
        }
        if TrafficJudge.isFault(exchange[].response.status) { noteTraffic(.wrongStatus, exchange) }
        dropServer(exchange)
        attemptFailed(exchange, failure)
        return false
    }

    func decision(about failure: RetryPolicy.Failure, _ exchange: Ref<Exchange>)
        -> RetryPolicy.Decision
    {
        guard let servers = exchange[].servers else { return .giveUp }
        let (choices, isDown) = prospects(exchange, servers)
        return servers._withUnsafeGuaranteedRef { set in
            let now = RetryPolicy.Circumstances(
                attempts: exchange[].attempts + 1, servers: choices,
                isWhole: isWhole(exchange) && exchange[].ruling?[].repeatsNothing != true,
                isHarmless: isHarmless(exchange), isDirect: exchange[].isDirect, isDown: isDown,
                elapsed: Int(clamping: (clock.monotonic &- exchange[].headAt) / 1_000_000))
            return set.settings.retryPolicy.decide(failure, now)
        }
    }

    /// How many servers there are to choose from, and whether the one that failed is down. If that is gone from the
    /// configuration, all that are there by now are others.
    private func prospects(
        _ exchange: Ref<Exchange>, _ servers: Unmanaged<ServerSet>
    ) -> (choices: Int, isDown: Bool) {
        let known = servers._withUnsafeGuaranteedRef { $0.servers.count }
        guard let failed = exchange[].server else { return (known, false) }
        if let newest = newestServers(of: exchange), newest.toOpaque() != servers.toOpaque() {
            let (isGone, others) = newest._withUnsafeGuaranteedRef {
                ($0.id(of: failed) == nil, $0.servers.count)
            }
            if isGone { return (others + 1, true) }
        }
        return (known, failed._withUnsafeGuaranteedRef { !$0.isUp.load(ordering: .relaxed) })
    }

    private func countRetry(_ exchange: Ref<Exchange>, isRedispatch: Bool) {
        exchange[].retries += 1
        // What came of the attempt before is nothing the next one has.
        exchange[].answeredAt = 0
        exchange[].response.reset()
        if isRedispatch { exchange[].isRedispatched = true }
        countAtBoth(exchange) { traffic in
            traffic.retries.add()
            if isRedispatch { traffic.redispatches.add() }
        }
    }

    /// The same server again, in the place the request has there. As if it had failed elsewhere, if the server is gone by
    /// now, or if others have come that the request may go to.
    func repeatAtServer(_ exchange: Ref<Exchange>) {
        guard let server = exchange[].serverPlace, !server[].isRetired, !hasAlternative(exchange) else {
            leaveServer(exchange)
            takeNewestServers(exchange)
            return assignServer(exchange)
        }
        server[].load.leave()
        countPinned(exchange, at: exchange[].server)
        connect(exchange)
    }

    private func hasAlternative(_ exchange: Ref<Exchange>) -> Bool {
        guard let known = exchange[].servers, let newest = exchange[].place?[].servers else { return false }
        let (count, redispatches) = known._withUnsafeGuaranteedRef {
            ($0.servers.count, $0.settings.redispatch)
        }
        return redispatches && count <= 1 && newest._withUnsafeGuaranteedRef { $0.servers.count } > count
    }

    /// Whether all of the request is still here.
    private func isWhole(_ exchange: Ref<Exchange>) -> Bool {
        exchange[].errand == .error
            || exchange[].isReplayable
                && (exchange[].request.framing == .none || exchange[].requestBody.isComplete
                    || exchange[].isAuthorizing)
    }

    /// Whether the request could be sent a second time: all of it is still here, and by its method or for lack of a body it
    /// does no harm.
    func isHarmless(_ exchange: Ref<Exchange>) -> Bool {
        if exchange[].errand == .error { return true }
        guard exchange[].isReplayable else { return false }
        if exchange[].request.framing == .none || exchange[].isAuthorizing { return true }
        return exchange[].requestBody.isComplete && exchange[].request.isIdempotent(in: head(of: exchange))
    }
}
