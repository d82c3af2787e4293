/// The client's address as one more field of each request: HAProxy's `option forwardfor`. What the client sent under the
/// same name stays in front of it.
public struct AppendedForwardedFor: Sendable, Equatable {
    /// The name of the field. Default `x-forwarded-for`.
    public var header: String
    /// Clients in these networks (CIDR or single addresses) get none (`except`).
    public var exceptions: [String]
    /// Whether a request that has the field already gets none (`if-none`). Default off.
    public var onlyIfAbsent: Bool

    /// Added to every request.
    public init() {
        header = "x-forwarded-for"
        exceptions = []
        onlyIfAbsent = false
    }
}
