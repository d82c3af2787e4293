/// Whose language is spoken, as files and tools ask for it.
public enum SpokenVersion {
    /// The version of HAProxy; what `version_atleast` compares.
    public static let number = "3.2.0"
    /// Its branch.
    public static let branch = "3.2"
    /// What `feature` answers yes to.
    public static let features: Set<String> = [
        "OPENSSL", "THREAD", "EPOLL", "POLL", "ACCEPT4", "GETADDRINFO", "ZLIB", "LINUX_CAP", "PROMEX",
    ]

    /// Why a condition can not be read, as a sentence.
    public struct Flaw: Error, Equatable, CustomStringConvertible {
        /// The sentence.
        public let description: String
    }

    /// Whether a condition, as it stands behind `.if` in files and behind `-cc`, holds.
    public static func holds(_ condition: String, environment: [String: String]) throws(Flaw) -> Bool {
        do throws(Condition.Flaw) {
            return try Condition.holds(Array(condition.utf8), Condition.Facts(environment: environment))
        } catch {
            throw Flaw(description: error.message)
        }
    }
}
