import Basics
import Model
import Wire

/// Answers that are given again from a cache.
///
/// ```
///   request ─► answerFromCache   what is kept is taken for a server's answer: head and body pass as any other
///   body    ─► pumpDelivery      the next piece, as the client takes them
/// ```
/// Backends without a cache never come here.
extension Worker {
    /// True if the request is answered, or the answer is under way.
    func answerFromCache(_ exchange: Ref<Exchange>, _ policy: CachePolicy) -> Bool {
        guard policy.looksUp, isCacheable(exchange) else { return false }
        guard holdsOne(of: policy.lookUps, exchange) else {
            exchange[].sparesCache = true
            return false
        }
        exchange[].sparesCache = false
        let method = head(of: exchange)[exchange[].request.method.indices]
        guard exchange[].request.isHead || method.equals("GET") else { return false }
        let request = cacheRequest(exchange, policy)
        guard request.mayBeAnswered else { return false }
        exchange[].place?.traffic._withUnsafeGuaranteedRef { $0.counters.cacheLookups.add() }
        guard writeCacheKey(exchange),
            let found = policy.store.find(headScratch.view, for: request.variant, now: cacheNow)
        else { return false }
        guard give(found, to: exchange, isKnown: request.isConditional && isKnown(found, to: exchange)) else {
            // It can not be sent as it is: better no answer than that one.
            _ = writeCacheKey(exchange)
            policy.store.forget(headScratch.view)
            endDelivery(exchange)
            return false
        }
        return true
    }

    /// Whether a request's answer may come from a cache or go there at all. A body could change what is answered.
    func isCacheable(_ exchange: Ref<Exchange>) -> Bool {
        exchange[].request.minorVersion == 1 && exchange[].request.framing == .none
            && !exchange[].request.wantsUpgrade && !exchange[].request.host.isEmpty
    }

    /// Whether one of the conditions holds, or there are none. One that takes too long to find out does not.
    func holdsOne(
        of conditions: borrowing ConditionSet, _ exchange: Ref<Exchange>, answer: ByteView? = nil
    ) -> Bool {
        guard conditions.count > 0 else { return true }
        samples.reset()
        let source = ExchangeSource(worker: self, exchange: exchange, answer: answer)
        defer { noteOverruns() }
        for i in 0..<conditions.count where conditions.holds(i, for: source, &samples) {
            return samples.overruns == 0
        }
        return false
    }

    /// Nanoseconds of the clock that is never set.
    var cacheNow: Int64 { Int64(truncatingIfNeeded: clock.monotonic) }

    func cacheRequest(_ exchange: Ref<Exchange>, _ policy: CachePolicy) -> CacheRequest {
        let head = head(of: exchange)
        var request = CacheRequest(readsVariant: policy.terms.processesVary)
        exchange[].request.fields.forEach { field in
            if field.name == .other { request.see(field.name(in: head), field.value(in: head)) }
        }
        return request
    }

    /// Leaves host and path in the scratch for heads; false if they do not fit.
    func writeCacheKey(_ exchange: Ref<Exchange>) -> Bool {
        let head = head(of: exchange)
        let host = head[exchange[].request.host.indices]
        headScratch.reset()
        return headScratch.write { output in
            for i in 0..<host.count { output.append(foldCase(host[i])) }
            output.append(path(of: exchange, in: head))
        }
    }

    private func isKnown(_ answer: Unmanaged<CachedAnswer>, to exchange: Ref<Exchange>) -> Bool {
        let head = head(of: exchange)
        return answer._withUnsafeGuaranteedRef { answer in
            answer.tag.withView { tag in
                var condition = CacheCondition(tag: tag, modified: answer.facts.modified)
                exchange[].request.fields.forEach { field in
                    if field.name == .other { condition.see(field.name(in: head), field.value(in: head)) }
                }
                return condition.isFulfilled
            }
        }
    }

