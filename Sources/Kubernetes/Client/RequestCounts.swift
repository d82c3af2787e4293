import Synchronization

/// How requests to the API server have ended, by method and status: a few dozen numbers at most.
/// The client's thread counts, any thread reads.
public final class RequestCounts: Sendable {
    /// What one number is about.
    public struct Key: Sendable, Hashable {
        /// `GET`, `POST`, `PATCH`, …
        public let method: String
        /// The status of the answer; 0 where none came.
        public let status: Int

        /// A key from its parts.
        public init(method: String, status: Int) { (self.method, self.status) = (method, status) }
    }

    private let counts = Mutex<[Key: Int]>([:])

    /// All that has been counted until now.
    public var all: [Key: Int] { counts.withLock { $0 } }

    func add(_ method: String, _ status: Int) {
        counts.withLock { $0[Key(method: method, status: status), default: 0] += 1 }
    }
}
