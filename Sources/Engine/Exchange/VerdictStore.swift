/// What those who are asked about requests have said, kept by one worker for a while: nginx's `auth_cache`.
///
/// ```
///   key ─► place ─► [ verdict | verdict | … ]    the places are taken in turn: the oldest goes first
/// ```
/// Bounded by number and bytes, so that nobody can fill memory with keys of their choice; without a verdict it holds nothing.
struct VerdictStore: ~Copyable {
    /// What was said.
    struct Verdict: Equatable {
        var status: UInt16
        /// Field lines that the request gets.
        var taken: [UInt8] = []
        /// Field lines that the client gets.
        var told: [UInt8] = []
    }

    private struct Entry {
        var key: [UInt8]
        var verdict: Verdict
        /// In nanoseconds of CLOCK_MONOTONIC.
        var until: UInt64

        var size: Int { key.count + verdict.taken.count + verdict.told.count + 128 }
    }

    /// A key with what is kept under it.
    static let mostOfOne = 16_384
    private let mostEntries: Int
    private let mostBytes: Int
    private var entries: [Entry?] = []
    private var places: [[UInt8]: Int] = [:]
    private var next = 0
    private(set) var bytes = 0

    /// A store of so many verdicts and bytes.
    init(entries: Int = 4_096, bytes: Int = 4 << 20) { (mostEntries, mostBytes) = (entries, bytes) }

    /// How many are kept.
    var count: Int { places.count }

    /// What was said, if that still holds.
    mutating func find(_ key: [UInt8], now: UInt64) -> Verdict? {
        guard let place = places[key], let entry = entries[place] else { return nil }
        guard entry.until > now else {
            drop(place)
            return nil
        }
        return entry.verdict
    }

    /// Keeps what was said, in place of what was before.
    mutating func keep(_ verdict: Verdict, under key: [UInt8], until: UInt64) {
        let entry = Entry(key: key, verdict: verdict, until: until)
        guard entry.size <= VerdictStore.mostOfOne else { return }
        if entries.isEmpty { entries = Array(repeating: nil, count: mostEntries) }
        if let place = places[key] { drop(place) }
        drop(next)
        (entries[next], places[key]) = (entry, next)
        bytes += entry.size
        next = (next + 1) % mostEntries
        var oldest = next
        while bytes > mostBytes {
            drop(oldest)
            oldest = (oldest + 1) % mostEntries
        }
    }

    private mutating func drop(_ place: Int) {
        guard let entry = entries[place] else { return }
        bytes -= entry.size
        places[entry.key] = nil
        entries[place] = nil
    }
}
