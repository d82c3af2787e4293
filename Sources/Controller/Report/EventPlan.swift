import Kubernetes

/// Decides which Events are written, and when: each finding once, then once in a while as long as it holds.
///
/// ```
///   found ──create──► told ──half an hour, still true──► told again (series) ──► …
///                      └──gone and back──► told again, not sooner than a minute after the last time
/// ```
/// Bounded in every way: so many findings are kept in mind, each object has a bucket of tokens as client-go's recorder gives it,
/// and a finding that flaps is one Event with a growing count.
///
/// Times are nanoseconds of CLOCK_MONOTONIC.
struct EventPlan: Sendable {
    private var entries: [EventNote: Entry] = [:]
    private var buckets: [EventReference: Bucket] = [:]
    /// Findings that there was no room for, at the last look.
    private(set) var omitted = 0

    private struct Entry: Sendable {
        /// How often it was told; 0 before the first time.
        var count = 0
        var toldAt: UInt64 = 0
        /// When it is to be told next; nil is not.
        var dueAt: UInt64?
        var holds = true
        var isUnderWay = false
        /// Another process has told it.
        var exists = false
    }

    private struct Bucket: Sendable {
        var tokens = Limit.burst
        var filledAt: UInt64
    }

    private enum Limit {
        static let second: UInt64 = 1_000_000_000
        static let entries = 1_000
        /// Events that are not told again are gone from the cluster after an hour.
        static let again = 1_800 * second
        static let flap = 60 * second
        static let memory = 3_600 * second
        static let burst = 25.0
        static let refill = 300.0 * 1e9
    }

    /// Takes over everything that is wrong now.
    mutating func note(_ notes: [EventNote], at now: UInt64) {
        let current = Set(notes)
        forget(now)
        for note in entries.keys where !current.contains(note) {
            entries[note]?.holds = false
            entries[note]?.dueAt = nil
        }
        omitted = 0
        for note in notes {
            guard let entry = entries[note] else {
                if entries.count < Limit.entries {
                    entries[note] = Entry(dueAt: now)
                } else {
                    omitted += 1
                }
                continue
            }
            guard !entry.holds else { continue }
            entries[note]?.holds = true
            entries[note]?.dueAt = entry.count == 0 ? now : max(now, entry.toldAt &+ Limit.flap)
        }
    }

    /// The next Event to write; `time` is the time of day.
    mutating func next(
        at now: UInt64, request: (EventNote, _ count: Int) -> APIRequest
    ) -> WriteStep<EventNote> {
        var earliest: UInt64?
        var chosen: (note: EventNote, dueAt: UInt64)?
        for (note, entry) in entries {
            guard !entry.isUnderWay, let dueAt = entry.dueAt else { continue }
            guard dueAt <= now else {
                earliest = min(earliest ?? .max, dueAt)
                continue
            }
            if let wait = wait(for: note.regarding, now) {
                earliest = min(earliest ?? .max, wait)
            } else if chosen.map({ (dueAt, note.name) < ($0.dueAt, $0.note.name) }) ?? true {
                chosen = (note, dueAt)
            }
        }
        guard let note = chosen?.note, let entry = entries[note] else {
            return earliest.map { .wait(until: $0) } ?? .idle
        }
        buckets[note.regarding, default: Bucket(filledAt: now)].tokens -= 1
        entries[note]?.isUnderWay = true
        return .write(note, request(note, entry.exists ? max(entry.count, 1) + 1 : 1))
    }

    /// How a write has ended.
    mutating func ended(_ note: EventNote, _ outcome: WriteOutcome, at now: UInt64) {
        guard var entry = entries[note] else { return }
        entry.isUnderWay = false
        switch outcome {
        case .done:
            entry.count = entry.exists ? max(entry.count, 1) + 1 : 1
            entry.exists = true
            entry.toldAt = now
            entry.dueAt = entry.holds ? now &+ Limit.again : nil
        case .conflict where !entry.exists:
            // Another replica, or this one before it was restarted, has told it: its series goes on.
            entry.exists = true
            entry.dueAt = now
        case .missing where entry.exists:
            // It has run out meanwhile.
            entry.exists = false
            entry.dueAt = now
        case .conflict, .missing, .rejected: entry.dueAt = nil
        case .forbidden, .later: entry.dueAt = entry.holds ? now : nil
        }
        entries[note] = entry
    }

    /// How many findings are kept in mind.
    var count: Int { entries.count }

    private mutating func forget(_ now: UInt64) {
        entries = entries.filter { _, entry in
            entry.holds || entry.isUnderWay || now < entry.toldAt &+ Limit.memory && entry.count > 0
        }
        let used = Set(entries.keys.map(\.regarding))
        buckets = buckets.filter { used.contains($0.key) }
    }

    /// When an object may be told of again; nil is now.
    private mutating func wait(for object: EventReference, _ now: UInt64) -> UInt64? {
        guard var bucket = buckets[object] else { return nil }
        let gained = Double(now &- bucket.filledAt) / Limit.refill
        bucket.tokens = min(Limit.burst, bucket.tokens + gained)
        bucket.filledAt = now
        buckets[object] = bucket
        return bucket.tokens >= 1 ? nil : now &+ UInt64((1 - bucket.tokens) * Limit.refill) &+ 1
    }
}
