/// A cache and what is in it at one moment.
public struct CacheReport: Sendable, Equatable {
    /// What it is called.
    public var name: String
    /// How many bytes it may take.
    public var limit: Int
    /// How many bytes it takes.
    public var used: Int
    /// Answers that are still good.
    public var answers: [Answer]

    /// One answer.
    public struct Answer: Sendable, Equatable {
        /// Of its address; keyed anew in every process.
        public var hash: UInt64
        /// The fields it varies by, a bit for each; 0 is none.
        public var variant: UInt64
        /// What it takes of the cache.
        public var size: Int
        /// For how long it is good yet, in seconds.
        public var seconds: Int64

        /// An answer from its parts.
        public init(hash: UInt64, variant: UInt64 = 0, size: Int, seconds: Int64) {
            (self.hash, self.variant, self.size, self.seconds) = (hash, variant, size, seconds)
        }
    }

    /// A cache from its parts.
    public init(name: String, limit: Int, used: Int, answers: [Answer] = []) {
        (self.name, self.limit, self.used, self.answers) = (name, limit, used, answers)
    }
}
