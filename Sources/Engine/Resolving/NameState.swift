import Model
import Wire

/// What is known of one name, and where asking for it stands; times are milliseconds. Nobody is asked here: each step says what
/// is to be done.
///
/// ```
///            ask                 answer: found
///   idle ──────────► running ───────────────────────────► idle (valid)
///     ▲                │ ▲  answer: none │ no answer
///     │                │ └── the other family, then again ┤
///     └────────────────┴── tries are used up ─────────────┘
/// ```
struct NameState: Equatable {
    /// How the last question ended.
    enum Status: Equatable {
        /// There was none so far.
        case none
        case valid, absent, refused, timedOut, invalid, other
    }

    /// A question that is under way.
    struct Running: Equatable {
        var id: UInt16
        var type: NameQuestion.RecordType
        /// So often it may be put again.
        var triesLeft: Int
        var sentAt: UInt64
        /// Name servers that were asked, and have answered.
        var asked = 0
        var answered = 0
    }

    /// A record, and when it was last in an answer.
    struct Known: Equatable {
        var record: NameAnswer.Record
        var seenAt: UInt64
        /// When the address of a service's host was last there too.
        var addressSeenAt: UInt64
    }

    /// What follows of an answer, or of time.
    enum Step: Equatable {
        case wait
        /// The question is put, of this type.
        case ask(NameQuestion.RecordType)
        /// There are records.
        case found
        /// Nobody knows; `status` says why.
        case failed
    }

    let wanted: NameQuestion.RecordType
    private(set) var status = Status.none
    /// Of the last good answer; before there was one, of the first question.
    private(set) var validAt: UInt64
    /// When the last question ended.
    private(set) var endedAt: UInt64?
    private(set) var running: Running?
    /// In the order in which they have come.
    var known: [Known] = []
    /// With which of them the next choice begins.
    var next = 0

    init(_ wanted: NameQuestion.RecordType, at now: UInt64) {
        self.wanted = wanted
        validAt = now
    }

    private var other: NameQuestion.RecordType? {
        switch wanted {
        case .ipv4: .ipv6
        case .ipv6: .ipv4
        case .service: nil
        }
    }

    // MARK: Asking

    /// Whether asking may begin, `interval` after it has ended.
    func isDue(at now: UInt64, interval: Int) -> Bool {
        guard running == nil else { return false }
        return endedAt.map { now >= $0 &+ UInt64(interval) } ?? true
    }

    /// Begins to ask.
    mutating func begin(id: UInt16, tries: Int, at now: UInt64) {
        running = Running(id: id, type: wanted, triesLeft: max(0, tries - 1), sentAt: now)
    }

    /// So many name servers have been asked.
    mutating func sent(to count: Int, at now: UInt64) {
        running?.asked = count
        running?.answered = 0
        running?.sentAt = now
    }

    /// An answer has come.
    mutating func take(_ outcome: NameAnswer.Outcome, at now: UInt64) -> Step {
        guard running != nil else { return .wait }
        running?.answered += 1
        status = Status(outcome)
        if status == .valid {
            validAt = now
            return .found
        }
        // The others may know better.
        guard let question = running, question.answered >= question.asked else { return .wait }
        if question.type != wanted { return question.triesLeft == 0 ? .failed : .wait }
        guard let other else { return .wait }
        running?.type = other
        return .ask(other)
    }

    /// Time has passed.
    mutating func tick(at now: UInt64, patience: Int) -> Step {
        guard let question = running, now >= question.sentAt &+ UInt64(patience) else { return .wait }
        guard question.triesLeft > 0 else {
            if question.answered == 0 { status = .timedOut }
            return .failed
        }
        if question.answered > 0, question.type == wanted, let other {
            running?.type = other
            return .ask(other)
        }
        running?.type = wanted
        running?.triesLeft -= 1
        return .ask(wanted)
    }

    /// The question is answered, or given up.
    mutating func end(at now: UInt64) {
        running = nil
        endedAt = now
    }

    // MARK: Records

    /// Takes over what an answer has, and lets go of what answers have not had for too long: these are returned.
    mutating func merge(_ records: [NameAnswer.Record], at now: UInt64, obsolete: Int) -> [Known] {
        for record in records {
            guard let place = known.firstIndex(where: { $0.record.isSame(as: record) }) else {
                known.append(Known(record: record, seenAt: now, addressSeenAt: now))
                continue
            }
            known[place].seenAt = now
            known[place].record.weight = record.weight
            if let address = record.address {
                known[place].record.address = address
                known[place].addressSeenAt = now
            }
        }
        let gone = known.filter { $0.seenAt &+ UInt64(obsolete) < now }
        known.removeAll { $0.seenAt &+ UInt64(obsolete) < now }
        for i in known.indices where known[i].addressSeenAt &+ UInt64(obsolete) < now {
            if !known[i].record.target.isEmpty { known[i].record.address = nil }
        }
        if next >= known.count { next = 0 }
        return gone
    }

    /// How long what is known counts after the last good answer, as long as it is as it is now.
    func hold(_ hold: Resolvers.Hold) -> Int {
        switch status {
        case .none, .valid: 0
        case .absent: hold.absent
        case .timedOut: hold.timeout
        case .refused: hold.refused
        case .invalid, .other: hold.other
        }
    }

    /// Why a server has no address.
    var reason: ServerPlacement.Reason {
        switch status {
        case .none, .valid: .noAddress
        case .absent: .absent
        case .timedOut: .timedOut
        case .refused: .refused
        case .invalid, .other: .other
        }
    }
}

extension NameState.Status {
    init(_ outcome: NameAnswer.Outcome) {
        switch outcome {
        case .found: self = .valid
        case .absent: self = .absent
        case .refused: self = .refused
        case .invalid: self = .invalid
        case .empty, .truncated, .brokenAlias, .failed: self = .other
        }
    }
}

extension NameAnswer.Record {
    /// Whether it is about the same address, or the same place of a service.
    func isSame(as other: NameAnswer.Record) -> Bool {
        guard target.isEmpty, other.target.isEmpty else {
            return target == other.target && port == other.port
        }
        return address == other.address
    }
}
