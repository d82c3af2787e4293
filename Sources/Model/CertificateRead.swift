/// What is read of a certificate of the connection's TLS: HAProxy's `ssl_c_…` of the client's, `ssl_f_…` of our own,
/// `ssl_s_…` of the server's.
public struct CertificateRead: Sendable, Equatable, Hashable {
    /// Whose.
    public var holder: Holder
    /// What of it.
    public var part: CertificatePart
    /// What of a name; nil, the default, is all of it as `/C=FR/CN=a`.
    public var pick: NamePick?

    /// Whose certificate.
    public enum Holder: String, Sendable, CaseIterable {
        case client = "ssl_c"
        case own = "ssl_f"
        case server = "ssl_s"
    }

    /// A read from its parts; `pick` matters to names alone.
    public init(_ holder: Holder, _ part: CertificatePart, pick: NamePick? = nil) {
        (self.holder, self.part, self.pick) = (holder, part, part.isName ? pick : nil)
    }

    /// What it gives.
    public var output: SampleType {
        switch part {
        case .version: .integer
        case .serial, .der, .sha1, .chain: .binary
        case .subject, .issuer, .root, .notBefore, .notAfter, .signatureAlgorithm, .keyAlgorithm: .string
        }
    }
}

/// One thing that a certificate says, under HAProxy's names.
public enum CertificatePart: String, Sendable, CaseIterable {
    case version
    /// Its bytes.
    case serial
    case subject = "s_dn"
    case issuer = "i_dn"
    /// `YYMMDDhhmmssZ`.
    case notBefore = "notbefore"
    case notAfter = "notafter"
    case der
    case sha1
    /// What the other side has sent with it: of a client what is above its own, of a server all.
    case chain = "chain_der"
    /// The subject of the authority that the client's is trusted for.
    case root = "r_dn"
    /// By OpenSSL's short names.
    case signatureAlgorithm = "sig_alg"
    case keyAlgorithm = "key_alg"

    /// Whether it is a distinguished name.
    public var isName: Bool { self == .subject || self == .issuer || self == .root }

    /// Whether it can be read of somebody's certificate.
    public func isKnown(of holder: CertificateRead.Holder) -> Bool {
        switch self {
        case .chain: holder != .own
        case .root: holder == .client
        default: true
        }
    }
}

/// What of a distinguished name is read.
public enum NamePick: Sendable, Equatable, Hashable {
    /// The value of an entry such as `CN`; of several the one counted from the first (1) or from the last (-1).
    case entry(String, occurrence: Int)
    /// All of it as RFC 2253 writes it.
    case rfc2253
}
