/// An address as one more field of each request: the client's by HAProxy's `option forwardfor`, the one it has asked for by
/// `option originalto`. What the client sent under the same name stays in front of it.
public struct AppendedAddress: Sendable, Equatable {
    /// Whose it is.
    public let kind: Kind
    /// The name of the field. Default the kind's.
    public var header: String
    /// Addresses in these networks (CIDR or single addresses) are not told (`except`).
    public var exceptions: [String]
    /// Whether a request that has the field already gets none (`if-none`, of the client's address). Default off.
    public var onlyIfAbsent: Bool

    /// Whose address it is.
    public enum Kind: Sendable, Equatable {
        case source, destination
    }

    /// Added to every request.
    public init(_ kind: Kind) {
        self.kind = kind
        header = kind.header
        exceptions = []
        onlyIfAbsent = false
    }
}

extension AppendedAddress.Kind {
    /// The field where none is named.
    public var header: String { self == .source ? "x-forwarded-for" : "x-original-to" }
}
