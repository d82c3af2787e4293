/// What makes a request be tried again: HAProxy's `retry-on`.
///
/// All but `connectionFailure` need the whole request at hand: one whose body came with its head, or was waited for (`buffersRequests`),
/// and fits beside it. They repeat any method; whoever sets them says that this does no harm.
public struct RetryConditions: OptionSet, Sendable, Hashable {
    /// The bits.
    public let rawValue: UInt32
    /// Wraps the bits.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// No connection came about.
    public static let connectionFailure = RetryConditions(rawValue: 1)
    /// The connection ended before an answer.
    public static let emptyResponse = RetryConditions(rawValue: 2)
    /// The answer was not understood.
    public static let junkResponse = RetryConditions(rawValue: 4)
    /// No answer came in time.
    public static let responseTimeout = RetryConditions(rawValue: 8)
    /// The server refused early data; none are ever sent.
    public static let earlyDataRejected = RetryConditions(rawValue: 16)

    /// HAProxy's `all-retryable-errors`.
    public static let allErrors: RetryConditions =
        [500, 502, 503, 504].reduce(
            [.connectionFailure, .emptyResponse, .junkResponse, .responseTimeout, .earlyDataRejected]
        ) { $0.union(.status($1) ?? []) }

    /// The statuses an answer can be refused for.
    public static let statuses: [UInt16] = [401, 403, 404, 408, 421, 425, 429, 500, 501, 502, 503, 504]

    /// An answer with this status, if it is one of `statuses`.
    public static func status(_ status: UInt16) -> RetryConditions? {
        statuses.firstIndex(of: status).map { RetryConditions(rawValue: 256 << UInt32($0)) }
    }

    /// HAProxy's words; a status stands for itself.
    private static let names: KeyValuePairs<String, RetryConditions> = [
        "none": [], "all-retryable-errors": .allErrors, "conn-failure": .connectionFailure,
        "empty-response": .emptyResponse, "junk-response": .junkResponse,
        "response-timeout": .responseTimeout, "0rtt-rejected": .earlyDataRejected,
    ]

    /// Reads one word of `retry-on`; nil if it is none. `none` stands alone and is empty.
    public init?(word: String) {
        if let named = RetryConditions.names.first(where: { $0.key == word }) {
            self = named.value
            return
        }
        guard word.utf8.count == 3, let status = UInt16(word), let known = RetryConditions.status(status)
        else { return nil }
        self = known
    }

    /// What stands behind `retry-on`.
    public var words: [String] {
        if let whole = RetryConditions.names.first(where: { $0.value == self }) { return [whole.key] }
        let named = RetryConditions.names.dropFirst(2).filter { contains($0.value) }.map(\.key)
        let refused = RetryConditions.statuses.filter { RetryConditions.status($0).map(contains) ?? false }
        return named + refused.map { "\($0)" }
    }
}
