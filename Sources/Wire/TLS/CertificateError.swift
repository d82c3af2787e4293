/// Why a certificate and its key cannot serve. Holds nothing of the key.
public enum CertificateError: Error, Equatable, Sendable {
    /// The chain or the key is larger than `CertifiedKey.maximumBytes`.
    case tooBig
    /// A PEM block of the chain is damaged.
    case malformedChainPEM
    /// The chain holds no certificate.
    case noCertificate
    /// A certificate of the chain, counted from 1, cannot be decoded.
    case malformedCertificate(Int)
    /// A PEM block of the key is damaged.
    case malformedKeyPEM
    /// There is no private key.
    case noKey
    /// The private key is protected by a password, which nobody could type here.
    case encryptedKey
    /// The private key cannot be decoded.
    case malformedKey
    /// Neither RSA, ECDSA on P-256, P-384 or P-521, nor Ed25519; the text names what it is.
    case unsupportedKeyType(String)
    /// An RSA key of so many bits, fewer than 2048.
    case weakKey(bits: Int)
    /// The key belongs to another certificate than the first of the chain.
    case keyDoesNotMatch
    /// A certificate of the chain, counted from 1, is signed with a broken digest or holds a weak key: clients
    /// refuse it.
    case weakCertificate(Int)
    /// OpenSSL could not make a certificate or a key.
    case generationFailed
}

extension CertificateError: CustomStringConvertible {
    /// One phrase for a diagnostic.
    public var description: String {
        switch self {
        case .tooBig: "larger than \(CertifiedKey.maximumBytes) bytes"
        case .malformedChainPEM: "the certificate chain is not valid PEM"
        case .noCertificate: "the chain holds no CERTIFICATE block"
        case .malformedCertificate(let place): "certificate \(place) of the chain cannot be decoded"
        case .malformedKeyPEM: "the private key is not valid PEM"
        case .noKey: "there is no PRIVATE KEY block"
        case .encryptedKey: "the private key is encrypted; store it without a password"
        case .malformedKey: "the private key cannot be decoded"
        case .unsupportedKeyType(let name):
            "a key of type \(name) cannot serve; use RSA, ECDSA (P-256, P-384, P-521) or Ed25519"
        case .weakKey(let bits): "an RSA key of \(bits) bits is too weak; 2048 is the least"
        case .keyDoesNotMatch: "the private key does not belong to the first certificate of the chain"
        case .weakCertificate(let place):
            "certificate \(place) of the chain is signed with a broken digest or holds a weak key"
        case .generationFailed: "a certificate could not be generated"
        }
    }
}
