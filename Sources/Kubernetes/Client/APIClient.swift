/// Speaks to one API server from a thread of its own.
public final class APIClient: Sendable {
    /// A client whose thread runs until `stop`.
    public init(_ access: ClusterAccess, userAgent: String) throws(ClusterError) {}

    /// Cancels all requests and watches and ends the thread; returns when it has ended.
    public func stop() async {}
}
