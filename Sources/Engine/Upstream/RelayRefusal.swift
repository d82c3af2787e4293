/// A relay has answered a request in place of the server behind it.
public struct RelayRefusal: Sendable, Equatable {
    /// The answer's status, 400 or above.
    public let status: UInt16
    /// Whose request it was.
    public let backend: String
    /// The server's name.
    public let server: String
    /// The beginning of the answer's body.
    public let body: [UInt8]

    /// A refusal from its parts.
    public init(status: UInt16, backend: String, server: String, body: [UInt8]) {
        (self.status, self.backend, self.server, self.body) = (status, backend, server, body)
    }

    /// How much of a body is shown.
    static let mostBytes = 4_096
}
