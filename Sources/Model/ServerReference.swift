/// A server of any backend, by name.
public struct ServerReference: Sendable, Hashable, CustomStringConvertible {
    /// The backend it stands in.
    public var backend: BackendName
    /// Its name there.
    public var server: String

    /// Names a server.
    public init(backend: BackendName, server: String) {
        self.backend = backend
        self.server = server
    }

    /// As HAProxy writes it.
    public var description: String { "\(backend)/\(server)" }
}
