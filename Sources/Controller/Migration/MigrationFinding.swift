/// What becomes of one annotation, key or flag of ingress-nginx. It never holds a value that could be read.
public struct MigrationFinding: Sendable, Equatable {
    /// As it is written there.
    public var name: String
    /// What becomes of it.
    public var verdict: Verdict
    /// How it differs, or why it is not honoured; may be empty.
    public var note: String
    /// What to write instead, if there is something.
    public var advice: String?

    /// A finding from its parts.
    public init(_ name: String, _ verdict: Verdict, _ note: String = "", advice: String? = nil) {
        (self.name, self.verdict, self.note, self.advice) = (name, verdict, note, advice)
    }

    /// From best to worst.
    public enum Verdict: String, Sendable, CaseIterable, Comparable {
        /// It does what it did.
        case honoured
        /// It does something else in some case.
        case differs
        /// There is nothing here that it could be about; nothing gets lost.
        case needless
        /// Not here so far.
        case pending
        /// Never here.
        case refused
        /// Its value is not of its form.
        case invalid
        /// Nobody's.
        case unknown

        /// Whether an installation can do without what is lost: nothing is.
        public var isKept: Bool { self < .pending }

        /// By their order.
        public static func < (left: Verdict, right: Verdict) -> Bool { left.rank < right.rank }

        private var rank: Int { Verdict.allCases.firstIndex(of: self) ?? 0 }
    }
}
