import COpenSSL

/// A certificate nobody has to provide: what handshakes get that match no other.
public enum SelfSigned {
    private static let lifetime: Int64 = 10 * 365 * 86_400

    /// `now` is in seconds since 1970. Makes a P-256 key and a certificate signed with it, valid from an hour ago for ten years, since the process
    /// that uses it may run long and nobody would renew it.
    public static func make(
        commonName: String, names: [String], now: Int64
    ) throws(CertificateError) -> CertifiedKey {
        let builder = CertificateBuilder(
            commonName: commonName, names: names, notBefore: now - 3600, notAfter: now + lifetime)
        let made = try builder.build()
        guard let chain = Owned(OPENSSL_sk_new_null(), CertifiedKey.freeChain) else {
            throw .generationFailed
        }
        return try CertifiedKey(leaf: made.certificate, chain: chain, key: made.key)
    }
}
