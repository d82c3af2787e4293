import COpenSSL

/// Why a handshake did not come about, in words short enough for a counter's label.
public enum HandshakeFailure: String, Sendable, CaseIterable {
    /// Plain HTTP was spoken to the TLS port.
    case httpRequest = "http request"
    /// What came is not TLS.
    case notTLS = "not tls"
    /// No version of TLS in common.
    case unsupportedProtocol = "unsupported protocol"
    /// No cipher or key type in common, or no certificate to serve at all.
    case noSharedCipher = "no shared cipher"
    /// No key exchange group in common.
    case noSharedGroup = "no shared group"
    /// The peer does not accept how our certificates are signed.
    case noSharedSignature = "no shared signature algorithm"
    /// No application protocol in common (ALPN), or not the one that has to be spoken.
    case noSharedProtocol = "no application protocol"
    /// The peer does not know who issued our certificate.
    case unknownCA = "unknown ca"
    /// The peer finds our certificate expired.
    case certificateExpired = "certificate expired"
    /// The peer refuses our certificate for another reason.
    case certificateRefused = "certificate refused"
    /// The peer refuses the connection with another alert.
    case alert = "alert"
    /// There is no certificate for the name the client asks for, and the default is not served here.
    case unknownName = "unknown server name"
    /// The peer shows no certificate where one is required.
    case peerHasNone = "no peer certificate"
    /// Nobody we trust has issued the peer's certificate.
    case peerUntrusted = "peer certificate untrusted"
    /// The peer's certificate, or one it stands on, has expired.
    case peerExpired = "peer certificate expired"
    /// The peer's certificate, or one it stands on, is not valid yet.
    case peerNotYetValid = "peer certificate not yet valid"
    /// The peer's certificate, or one it stands on, was revoked.
    case peerRevoked = "peer certificate revoked"
    /// The peer's certificate is for another name.
    case peerOtherName = "peer certificate for another name"
    /// There is no current revocation list of an authority the peer's certificate stands on.
    case peerUnlisted = "no current revocation list"
    /// The peer's chain is longer than allowed.
    case peerChainTooLong = "peer chain too long"
    /// The peer's certificate can not be accepted for another reason.
    case peerRefused = "peer certificate refused"
    /// The peer went away in the middle.
    case closed = "closed"
    /// The connection broke in the middle.
    case reset = "reset"
    /// Anything else: a damaged message, a failed check.
    case protocolError = "protocol error"

    /// Its place among its kind, for an array of counters.
    public var ordinal: Int { HandshakeFailure.allCases.firstIndex(of: self) ?? 0 }

    /// Reads and clears OpenSSL's error queue after a failed handshake.
    static func takeFromQueue(of ssl: OpaquePointer? = nil) -> HandshakeFailure {
        defer { ERR_clear_error() }
        if let ssl, ERR_GET_REASON(ERR_peek_error()) == SSL_R_CERTIFICATE_VERIFY_FAILED {
            return of(verification: SSL_get_verify_result(ssl))
        }
        while true {
            let error = ERR_get_error()
            guard error != 0 else { return .protocolError }
            guard ERR_GET_LIB(error) == ERR_LIB_SSL, let failure = of(reason: ERR_GET_REASON(error)) else {
                continue
            }
            return failure
        }
    }

    /// What OpenSSL's verdict about a chain of certificates means.
    static func of(verification result: Int) -> HandshakeFailure {
        switch Int32(truncatingIfNeeded: result) {
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
            X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT,
            X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, X509_V_ERR_CERT_UNTRUSTED,
            X509_V_ERR_CERT_SIGNATURE_FAILURE:
            .peerUntrusted
        case X509_V_ERR_CERT_HAS_EXPIRED: .peerExpired
        case X509_V_ERR_CERT_NOT_YET_VALID: .peerNotYetValid
        case X509_V_ERR_CERT_REVOKED: .peerRevoked
        case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH: .peerOtherName
        case X509_V_ERR_UNABLE_TO_GET_CRL, X509_V_ERR_CRL_HAS_EXPIRED, X509_V_ERR_CRL_NOT_YET_VALID,
            X509_V_ERR_CRL_SIGNATURE_FAILURE, X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER:
            .peerUnlisted
        case X509_V_ERR_CERT_CHAIN_TOO_LONG, X509_V_ERR_PATH_LENGTH_EXCEEDED: .peerChainTooLong
        default: .peerRefused
        }
    }

    /// Whether an alert that came is about our certificate.
    static func refusesCertificate(_ reason: Int32) -> Bool {
        switch of(reason: reason) {
        case .unknownCA, .certificateExpired, .certificateRefused: true
        case .alert: reason == SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED
        default: false
        }
    }

    private static func of(reason: Int32) -> HandshakeFailure? {
        switch reason {
        case SSL_R_HTTP_REQUEST, SSL_R_HTTPS_PROXY_REQUEST: .httpRequest
        case SSL_R_WRONG_VERSION_NUMBER, SSL_R_UNKNOWN_PROTOCOL, SSL_R_BAD_PACKET_LENGTH,
            SSL_R_UNEXPECTED_MESSAGE,
            SSL_R_PACKET_LENGTH_TOO_LONG, SSL_R_BAD_RECORD_TYPE:
            .notTLS
        case SSL_R_UNSUPPORTED_PROTOCOL, SSL_R_VERSION_TOO_LOW, SSL_R_TLSV1_ALERT_PROTOCOL_VERSION,
            SSL_R_INAPPROPRIATE_FALLBACK:
            .unsupportedProtocol
        case SSL_R_NO_SHARED_CIPHER, SSL_R_NO_CERTIFICATE_SET: .noSharedCipher
        case SSL_R_NO_SUITABLE_KEY_SHARE, SSL_R_NO_SHARED_GROUPS, SSL_R_UNSUPPORTED_ELLIPTIC_CURVE:
            .noSharedGroup
        case SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM, SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS: .noSharedSignature
        case SSL_R_NO_APPLICATION_PROTOCOL, SSL_R_TLSV1_ALERT_NO_APPLICATION_PROTOCOL: .noSharedProtocol
        case SSL_R_TLSV1_ALERT_UNKNOWN_CA: .unknownCA
        case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED: .certificateExpired
        case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE, SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN,
            SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED, SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE,
            SSL_R_TLSV1_ALERT_ACCESS_DENIED:
            .certificateRefused
        case SSL_R_CALLBACK_FAILED: .unknownName
        case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE: .peerHasNone
        case SSL_R_UNEXPECTED_EOF_WHILE_READING: .closed
        // OpenSSL reports a received alert as 1000 plus its number.
        case Int32(SSL_AD_REASON_OFFSET)...(Int32(SSL_AD_REASON_OFFSET) + 255): .alert
        default: nil
        }
    }
}
