/// The PROXY header a server is sent first on every connection: HAProxy's `send-proxy`, `send-proxy-v2` and
/// `proxy-v2-options`. A connection that begins with one is used by the client it names and by nobody else.
public enum SentProxyHeader: Sendable, Hashable {
    /// Version 1: the addresses as a line of text.
    case text
    /// Version 2: the addresses, what ALPN agreed on, and these fields.
    case binary(Fields)

    /// Fields of version 2; all about TLS imply `tls`.
    public struct Fields: OptionSet, Sendable, Hashable {
        /// One bit each.
        public let rawValue: UInt8
        /// Fields from their bits.
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// Whether the client spoke TLS with us, and its version.
        public static let tls = Fields(rawValue: 1)
        /// The common name of the client's certificate.
        public static let commonName = Fields(rawValue: 2 | 1)
        /// The cipher.
        public static let cipher = Fields(rawValue: 4 | 1)
        /// How our certificate is signed.
        public static let signature = Fields(rawValue: 8 | 1)
        /// Our certificate's key.
        public static let key = Fields(rawValue: 16 | 1)
        /// The host name the client asked for by SNI, or that its own PROXY header names.
        public static let authority = Fields(rawValue: 32)
        /// A checksum over the header.
        public static let checksum = Fields(rawValue: 64)
        /// The X-Request-ID of the connection's first request.
        public static let uniqueID = Fields(rawValue: 128)
    }
}
