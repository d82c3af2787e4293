/// When a server that keeps failing is left alone for a while. To a TCP session a connection that fails, and one that its server
/// ends before it has said anything, is a failure; what the server says first, or an end that the client has begun, a success.
///
/// ```
///   closed ──errors in a row──► ejected ──time is over──► half open ──the one request succeeds──► closed
///                                  ▲                          │
///                                  └────it fails: for longer──┘
/// ```
public struct CircuitBreaker: Sendable, Equatable {
    /// How many failures in a row, over all workers, eject a server. Default 5.
    public var errors: Int
    /// Whether answers of 500 and above are failures, but for 501 and 505, which clients can bring about, beside connections that fail or end without an answer. Default on.
    public var countsServerErrors: Bool
    /// How long a server is ejected the first time, in milliseconds; twice as long each time it fails again. Default 30 s.
    public var ejection: Int
    /// The longest it is ejected. Default 300 s.
    public var longestEjection: Int
    /// The most servers that are ejected at a time, in percent of those that take requests; one may always be. Default 50.
    public var mostEjected: Int
    /// Whether the last server may be ejected, so that requests are answered 503 until it is tried again. Default off.
    public var ejectsLast: Bool

    /// The defaults.
    public init() {
        errors = 5
        countsServerErrors = true
        (ejection, longestEjection) = (30_000, 300_000)
        mostEjected = 50
        ejectsLast = false
    }
}
