import Basics
import Model
import Wire

/// Exchanges whose bytes are held back: each read is as long as what may pass, and the rest waits where it is, with who sent it. So
/// a limited exchange holds no more than any other, and streams of a connection do not wait for one another.
///
/// It has a timer of its own; the time-outs of its client and its server stand still while it is the limit that it waits for.
extension Worker {
    /// Lets a limit hold for an exchange from now on; `answer` is the answer's head while that is looked at.
    func limit(
        _ limit: Ref<CompiledBandwidthLimit>, _ exchange: Ref<Exchange>, answer: ByteView? = nil
    ) {
        let source = ExchangeSource(worker: self, exchange: exchange, answer: answer)
        guard let throttle = throttle(limit, source) else { return }
        let ruling = ruling(of: exchange)
        exchange[].isThrottled = true
        Worker.set(throttle, among: &ruling[].throttles)
    }

    /// The same for a connection that is about to be given to a server as a whole.
    func limit<Source: SampleSource & ~Copyable>(
        _ limit: Ref<CompiledBandwidthLimit>, _ client: Ref<ClientConnection>, _ source: borrowing Source
    ) {
        guard let throttle = throttle(limit, source) else { return }
        guard let exchange = client[].exchange else {
            return Worker.set(throttle, among: &detail(client)[].throttles)
        }
        // Its backend says so, or what its server has said.
        exchange[].isThrottled = true
        Worker.set(throttle, among: &ruling(of: exchange)[].throttles)
    }

    /// What rules have said about a connection holds for its session.
    func takeThrottles(_ exchange: Ref<Exchange>, from details: Ref<ClientDetails>) {
        guard !details[].throttles.isEmpty else { return }
        ruling(of: exchange)[].throttles = details[].throttles
        exchange[].isThrottled = true
    }

    private static func set(_ throttle: Throttle, among all: inout [Throttle]) {
        guard let known = all.firstIndex(where: { $0.key == throttle.key }) else {
            return all.append(throttle)
        }
        guard throttle.share == nil else { return all[known] = throttle }
        all[known].change(to: throttle.rate)
    }

    private func throttle<Source: SampleSource & ~Copyable>(
        _ limit: Ref<CompiledBandwidthLimit>, _ source: borrowing Source
    ) -> Throttle? {
        guard limit[].sharedKey.count == 0 else { return shared(limit, source) }
        let bytes = number(limit[].chosenBytes, of: source) ?? limit[].bytes
        let period = number(limit[].chosenPeriod, of: source) ?? limit[].period
        return Throttle(
            limit[].key, limit[].direction,
            Throttle.Rate(bytes: bytes, period: period, leastPiece: limit[].leastPiece),
            free: limit[].burst, includesTunnels: limit[].includesTunnels, now: clock.monotonic)
    }

    /// One that others share; nil without a key, and without room for it.
    private func shared<Source: SampleSource & ~Copyable>(
        _ limit: Ref<CompiledBandwidthLimit>, _ source: borrowing Source
    ) -> Throttle? {
        samples.reset()
        defer { noteOverruns() }
        guard let table = tableDirectory[limit[].table],
            let sample = limit[].sharedKey[0].sample(of: source, &samples),
            let key = TableKey(sample, for: table._withUnsafeGuaranteedRef { $0.layout.type }, &samples)
        else { return nil }
        let rate = Throttle.Rate(
            shared: limit[].bytes, period: limit[].period, leastPiece: limit[].leastPiece)
        let isOfRequests = limit[].direction == .request
        let share = PaceShare(
            in: table.takeUnretainedValue(), of: key, isOfRequests ? .bytesInRate : .bytesOutRate, rate,
            now: clock.monotonic)
        return share.map { Throttle(limit[].key, limit[].direction, rate, shared: $0) }
    }

    private func number<Source: SampleSource & ~Copyable>(
        _ expressions: borrowing FixedArray<CompiledExpression>, of source: borrowing Source
    ) -> Int? {
        guard expressions.count > 0 else { return nil }
        samples.reset()
        let number = expressions[0].sample(of: source, &samples)?.number
        noteOverruns()
        return number.flatMap { $0 > 0 ? Int(clamping: $0) : nil }
    }

    // MARK: What may pass