    /// Puts the answer before the client as if a server had sent it. False, and nothing sent, if its head can not be read.
    private func give(_ answer: Unmanaged<CachedAnswer>, to exchange: Ref<Exchange>, isKnown: Bool) -> Bool {
        deliver(answer, named: "<CACHE>", to: exchange) { output in
            exchange[].place?.traffic._withUnsafeGuaranteedRef { $0.counters.cacheHits.add() }
            answer._withUnsafeGuaranteedRef { write($0, isKnown: isKnown, to: &output) }
        }
    }

    /// Puts an answer that is all here before the client as if a server had sent it, behind the head that `write` writes. False, and
    /// nothing sent, if that can not be read.
    func deliver(
        _ answer: Unmanaged<CachedAnswer>, named name: StaticString, to exchange: Ref<Exchange>,
        _ write: (inout ByteWriter) -> Void
    ) -> Bool {
        exchange[].delivery = deliveries.insert(CachedDelivery(answer: answer, name: name))
        exchange[].worksOnBody = true
        scratch.reset(headRoom: Sizes.headRoom)
        let fits = scratch.write { write(&$0) }
        let length = scratch.count
        tables.lend(to: &exchange[].response.fields)
        exchange[].response.reset()
        guard fits, exchange[].response.parse(scratch.view) == .complete(count: length) else {
            tables.takeBack(&exchange[].response.fields)
            return false
        }
        exchange[].isRequestSent = true
        exchange[].looksAtAnswer = exchange[].asksAnswerRules
        exchange[].termination = .answeredLocally
        exchange[].assignedAt = clock.monotonic
        exchange[].connectedAt = clock.monotonic
        exchange[].answeredAt = clock.monotonic
        if exchange[].response.bodyFraming(isHead: exchange[].request.isHead) != .none { takePiece(exchange) }
        beginAnswer(exchange, head: scratch.view[0..<length], headCount: length)
        return true
    }

    private func write(_ answer: CachedAnswer, isKnown: Bool, to output: inout ByteWriter) {
        if isKnown {
            output.append("HTTP/1.1 304 Not Modified\r\n")
            output.append(answer.fields)
        } else {
            output.append("HTTP/1.1 200 ")
            output.append(answer.head.view)
        }
        output.append("Content-Length: ")
        output.append(decimal: Int64(answer.body.count))
        output.append("\r\nAge: ")
        output.append(decimal: answer.age(now: cacheNow))
        output.append("\r\n\r\n")
    }

    /// Appends the next piece of the body to the scratch.
    private func takePiece(_ exchange: Ref<Exchange>) {
        guard let delivery = exchange[].delivery else { return }
        delivery[].answer._withUnsafeGuaranteedRef { answer in
            var most = exchange[].client[].transport.channel.map { min(Sizes.read, $0.room) } ?? Sizes.read
            if exchange[].isThrottled { most = min(most, allowance(exchange, .answer)) }
            let end = min(answer.body.count, delivery[].sent + most)
            scratch.append(answer.body.view[delivery[].sent..<end])
            delivery[].sent = end
        }
    }

    /// Passes an answer of the cache on as long as the client takes it.
    func pumpDelivery(_ exchange: Ref<Exchange>) {
        let client = exchange[].client
        guard let delivery = exchange[].delivery else { return }
        var reads = 0
        while exchange[].phase == .streaming, exchange[].delivery == delivery {
            guard !client[].isFull() else {
                return setTimer(client, patience(with: client))
            }
            guard moved < Sizes.turn,
                reads < Sizes.compressedReads || exchange[].compression == nil
            else { return yieldTurn(client) }
            if exchange[].isThrottled, isHeldBack(exchange, .answer) { return setTimer(client, 0) }
            reads &+= 1
            scratch.reset(headRoom: Sizes.headRoom)
            takePiece(exchange)
            moved &+= scratch.count
            passAnswer(exchange, withHead: false)
        }
    }

    /// Lets go of the answer that was being sent.
    func endDelivery(_ exchange: Ref<Exchange>) {
        guard let delivery = exchange[].delivery else { return }
        exchange[].delivery = nil
        delivery[].answer.release()
        deliveries.remove(delivery)
    }
}
