/// HAProxy's `do-resolve`: a name is asked for while the request waits, and the address it has is remembered.
public struct NameQuery: Sendable, Equatable {
    /// Where the address is put; it stays as it was if there is none.
    public var variable: Variable
    /// The section of name servers.
    public var resolvers: String
    /// Whether an IPv4 address is wanted first. Default IPv6.
    public var prefersV4: Bool
    /// What gives the name.
    public var name: Expression

    /// A query from its parts.
    public init(of name: Expression, into variable: Variable, by resolvers: String, prefersV4: Bool = false) {
        self.name = name
        self.variable = variable
        self.resolvers = resolvers
        self.prefersV4 = prefersV4
    }
}