    /// How many bytes may pass one way; 0 is to wait.
    func allowance(_ exchange: Ref<Exchange>, _ direction: BandwidthLimit.Direction) -> Int {
        guard let ruling = exchange[].ruling else { return .max }
        var most = Int.max
        for i in 0..<ruling[].throttles.count where holds(ruling[].throttles[i], exchange, direction) {
            most = min(most, ruling[].throttles[i].allowance(now: clock.monotonic))
        }
        return most
    }

    /// The same of an answer that has not begun: where rules may still set a limit, nothing beyond its head.
    func allowanceToBegin(_ exchange: Ref<Exchange>) -> Int {
        exchange[].asksAnswerRules ? 0 : allowance(exchange, .answer)
    }

    /// So many bytes have passed one way.
    func notePassed(_ count: Int, _ exchange: Ref<Exchange>, _ direction: BandwidthLimit.Direction) {
        guard let ruling = exchange[].ruling else { return }
        for i in 0..<ruling[].throttles.count where holds(ruling[].throttles[i], exchange, direction) {
            ruling[].throttles[i].pass(count, now: clock.monotonic)
        }
    }

    /// Whether nothing may pass now, one way or, with nil, any. The exchange is looked at again as soon as that may be otherwise.
    func isHeldBack(_ exchange: Ref<Exchange>, _ direction: BandwidthLimit.Direction?) -> Bool {
        guard let ruling = exchange[].ruling else { return false }
        var (soonest, isHeld) = (UInt64.max, false)
        for i in 0..<ruling[].throttles.count {
            let throttle = ruling[].throttles[i]
            if direction == nil || throttle.direction == direction { throttle.reserve(now: clock.monotonic) }
            let wait = throttle.wait(now: clock.monotonic)
            guard wait > 0, throttle.includesTunnels || exchange[].phase != .tunnel else { continue }
            soonest = min(soonest, wait)
            if direction == nil || throttle.direction == direction { isHeld = true }
        }
        guard isHeld else { return false }
        wake(exchange, in: Int(clamping: soonest / 1_000_000 &+ 1))
        return true
    }

    /// Looks at an exchange again in so many milliseconds.
    func wake(_ exchange: Ref<Exchange>, in time: Int) {
        let ruling = ruling(of: exchange)
        if ruling[].wakeTimer == 0 { ruling[].wakeTimer = timers.add(owner: Token.exchange(exchange)) }
        timers.set(ruling[].wakeTimer, in: max(1, time), now: clock.monotonic)
    }

    private func holds(
        _ throttle: Throttle, _ exchange: Ref<Exchange>, _ direction: BandwidthLimit.Direction
    ) -> Bool {
        throttle.direction == direction && (throttle.includesTunnels || exchange[].phase != .tunnel)
    }

    /// Something may pass again.
    func throttleTimeout(_ exchange: Ref<Exchange>) {
        let client = exchange[].client
        if let connection = exchange[].serverConnection { return serverEvent(connection, []) }
        guard exchange[].delivery != nil else { return }
        pumpDelivery(exchange)
        resume(client)
    }

    // MARK: Bodies that came with their heads

    /// Lets what came of a limited body wait, so that the head goes alone.
    func holdBody(_ exchange: Ref<Exchange>) {
        guard exchange[].initialBody > 0, allowance(exchange, .request) != .max else { return }
        guard let channel = exchange[].client[].transport.channel else {
            exchange[].holdsBody = true
            return
        }
        // It stands in its stream still, and is read from there.
        exchange[].bytesIn &-= UInt64(exchange[].initialBody)
        exchange[].initialBody = 0
        exchange[].requestBody = BodyDecoder(.untilClose)
        exchange[].client[].transport.canRead = channel.hasMore
    }

    /// Puts as much of it as may pass into the scratch.
    func takeHeldBody(_ exchange: Ref<Exchange>) {
        let client = exchange[].client
        let count = min(exchange[].initialBody, allowance(exchange, .request), Sizes.read)
        scratch.reset(headRoom: Sizes.headRoom)
        scratch.append(client[].input.view[0..<count])
        client[].input.remove(0..<count)
        exchange[].initialBody -= count
        exchange[].isReplayable = false
        if exchange[].initialBody == 0 { exchange[].holdsBody = false }
        notePassed(count, exchange, .request)
    }
}
