/// What is read of what a TLS client offers in its first message, where the handshake ends here and `Bind.offerRoom` keeps it.
public struct OfferRead: Sendable, Equatable, Hashable {
    /// What of it.
    public var part: OfferPart
    /// Whether values that clients make up (RFC 8701) are left out.
    public var leavesOutMadeUp: Bool

    /// A read from its parts.
    public init(_ part: OfferPart, leavesOutMadeUp: Bool = false) {
        (self.part, self.leavesOutMadeUp) = (part, leavesOutMadeUp && part.mayHaveMadeUp)
    }

    /// What it gives.
    public var output: SampleType {
        switch part {
        case .version, .cipherHash: .integer
        case .cipherNames: .string
        default: .binary
        }
    }
}

/// One thing that a TLS client offers, under HAProxy's names.
public enum OfferPart: String, Sendable, CaseIterable {
    /// The version it asks for as old clients do.
    case version = "ssl_fc_protocol_hello_id"
    /// Cipher suites as two bytes each, as hexadecimal digits, as names, and XXH64 of the first.
    case ciphers = "ssl_fc_cipherlist_bin"
    case cipherDigits = "ssl_fc_cipherlist_hex"
    case cipherNames = "ssl_fc_cipherlist_str"
    case cipherHash = "ssl_fc_cipherlist_xxh"
    /// Kinds of extensions.
    case extensions = "ssl_fc_extlist_bin"
    /// Groups of the key exchange.
    case groups = "ssl_fc_eclist_bin"
    case pointFormats = "ssl_fc_ecformats_bin"
    case versions = "ssl_fc_supported_versions_bin"
    case signatures = "ssl_fc_sigalgs_bin"

    /// Whether it is a list of numbers of two bytes, and so may have values that are made up.
    public var mayHaveMadeUp: Bool {
        switch self {
        case .version, .cipherHash, .pointFormats: false
        default: true
        }
    }
}
