/// A file that authorities or their revocations were read from.
public struct AuthorityFile: Sendable, Hashable {
    /// What is in it.
    public var kind: Kind
    /// Its path.
    public var name: String

    /// Certificates (`ca-file`), or lists of what was revoked (`crl-file`).
    public enum Kind: Sendable, Hashable {
        case authorities
        case revocations
    }

    /// A file.
    public init(_ kind: Kind, _ name: String) { (self.kind, self.name) = (kind, name) }
}
