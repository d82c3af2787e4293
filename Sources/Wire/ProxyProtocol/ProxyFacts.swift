public import Basics

/// What a PROXY header may tell of a connection. The views are good for the call they are given to.
public struct ProxyFacts {
    /// Client and the address it connected to; nil for a connection of our own.
    public var addresses: ProxyAddresses?
    /// What ALPN agreed on; nil if nothing. Version 2 always tells it.
    public var alpn: ByteView?
    /// The host name the client asked for: what a PROXY header we received says, else its SNI.
    public var authority: ByteView?
    /// The unique ID.
    public var uniqueID: ByteView?
    /// The client's TLS; nil if it speaks none with us.
    public var tls: TLS?
    /// Whole fields of the user's choice, which come first; written with `ProxyFields.append`.
    public var ownFields = ByteView.empty

    /// Facts of a connection of which only the addresses are known.
    public init(addresses: ProxyAddresses? = nil) { self.addresses = addresses }

    /// What is told of the client's TLS; what is empty is left out.
    public struct TLS {
        /// OpenSSL's name of the version, e.g. `TLSv1.3`.
        public var version: ByteView
        /// OpenSSL's name of the cipher.
        public var cipher = ByteView.empty
        /// Whether the client sent a certificate in this TLS session.
        public var hasCertificate = false
        /// Whether it sent it on this connection.
        public var sentCertificate = false
        /// OpenSSL's verify result: 0 if the certificate is good.
        public var verifyResult: UInt32 = 0
        /// The common name of its certificate.
        public var commonName = ByteView.empty
        /// How our certificate is signed, e.g. `RSA-SHA256`.
        public var signature = ByteView.empty
        /// Our certificate's key, e.g. `RSA2048`.
        public var key = ByteView.empty

        /// Facts of a handshake without certificate.
        public init(version: ByteView) { self.version = version }
    }
}
