/// Errors that somebody else writes the answer to: nginx's `error_page` with a backend, and the fields that ingress-nginx tells it.
///
/// An answer with one of the statuses, of a server or of this proxy in its place, is thrown away; the client gets what the backend answers to a
/// request with the same method, for `/` and without a body. If that backend does not answer, the client gets the status as it was.
public struct ErrorDelegation: Sendable, Equatable {
    /// Who is asked; if it does not exist, answers stay as they are.
    public var backend: BackendName
    /// Which answers; empty is none.
    public var statuses: [UInt16]
    /// Whether servers' answers stay as they are. Default no.
    public var leavesServersAnswers: Bool
    /// Whether the backend serves requests in place of a backend without servers. Default no.
    public var standsIn: Bool
    /// Fields it is told beside `X-Code`; they replace the client's of their names, and one that comes out empty is left out.
    public var fields: [Field]

    /// A field and how its value is written.
    public typealias Field = ComposedPage.Field

    /// Errors of these statuses, by a backend.
    public init(to backend: BackendName, of statuses: [UInt16]) {
        (self.backend, self.statuses) = (backend, statuses)
        (leavesServersAnswers, standsIn, fields) = (false, false, [])
    }
}
