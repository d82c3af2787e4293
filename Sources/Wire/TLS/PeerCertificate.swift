import COpenSSL
import Glibc

/// What a client's certificate says, in the forms that servers are told.
public struct PeerCertificate: Sendable, Equatable {
    /// The subject as RFC 2253 writes it: ASCII without control characters, whatever stands in it.
    public let subject: String
    /// The same of who signed it.
    public let issuer: String
    /// Hexadecimal digits.
    public let serial: String
    /// SHA-1 over the certificate, 40 hexadecimal digits in lower case.
    public let fingerprint: String
    /// The certificate as PEM.
    public let pem: [UInt8]

    /// The verdict about a client's certificate.
    public enum Verdict: Sendable, Equatable {
        case none
        case good
        /// It was not accepted, for a reason in OpenSSL's words.
        case bad(HandshakeFailure, reason: String)
    }

    init?(_ certificate: OpaquePointer) {
        // What does not fit beside a request is nothing to tell of.
        guard i2d_X509(certificate, nil) <= 12_288, let pem = PEMWriter.certificate(certificate),
            let number = Owned(ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), nil), BN_free),
            let digits = BN_bn2hex(number.pointer)
        else { return nil }
        defer { CRYPTO_free(digits, #file, #line) }
        self.pem = pem
        serial = String(cString: digits)
        let held = HeldCertificate(certificate)
        subject = Self.text(held.subject)
        issuer = Self.text(held.issuer)
        let letters = Array("0123456789abcdef".utf8)
        fingerprint = String(
            decoding: held.sha1.flatMap { [letters[Int($0 >> 4)], letters[Int($0 & 15)]] }, as: UTF8.self)
        guard !fingerprint.isEmpty else { return nil }
    }

    /// Control characters and everything beyond ASCII are escaped already.
    private static func text(_ name: HeldName) -> String {
        String(decoding: name.rfc2253.filter { $0 >= 0x20 && $0 < 0x7F }, as: UTF8.self)
    }
}

extension TLSSession {
    /// What was demanded of the client's certificate; nil if nothing. Good while the session lives.
    public var verification: ClientVerification? { ClientVerification.of(ssl) }

    /// The verdict about the client's certificate, after the handshake. A certificate that has expired since its session
    /// began is no longer good.
    public var verdict: PeerCertificate.Verdict {
        guard let result = verifyResult else { return .none }
        guard result != Int(X509_V_OK) else { return .good }
        return .bad(
            HandshakeFailure.of(verification: result),
            reason: X509_verify_cert_error_string(result).map { String(cString: $0) } ?? "unknown")
    }

    /// Whether a certificate that is not good is let pass, as it was demanded.
    public var isTolerated: Bool {
        guard let result = verifyResult, result != Int(X509_V_OK) else { return false }
        return verification?.letsPass(result, inHandshake: SSL_get_verify_result(ssl) == result) ?? false
    }

    private var verifyResult: Int? {
        guard let certificate = SSL_get0_peer_certificate(ssl) else { return nil }
        let result = SSL_get_verify_result(ssl)
        guard result == Int(X509_V_OK), X509_cmp_current_time(X509_get0_notAfter(certificate)) <= 0 else {
            return result
        }
        return Int(X509_V_ERR_CERT_HAS_EXPIRED)
    }

    /// What the client's certificate says; nil if it sent none.
    public var peerCertificate: PeerCertificate? {
        SSL_get0_peer_certificate(ssl).flatMap { PeerCertificate($0) }
    }
}
