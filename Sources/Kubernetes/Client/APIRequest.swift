/// One request to the API server.
public struct APIRequest: Sendable {
    /// `GET`, `POST`, `PATCH`, …
    public var method: String
    /// Path and query, below the server's address.
    public var target: String
    /// Header lines besides those the client adds: `Accept`, `Authorization`, `User-Agent`.
    public var headers: [String] = []
    /// Sent with its length; empty sends none.
    public var body: [UInt8] = []
    /// Whether the answer may come compressed; only large answers do.
    public var acceptsGzip = false
    /// Nanoseconds until an answer that is not complete counts as failed; 0 is never.
    public var timeLimit: UInt64 = 60_000_000_000

    /// A request; a plain GET unless told otherwise.
    public init(_ target: String, method: String = "GET") {
        self.method = method
        self.target = target
    }
}

/// A complete answer, whatever its status.
public struct APIResponse: Sendable {
    /// The status code.
    public var status: Int
    /// The body, decompressed.
    public var body: [UInt8]
    /// Seconds after which to try again, if the server said so.
    public var retryAfter: UInt64?

    /// An answer from its parts.
    public init(status: Int, body: [UInt8], retryAfter: UInt64? = nil) {
        self.status = status
        self.body = body
        self.retryAfter = retryAfter
    }
}
