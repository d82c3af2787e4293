/// Sending a copy of each request to somebody else, whose answers nobody sees: nginx's `mirror`. Whatever becomes of a copy, the
/// request itself goes on as if there were none.
public struct RequestMirror: Sendable, Equatable {
    /// Who gets the copies; one that does not exist gets none.
    public var backend: BackendName
    /// The copy's host.
    public var host: FormatString
    /// Its path and query.
    public var path: FormatString
    /// Whether it has the request's body. Default yes.
    public var includesBody: Bool
    /// Whether what the client proves itself with is left out (`Authorization`). Default no.
    public var hidesPasswords: Bool

    /// Copies for a backend.
    public init(to backend: BackendName, host: FormatString, path: FormatString) {
        (self.backend, self.host, self.path) = (backend, host, path)
        (includesBody, hidesPasswords) = (true, false)
    }
}
