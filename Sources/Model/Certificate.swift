/// The name of a certificate: `namespace/secret` for Kubernetes.
public struct CertificateName: Sendable, Hashable, CustomStringConvertible {
    /// The name as it is printed.
    public let description: String

    /// Names a certificate.
    public init(_ name: String) { description = name }
}

/// A certificate chain and its private key as PEM bytes, not yet judged.
///
/// A class so that configurations share it; immutable. It prints without its key.
public final class Certificate: Sendable, Hashable, CustomStringConvertible {
    /// The leaf first, then its intermediates.
    public let chainPEM: [UInt8]
    /// The leaf's private key. Never printed.
    public let keyPEM: [UInt8]
    /// Whether the names inside the certificate are served with it too (a `tls` entry without hosts).
    public let servesSubjectNames: Bool
    /// A response of OCSP about the leaf, in DER, that clients who ask are shown; nil, the default, is none.
    public let ocspResponse: [UInt8]?

    /// Holds PEM bytes; the engine parses them when they are published and refuses what cannot serve.
    public init(
        chainPEM: [UInt8], keyPEM: [UInt8], servesSubjectNames: Bool = false, ocspResponse: [UInt8]? = nil
    ) {
        self.chainPEM = chainPEM
        self.keyPEM = keyPEM
        self.servesSubjectNames = servesSubjectNames
        self.ocspResponse = ocspResponse
    }

    /// Same object, or same bytes.
    public static func == (left: Certificate, right: Certificate) -> Bool {
        left === right
            || left.chainPEM == right.chainPEM && left.keyPEM == right.keyPEM
                && left.servesSubjectNames == right.servesSubjectNames
                && left.ocspResponse == right.ocspResponse
    }

    /// By the beginning of the leaf, where its serial number is.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(chainPEM.count)
        hasher.combine(chainPEM.prefix(256))
    }

    /// Sizes only.
    public var description: String { "certificate (\(chainPEM.count) bytes, key withheld)" }
}
