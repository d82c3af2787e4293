/// What of an answer is compared.
public struct ComparedAnswer: Sendable, Equatable {
    /// The status, or why there is none.
    public var outcome: Outcome
    /// Values by name in lower case, in the order they came.
    public var fields: [String: [String]] = [:]
    /// The body's.
    public var body = Body()

    /// How a request ended.
    public enum Outcome: Sendable, Equatable {
        /// With an answer.
        case status(Int)
        /// Without one; why, in one line.
        case failed(String)
    }

    /// A body, as far as it was read.
    public struct Body: Sendable, Equatable {
        /// SHA-256 in hexadecimal.
        public var hash = ""
        /// In bytes.
        public var length = 0
        /// Whether there was more.
        public var isCut = false

        /// The body's of an answer.
        public init(hash: String = "", length: Int = 0, isCut: Bool = false) {
            (self.hash, self.length, self.isCut) = (hash, length, isCut)
        }
    }

    /// An answer, or none.
    public init(_ outcome: Outcome) { self.outcome = outcome }
}
