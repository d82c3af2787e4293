import Basics
import Wire

/// Answers that are kept in a cache.
///
/// ```
///   head ─► watchAnswer   whether it is kept; an unsafe method that succeeded forgets what is kept
///   body ─► keepPiece     a copy of what the server sent, before it is compressed
///   end  ─► keepPiece     the whole answer is the cache's; one that did not end is not
/// ```
extension Worker {
    /// An answer's head has come and is going to be passed on.
    func watchAnswer(_ exchange: Ref<Exchange>, _ policy: CachePolicy, head answerHead: ByteView) {
        guard policy.stores, exchange[].request.minorVersion == 1 else { return }
        let method = head(of: exchange)[exchange[].request.method.indices]
        guard method.equals("GET") else { return forgetIfChanged(exchange, policy, method) }
        guard exchange[].response.status == 200, exchange[].storing == nil, isCacheable(exchange),
            !exchange[].sparesCache, holdsOne(of: policy.storings, exchange, answer: answerHead),
            let length = lengthToKeep(exchange, policy)
        else { return }
        var verdict = CacheVerdict()
        exchange[].response.fields.forEach { field in
            verdict.see(field.name(in: answerHead), field.value(in: answerHead))
        }
        let now = Int64(clock.realtime / 1_000_000_000)
        guard
            let kept = verdict.kept(for: cacheRequest(exchange, policy), policy.terms, now: now)
        else { return }
        beginKeeping(exchange, policy, kept, tag: verdict.tag.bytes, length: length, answerHead)
    }

    /// How long a body is said to be, -1 if that is not said; nil if it is not to be kept: too long, or ended by the end of the
    /// connection, which looks like one that was cut.
    private func lengthToKeep(_ exchange: Ref<Exchange>, _ policy: CachePolicy) -> Int? {
        switch exchange[].response.bodyFraming(isHead: false) {
        case .none, .untilClose: nil
        case .chunked: -1
        case .length(let length): length <= Int64(policy.longest) ? Int(length) : nil
        }
    }

    /// RFC 9111 4.4: what an unsafe method has changed is not what is kept.
    private func forgetIfChanged(_ exchange: Ref<Exchange>, _ policy: CachePolicy, _ method: ByteView) {
        let isSafe =
            method.equals("HEAD") || method.equals("OPTIONS") || method.equals("TRACE")
        guard !isSafe, (200..<400).contains(exchange[].response.status), writeCacheKey(exchange) else {
            return
        }
        policy.store.forget(headScratch.view)
    }

    private func beginKeeping(
        _ exchange: Ref<Exchange>, _ policy: CachePolicy, _ kept: CacheVerdict.Kept, tag: [UInt8],
        length: Int, _ answerHead: ByteView
    ) {
        let head = keptHead(exchange, answerHead)
        guard head.hasMemory, writeCacheKey(exchange) else { return }
        let size = CachedAnswer.overhead + Int(head.capacity) + headScratch.count + tag.count
        let now = cacheNow
        guard head.count + max(0, length) <= policy.longest, policy.store.reserve(size) else { return }
        let key = CacheKey(headScratch.view)
        guard let ticket = policy.store.begin(key, kept.variant, most: policy.variants, now: now) else {
            return policy.store.giveBack(size)
        }
        let facts = CachedAnswer.Facts(
            cameAt: now, goodUntil: now + kept.lifetime * 1_000_000_000, age: kept.age,
            modified: kept.modified)
        exchange[].worksOnBody = true
        exchange[].storing = stores.insert(
            RunningStore(
                policy: Unmanaged.passUnretained(policy), ticket: ticket, key: key, tag: tag, facts: facts,
                length: length < 0 ? nil : length, head: head, reserved: size))
    }

    /// The reason phrase and the field lines as they are kept: how old it is is counted from here on.
    private func keptHead(_ exchange: Ref<Exchange>, _ answerHead: ByteView) -> Buffer {
        let reason = answerHead[exchange[].response.reason.indices]
        var room = reason.count + 2
        exchange[].response.fields.forEach { field in
            if !field.isRemoved { room += Int(field.nameCount) + Int(field.valueCount) + 4 }
        }
        var head = Buffer(capacity: room)
        var ages: [Int] = []
        for i in 0..<exchange[].response.fields.count {
            let field = exchange[].response.fields[i]
            if !field.isRemoved, field.name(in: answerHead).equalsIgnoringCase("age") { ages.append(i) }
        }
        for i in ages { exchange[].response.fields[i].isRemoved = true }
        let fits = head.write { output in
            output.append(reason)
            output.append("\r\n")
            exchange[].response.fields.writeKept(from: answerHead, to: &output)
        }
        for i in ages { exchange[].response.fields[i].isRemoved = false }
        return fits ? head : Buffer()
    }

    /// A piece of the body is in the scratch, as the server sent it but for its framing.
    func keepPiece(_ exchange: Ref<Exchange>, isLast: Bool) {
        guard let storing = exchange[].storing else { return }
        guard storing[].keep(scratch.view, isLast: isLast) else { return endKeeping(exchange) }
        guard isLast else { return }
        // Trailers are not kept, so neither is what has any.
        let isWhole = storing[].length.map { $0 == storing[].body.count } ?? true
        guard isWhole, exchange[].trailers.isEmpty else { return endKeeping(exchange) }
        let store = storing[].policy._withUnsafeGuaranteedRef { $0.store }
        store.complete(storing[].ticket, storing[].finish())
        endKeeping(exchange)
    }

    /// Gives back whatever was gathered of an answer that is not the cache's.
    func endKeeping(_ exchange: Ref<Exchange>) {
        guard let storing = exchange[].storing else { return }
        exchange[].storing = nil
        if !storing[].isComplete {
            let store = storing[].policy._withUnsafeGuaranteedRef { $0.store }
            store.cancel(storing[].ticket)
            store.giveBack(storing[].reserved)
        }
        stores.remove(storing)
    }
}
