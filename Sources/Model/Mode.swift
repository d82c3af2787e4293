/// What a frontend understands of its clients: HAProxy's `mode`.
public enum Mode: String, Sendable, CaseIterable {
    /// Requests and answers: each request is routed by itself.
    case http
    /// Bytes, unread: each connection goes to a server as a whole.
    case tcp
}
