import Basics
import Wire

/// Verdicts that are kept: who was let in, or not, is not asked about again for a while.
extension Worker {
    /// What was said before about requests like this one; nil if somebody has to be asked.
    func knownVerdict(_ exchange: Ref<Exchange>, _ asked: Ref<CompiledAuthorization>) -> VerdictStore.Verdict?
    {
        guard verdicts.count > 0, let key = verdictKey(exchange, asked) else { return nil }
        return verdicts.find(key, now: clock.monotonic)
    }

    /// Does what a kept verdict says. False if the request has been answered.
    func follows(
        _ verdict: VerdictStore.Verdict, _ exchange: Ref<Exchange>, _ asked: Ref<CompiledAuthorization>
    ) -> Bool {
        guard (200...299).contains(verdict.status) else {
            counters[].forbiddenRequests.add()
            if verdict.status == 401, asked[].signIn.count > 0 {
                sendToSignIn(exchange, asked)
            } else {
                refuse(exchange, verdict.status, telling: verdict.told)
            }
            return false
        }
        guard forgetTaken(exchange, asked), take(verdict.taken, exchange) else {
            authorizationFailed(exchange)
            return false
        }
        counters[].allowedRequests.add()
        return true
    }

    private func refuse(_ exchange: Ref<Exchange>, _ status: UInt16, telling told: [UInt8]) {
        let ruling = ruling(of: exchange)
        headBuffers.lend(to: &ruling[].told)
        guard told.withView({ ruling[].told.append($0) }) else { return authorizationFailed(exchange) }
        refuse(exchange, asKnown: status)
    }

    /// Gives the request fields that were kept.
    private func take(_ lines: [UInt8], _ exchange: Ref<Exchange>) -> Bool {
        guard !lines.isEmpty else { return true }
        guard let ruling = withOwnHead(exchange) else { return false }
        return lines.withView { lines in
            var start = 0
            while let line = FieldLine(lines, from: start) {
                guard exchange[].request.add(line.name, line.value, to: &ruling[].head) else { return false }
                start = line.end
            }
            return true
        }
    }

    /// Keeps what the answer says, if it may be; the request is still as it was asked about.
    func keepVerdict(_ exchange: Ref<Exchange>, _ asked: Ref<CompiledAuthorization>, _ head: ByteView) {
        guard asked[].keeping.count > 0,
            let most = asked[].keeping.reference(0)[].lifetimes[exchange[].response.status], most > 0,
            let lifetime = lifetime(exchange, head, most: Int64(most)),
            let key = verdictKey(exchange, asked)
        else { return }
        var verdict = VerdictStore.Verdict(status: exchange[].response.status)
        let isYes = (200...299).contains(verdict.status)
        for place in 0..<exchange[].response.fieldCount {
            let field = exchange[].response.field(at: place)
            let name = field.name(in: head)
            guard !field.isRemoved, verdict.taken.count + verdict.told.count <= VerdictStore.mostOfOne else {
                continue
            }
            if isYes {
                if asked[].takes(name) { verdict.taken += FieldLine.bytes(name, field.value(in: head)) }
            } else if name.equalsIgnoringCase("www-authenticate") {
                verdict.told += FieldLine.bytes(name, field.value(in: head))
            }
        }
        verdicts.keep(verdict, under: key, until: clock.monotonic &+ UInt64(lifetime) &* 1_000_000)
    }

    /// Milliseconds for which the answer is good, `most` at most; nil is not at all. What is for one client alone is never kept.
    private func lifetime(_ exchange: Ref<Exchange>, _ head: ByteView, most: Int64) -> Int64? {
        var terms = CacheVerdict()
        for place in 0..<exchange[].response.fieldCount {
            let field = exchange[].response.field(at: place)
            guard field.name != .setCookie else { return nil }
            terms.see(field.name(in: head), field.value(in: head))
        }
        return terms.lifetimeOfDecision(most: most, now: Int64(clock.realtime / 1_000_000_000))
    }

    /// Whom a verdict is about; nil if that can not be said in a few bytes.
    private func verdictKey(_ exchange: Ref<Exchange>, _ asked: Ref<CompiledAuthorization>) -> [UInt8]? {
        let keeping = asked[].keeping.reference(0)
        guard compose(keeping[].key, for: exchange) else { return nil }
        let host = head(of: exchange)[exchange[].request.host.indices]
        guard host.count + composed.count <= VerdictStore.mostOfOne / 2 else { return nil }
        return keeping[].scope + host.bytes + [0] + composed.view.bytes
    }
}

/// One of several field lines, as they were kept.
private struct FieldLine {
    let name: ByteView
    let value: ByteView
    /// Where the next one begins.
    let end: Int

    /// The one that begins there; nil if there is none.
    init?(_ lines: ByteView, from start: Int) {
        guard let colon = lines.firstIndex(of: UInt8(ascii: ":"), from: start),
            let end = lines.firstIndex(of: UInt8(ascii: "\r"), from: colon)
        else { return nil }
        (name, value, self.end) = (lines[start..<colon], lines[colon + 2..<end], end + 2)
    }

    static func bytes(_ name: ByteView, _ value: ByteView) -> [UInt8] {
        name.bytes + Array(": ".utf8) + value.bytes + Array("\r\n".utf8)
    }
}
