import Basics
import Synchronization
import Wire

/// What an event's token refers to, in its three low bits.
enum Token: UInt64 {
    case client = 1
    case server = 2
    case listener = 3
    case mailbox = 4
    /// Of timers alone.
    case exchange = 5
    /// Of a timer alone; there is one of them.
    case spans = 6
    /// The same.
    case limits = 7

    static func client(_ reference: Ref<ClientConnection>) -> UInt64 {
        reference.bits | Token.client.rawValue
    }
    static func server(_ reference: Ref<ServerConnection>) -> UInt64 {
        reference.bits | Token.server.rawValue
    }
    static func exchange(_ reference: Ref<Exchange>) -> UInt64 {
        reference.bits | Token.exchange.rawValue
    }
    static func listener(_ index: Int) -> UInt64 { UInt64(index) << 3 | Token.listener.rawValue }
}

extension Worker {
    /// Runs until stopped. One round: wait, look at each event, fire timers, free what was closed.
    func run() {
        _ = loop.registerLevel(mailbox.wakeUp, token: Token.mailbox.rawValue)
        for i in 0..<listeners.count { listen(at: i) }
        while !isStopping {
            let count = loop.wait(milliseconds: sleepTime())
            clock.update()
            moved = 0
            for i in 0..<count { dispatch(loop[i]) }
            resumeYielded()
            resumeYieldedClients()
            while let owner = timers.nextExpired(now: clock.monotonic) { timeout(owner) }
            takeOwnGrants()
            pumpMarkedSessions()
            endRound()
        }
        closeEverything()
    }

    private func dispatch(_ event: Event) {
        let bits = event.token & ~7
        switch event.token & 7 {
        case Token.client.rawValue: clientEvent(Ref(bits: bits), event.readiness)
        case Token.server.rawValue: serverEvent(Ref(bits: bits), event.readiness)
        case Token.listener.rawValue: accept(Int(event.token >> 3))
        default: for message in mailbox.takeAll() { handle(message) }
        }
    }

    private func timeout(_ owner: UInt64) {
        let bits = owner & ~7
        switch owner & 7 {
        case Token.client.rawValue: clientTimeout(Ref(bits: bits))
        case Token.exchange.rawValue: throttleTimeout(Ref(bits: bits))
        case Token.spans.rawValue: spansDue()
        case Token.limits.rawValue: serveWaiting()
        default: serverTimeout(Ref(bits: bits))
        }
    }

    private func sleepTime() -> Int32 {
        guard yielded.isEmpty, yieldedClients.isEmpty, ownGrants.isEmpty else { return 0 }
        guard acceptsAgainAt == 0 else { return 50 }
        if log.hasPending {
            return Int32(
                min(timers.delay(now: clock.monotonic) ?? AccessLog.flushDelay, AccessLog.flushDelay))
        }
        return timers.delay(now: clock.monotonic).map { Int32(clamping: $0) } ?? -1
    }

    private func endRound() {
        resumeAccepting()
        clients.reclaim()
        servers.reclaim()
        exchanges.reclaim()
        details.reclaim()
        compressions.reclaim()
        stores.reclaim()
        deliveries.reclaim()
        stickings.reclaim()
        rulings.reclaim()
        heldAnswers.reclaim()
        waitingRequests.reclaim()
        fastCGIAnswers.reclaim()
        if !garbage.isEmpty { garbage.release(before: oldestExchange?[].epoch ?? .max) }
        log.endRound(now: clock.monotonic)
        if measuresSleep { idle.endRound(wokenAt: clock.monotonic, now: Clock.now()) }
        counters[].loops.add()
    }

    private func closeEverything() {
        while let client = firstClient { abort(client, .shutDown) }
        pumpMarkedSessions()
        // What is left are idle connections to servers: each has a timer, and is closed when it expires.
        let end = clock.monotonic &+ UInt64(Worker.longestIdle + 1_000) * 1_000_000
        while let owner = timers.nextExpired(now: end) { timeout(owner) }
        pumpMarkedSessions()
        log.flushAll()
        spans.flush()
        clients.reclaim()
        servers.reclaim()
        exchanges.reclaim()
        details.reclaim()
        compressions.reclaim()
        stores.reclaim()
        deliveries.reclaim()
        stickings.reclaim()
        rulings.reclaim()
        heldAnswers.reclaim()
        waitingRequests.reclaim()
        fastCGIAnswers.reclaim()
        carriers.reclaim()
        garbage.release(before: .max)
    }
}
