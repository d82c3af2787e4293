import Kubernetes

/// Decides which Ingresses' status is to be written, and what: those that are ours and say something else than where
/// traffic goes in.
///
/// It works by level: what was missed, lost or overwritten by others is seen as a difference and written again. Nothing is ever
/// blanked by itself: an empty status deletes DNS records. Only an Ingress that is ours no more, and still says what we wrote, loses
/// it, and all do once `blank` was asked for.
///
/// Times are nanoseconds of CLOCK_MONOTONIC.
struct StatusPlan: Sendable {
    /// Where traffic goes in; empty while that is not known, and then nothing is written.
    private(set) var wanted: [LoadBalancerAddress] = []
    /// Every address that was ever wanted: a status that says nothing else is what we wrote.
    private var everWanted: Set<LoadBalancerAddress> = []
    private var isBlanking = false
    private var known: [ObjectKey: Entry] = [:]
    /// What may have to be written, in the order in which it was found out.
    private var queue: [ObjectKey] = []
    private var queued: Set<ObjectKey> = []
    private var first = 0

    private struct Entry: Sendable {
        var standing: IngressStanding
        /// It was ours while this process ran: what it says may be what we wrote.
        var wasOurs: Bool
        /// What is being written now.
        var sent: [LoadBalancerAddress]?
        /// What was written last, and when: the watch may still show what was before.
        var written: (addresses: [LoadBalancerAddress], at: UInt64)?
        /// What the server did not take; not tried again until something changes.
        var refused: [LoadBalancerAddress]?
    }

    /// So long the watch has to show what was written; and whoever overwrites us is overwritten no faster than this.
    private static let pause: UInt64 = 5_000_000_000

    /// Takes over how Ingresses stand; nil is gone.
    mutating func note(_ standings: [ObjectKey: IngressStanding?]) {
        for (key, standing) in standings.sorted(by: { $0.key < $1.key }) {
            guard let standing else {
                known[key] = nil
                continue
            }
            let old = known[key].flatMap { $0.standing.uid == standing.uid ? $0 : nil }
            var entry = old ?? Entry(standing: standing, wasOurs: false)
            entry.standing = standing
            entry.wasOurs = entry.wasOurs || standing.isOurs
            known[key] = entry
            enqueue(key)
        }
    }

    /// Takes over where traffic goes in; what is not known leaves everything as it is, and so does all that comes after `blank`.
    mutating func want(_ addresses: [LoadBalancerAddress]) {
        let addresses = StatusPlan.sorted(addresses)
        guard !isBlanking, !addresses.isEmpty, addresses != wanted else { return }
        wanted = addresses
        everWanted.formUnion(addresses)
        enqueueAll()
    }

    /// Everything is to be looked at again: this process leads from now on.
    mutating func enqueueAll() {
        for key in known.keys.sorted() { enqueue(key) }
    }

    /// Nothing goes in here any more: what we have written is taken back.
    mutating func blank() {
        isBlanking = true
        enqueueAll()
    }

    /// Whether there is nothing left to take back.
    var isBlank: Bool { wanted.isEmpty || known.values.allSatisfy { isBlank($0) } }

    private func isBlank(_ entry: Entry) -> Bool {
        guard entry.standing.isOurs, entry.refused != wanted, entry.written?.addresses.isEmpty != true else {
            return true
        }
        // What is on its way, or not seen yet, is to be taken back as well.
        guard entry.sent == nil, entry.written == nil || !entry.standing.addresses.isEmpty else {
            return false
        }
        return !saysOurs(entry.standing)
    }

    /// Whether a status says what we wrote, now or earlier: nodes may end one after the other.
    private func saysOurs(_ standing: IngressStanding) -> Bool {
        !standing.addresses.isEmpty && everWanted.isSuperset(of: standing.addresses)
    }

    /// How many Ingresses wait to be looked at.
    var waiting: Int { queue.count - first }

    /// The next write.
    mutating func next(at now: UInt64) -> WriteStep<ObjectKey> {
        var earliest: UInt64?
        // Each is looked at once at most: what has to wait goes to the end.
        for _ in 0..<waiting {
            let key = queue[first]
            first += 1
            queued.remove(key)
            // What is being written is looked at again when that has ended.
            guard let entry = known[key], entry.sent == nil, let addresses = change(of: entry) else {
                continue
            }
            if let written = entry.written, written.addresses == addresses, now < written.at &+ Self.pause {
                earliest = min(earliest ?? .max, written.at &+ Self.pause)
                enqueue(key)
                continue
            }
            known[key]?.sent = addresses
            compact()
            return .write(key, StatusPatch(key, addresses, entry.standing).request)
        }
        compact()
        return earliest.map { .wait(until: $0) } ?? .idle
    }

    /// How a write has ended.
    mutating func ended(_ key: ObjectKey, _ outcome: WriteOutcome, at now: UInt64) {
        guard let sent = known[key]?.sent else { return }
        known[key]?.sent = nil
        switch outcome {
        case .done:
            known[key]?.written = (sent, now)
            known[key]?.refused = nil
        case .rejected: known[key]?.refused = wanted
        case .conflict, .missing:
            // The watch will show what there is instead.
            return
        case .forbidden, .later: break
        }
        enqueue(key)
    }

    /// What an Ingress's status is to say; nil if it is as it should be.
    private func change(of entry: Entry) -> [LoadBalancerAddress]? {
        let standing = entry.standing
        guard !wanted.isEmpty, entry.refused != wanted else { return nil }
        let isAsWanted = StatusPlan.sorted(standing.addresses) == wanted
        if isBlanking { return standing.isOurs && saysOurs(standing) ? [] : nil }
        if standing.isOurs { return isAsWanted ? nil : wanted }
        return entry.wasOurs && isAsWanted ? [] : nil
    }

    private mutating func enqueue(_ key: ObjectKey) {
        if queued.insert(key).inserted { queue.append(key) }
    }

    private mutating func compact() {
        guard first > 1_024 || first == queue.count else { return }
        queue.removeFirst(first)
        first = 0
    }

    private static func sorted(_ addresses: [LoadBalancerAddress]) -> [LoadBalancerAddress] {
        Set(addresses).sorted()
    }
}
