import COpenSSL

/// A certificate authority that lives as long as this object: for demonstrations and tests. Its key never leaves it.
public final class GeneratedAuthority: Sendable {
    /// The authority's certificate, for the trust store of a client.
    public let certificatePEM: [UInt8]

    // Safe to share: nothing mutates them after init.
    private nonisolated(unsafe) let certificate: OpaquePointer
    private nonisolated(unsafe) let key: OpaquePointer
    private static let lifetime: Int64 = 10 * 365 * 86_400
    // The longest browsers accept.
    private static let leafLifetime: Int64 = 397 * 86_400

    /// A certificate and its key as PEM, like the two values of a TLS Secret.
    public struct Leaf: Sendable, CustomStringConvertible {
        /// The certificate and the authority's.
        public let chainPEM: [UInt8]
        /// The private key. Not to be printed.
        public let keyPEM: [UInt8]

        /// Sizes only.
        public var description: String { "certificate (\(chainPEM.count) bytes, key withheld)" }
    }

    /// Makes an authority of this name, valid for ten years; `now` is in seconds since 1970.
    public init(commonName: String, now: Int64) throws(CertificateError) {
        let builder = CertificateBuilder(
            commonName: commonName, isAuthority: true, notBefore: now - 3600, notAfter: now + Self.lifetime)
        let made = try builder.build()
        guard let pem = PEMWriter.certificate(made.certificate.pointer) else { throw .generationFailed }
        certificatePEM = pem
        certificate = made.certificate.take()
        key = made.key.take()
    }

    deinit {
        X509_free(certificate)
        EVP_PKEY_free(key)
    }

    /// Issues a P-256 certificate for DNS names and IP addresses, valid for 397 days from an hour ago: a server's or one that
    /// clients show.
    public func issue(
        names: [String], now: Int64, isForClients: Bool = false
    ) throws(CertificateError) -> Leaf {
        var builder = CertificateBuilder(
            commonName: String(names.first?.prefix(64) ?? "leaf"), names: names, notBefore: now - 3600,
            notAfter: now + Self.leafLifetime)
        builder.isForClients = isForClients
        let issuer = CertificateBuilder.Issuer(certificate: certificate, key: key)
        let made = try builder.build(issuer: issuer)
        guard let chainPEM = PEMWriter.certificate(made.certificate.pointer),
            let keyPEM = PEMWriter.key(made.key.pointer)
        else {
            throw .generationFailed
        }
        return Leaf(chainPEM: chainPEM + certificatePEM, keyPEM: keyPEM)
    }
}
