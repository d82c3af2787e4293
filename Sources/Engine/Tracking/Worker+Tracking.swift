import Basics
import Model
import Wire

/// Counters of stick tables along the way of an exchange: what rules do with them, and what is counted without being asked.
///
/// ```
///   connection: tracked from its rules to its end      ┐ a number that the connection uses
///   exchange:   tracked from its rules to its log line ┘ is not the exchange's to use
/// ```
extension Worker {
    /// Does what a rule about a message says of counters. `answer` is the head of the answer it is about, if it is.
    func perform(_ action: Ref<CompiledCounter>, _ exchange: Ref<Exchange>, answer: ByteView? = nil) {
        let client = exchange[].client
        samples.reset()
        let source = ExchangeSource(worker: self, exchange: exchange, answer: answer)
        guard case .track(let number) = action[].kind else {
            if let entry = tracked(action[].slot, client, exchange) { change(entry, action, source) }
            return noteOverruns()
        }
        guard tracked(action[].slot, client, exchange) == nil,
            let entry = entry(action, in: number, source)
        else { return noteOverruns() }
        noteOverruns()
        if answer != nil { countStatus(exchange[].response.status, in: entry) }
        ruling(of: exchange)[].tracked.set(entry, at: action[].slot)
        if exchange[].ownsReferences { _ = entry.table.retain() }
        watchCounters(exchange)
    }

    /// The same of a rule about a connection, which tracks for as long as it lasts.
    func perform<Source: SampleSource & ~Copyable>(
        _ action: Ref<CompiledCounter>, _ client: Ref<ClientConnection>, _ source: borrowing Source
    ) {
        let known = tracked(action[].slot, client, nil)
        if case .track(let number) = action[].kind {
            if known == nil, let entry = entry(action, in: number, source) {
                _ = entry.table.retain()
                detail(client)[].tracked.set(entry, at: action[].slot)
            }
        } else if let known {
            change(known, action, source)
        }
        noteOverruns()
    }

    /// Holds the entry of a rule's key; nil without a key, a table, or room in it.
    private func entry<Source: SampleSource & ~Copyable>(
        _ action: Ref<CompiledCounter>, in number: UInt64, _ source: borrowing Source
    ) -> TrackedEntry? {
        guard let table = tableDirectory[number],
            let sample = action[].expression.sample(of: source, &samples),
            let key = TableKey(
                sample, for: table._withUnsafeGuaranteedRef { $0.layout.type }, &samples)
        else { return nil }
        let held = table._withUnsafeGuaranteedRef {
            $0.track(key, countsRequest: action[].countsRequest, now: clock.milliseconds)
        }
        return held.map { TrackedEntry(table: table, held: $0) }
    }

    private func change<Source: SampleSource & ~Copyable>(
        _ entry: TrackedEntry, _ action: Ref<CompiledCounter>, _ source: borrowing Source
    ) {
        guard let number = action[].expression.sample(of: source, &samples)?.number else { return }
        let (kind, now) = (action[].kind, clock.milliseconds)
        entry.use { shard, place, layout in
            switch kind {
            case .track: break
            case .add(let kind, let element):
                let amount = UInt64(clamping: number)
                shard.increase(kind, element, by: amount, in: place, layout, now: now)
            case .set(let kind, let element):
                let tag = UInt32(truncatingIfNeeded: number)
                shard.mark(kind, element, as: tag, in: place, layout, now: now)
            }
        }
    }

    // MARK: What is counted

    /// From now on the exchange's bytes and errors are counted.
    func watchCounters(_ exchange: Ref<Exchange>) {
        exchange[].countsSomewhere = true
        exchange[].asksAnswerRules = true
        exchange[].looksAtAnswer = true
    }

    /// Counts an event in all entries that an exchange tracks.
    func count(_ event: TableEvent, by amount: UInt64 = 1, of exchange: Ref<Exchange>) {
        let now = clock.milliseconds
        for slot in TrackedEntries.slots {
            tracked(slot, exchange[].client, exchange)?.count(event, by: amount, now: now)
        }
    }

    /// A server's answer has come: what is the client's fault, and what is the server's.
    func countAnswer(_ exchange: Ref<Exchange>) {
        for slot in TrackedEntries.slots {
            guard let entry = tracked(slot, exchange[].client, exchange) else { continue }
            countStatus(exchange[].response.status, in: entry)
        }
    }

    private func countStatus(_ status: UInt16, in entry: TrackedEntry) {
        guard let event = TableEvent(status: status) else { return }
        entry.count(event, now: clock.milliseconds)
    }

    /// The exchange is over: what it has moved is known.
    func countBytes(_ exchange: Ref<Exchange>) {
        let (received, sent) = (exchange[].bytesIn, exchange[].bytesOut)
        if received > 0 { count(.bytesIn, by: received, of: exchange) }
        if sent > 0 { count(.bytesOut, by: sent, of: exchange) }
    }

    /// A connection has become a session: it counts as one where it is tracked.
    func countSession(_ client: Ref<ClientConnection>) {
        guard let details = client[].details, !details[].tracked.isEmpty else { return }
        for slot in TrackedEntries.slots {
            details[].tracked[slot]?.count(.session, now: clock.milliseconds)
        }
    }

    /// A request counts where its connection is tracked, or itself is already.
    func countRequest(_ exchange: Ref<Exchange>) {
        guard isTracked(exchange) else { return }
        count(.request, of: exchange)
        watchCounters(exchange)
    }

    /// A request that is none counts as one all the same, and as an error.
    func countRefused(_ exchange: Ref<Exchange>) {
        guard isTracked(exchange) else { return }
        if exchange[].backend == nil { count(.request, of: exchange) }
        count(.error, of: exchange)
    }

    private func isTracked(_ exchange: Ref<Exchange>) -> Bool {
        exchange[].client[].details?[].tracked.isEmpty == false
            || exchange[].ruling?[].tracked.isEmpty == false
    }

    // MARK: The end

    /// Lets go what a connection tracks.
    func endTracking(_ details: Ref<ClientDetails>) {
        guard !details[].tracked.isEmpty else { return }
        for slot in TrackedEntries.slots {
            guard let entry = details[].tracked[slot] else { continue }
            entry.letGo(now: clock.milliseconds)
            entry.table.release()
        }
    }

    /// Lets go what an exchange tracks, once nobody asks for it any more.
    func endTracking(_ exchange: Ref<Exchange>, _ ruling: Ref<Ruling>) {
        guard !ruling[].tracked.isEmpty else { return }
        let now = clock.milliseconds
        for slot in TrackedEntries.slots {
            guard let entry = ruling[].tracked[slot] else { continue }
            entry.letGo(now: now)
            if exchange[].ownsReferences { entry.table.release() }
        }
    }

    /// Keeps the tables alive that an exchange which may last for long tracks in.
    func ownTables(_ exchange: Ref<Exchange>) {
        guard let ruling = exchange[].ruling, !ruling[].tracked.isEmpty else { return }
        for slot in TrackedEntries.slots { _ = ruling[].tracked[slot]?.table.retain() }
    }
}

extension TableEvent {
    /// What an answer counts for: what the client has asked for in vain, or what the server has failed at.
    init?(status: UInt16) {
        switch status {
        case 400...499: self = .error
        case 501, 505: return nil
        case 500...599: self = .failure
        default: return nil
        }
    }
}
