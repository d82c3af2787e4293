/// When which name is asked for, and what is told about it: pure, time in nanoseconds.
///
/// An answer holds for its time to live, 1 s to 5 min. When nobody can tell, the last addresses stay and the next try comes
/// after 1, 2, 4 … 60 s. When the name is said not to exist, that must be said three times before its addresses go.
struct NameSchedule {
    private var entries: [String: Entry] = [:]

    private struct Entry {
        var addresses: [String]?
        var dueAt: UInt64
        var failures = 0
        var absences = 0
        /// Somebody asks just now.
        var isAsked = false
    }

    /// What asking for a name has brought.
    enum Answer: Equatable {
        /// These addresses, for so many seconds.
        case found([String], seconds: UInt32)
        /// There is no such name, or it has no address.
        case absent
        /// Nobody could tell.
        case failed
    }

    /// What to do now.
    enum Step: Equatable {
        /// Ask for this name.
        case ask(String)
        /// Nothing before this time; nil: nothing at all.
        case wait(until: UInt64?)
    }

    private static let absencesThatCount = 3

    /// Follows exactly these names; new ones are due at once.
    mutating func follow(_ names: Set<String>, at now: UInt64) {
        entries = entries.filter { names.contains($0.key) }
        for name in names where entries[name] == nil { entries[name] = Entry(dueAt: now) }
    }

    /// The next step of one of those who ask; no two are told to ask for the same name.
    mutating func step(at now: UInt64) -> Step {
        let idle = entries.lazy.filter { !$0.value.isAsked }
        guard let first = idle.min(by: { ($0.value.dueAt, $0.key) < ($1.value.dueAt, $1.key) }) else {
            return .wait(until: nil)
        }
        guard first.value.dueAt <= now else { return .wait(until: first.value.dueAt) }
        entries[first.key]?.isAsked = true
        return .ask(first.key)
    }

    /// Takes an answer in; its addresses if they are to be told.
    mutating func answered(_ name: String, _ answer: Answer, at now: UInt64) -> [String]? {
        guard var entry = entries[name] else { return nil }
        let told = entry.addresses
        entry.isAsked = false
        switch answer {
        case .found(let addresses, let seconds):
            entry.addresses = Array(Set(addresses)).sorted()
            (entry.failures, entry.absences) = (0, 0)
            entry.dueAt = now + NameSchedule.nanoseconds(min(max(seconds, 1), 300))
        case .absent:
            entry.absences += 1
            entry.failures = 0
            if entry.addresses == nil || entry.absences >= NameSchedule.absencesThatCount {
                entry.addresses = []
            }
            entry.dueAt = now + NameSchedule.nanoseconds(5)
        case .failed:
            entry.failures += 1
            if entry.addresses == nil { entry.addresses = [] }
            entry.dueAt = now + NameSchedule.nanoseconds(min(1 << UInt32(min(entry.failures - 1, 6)), 60))
        }
        entries[name] = entry
        return entry.addresses == told ? nil : entry.addresses
    }

    private static func nanoseconds(_ seconds: UInt32) -> UInt64 { UInt64(seconds) * 1_000_000_000 }
}
