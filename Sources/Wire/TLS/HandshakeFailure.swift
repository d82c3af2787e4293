import COpenSSL

/// Why a handshake did not come about, in words short enough for a counter's label.
public enum HandshakeFailure: String, Sendable, CaseIterable {
    /// Plain HTTP was spoken to the TLS port.
    case httpRequest = "http request"
    /// What came is not TLS.
    case notTLS = "not tls"
    /// The client knows only TLS 1.1 or older.
    case unsupportedProtocol = "unsupported protocol"
    /// No cipher or key type in common, or no certificate to serve at all.
    case noSharedCipher = "no shared cipher"
    /// No key exchange group in common.
    case noSharedGroup = "no shared group"
    /// The client does not accept how our certificates are signed.
    case noSharedSignature = "no shared signature algorithm"
    /// The client does not know who issued the certificate.
    case unknownCA = "unknown ca"
    /// The client finds the certificate expired.
    case certificateExpired = "certificate expired"
    /// The client refuses the certificate for another reason.
    case certificateRefused = "certificate refused"
    /// The client refuses the connection with another alert.
    case clientAlert = "client alert"
    /// The client went away in the middle.
    case closed = "closed"
    /// The connection broke in the middle.
    case reset = "reset"
    /// Anything else: a damaged message, a failed check.
    case protocolError = "protocol error"

    /// Reads and clears OpenSSL's error queue after a failed handshake.
    static func takeFromQueue() -> HandshakeFailure {
        defer { ERR_clear_error() }
        while true {
            let error = ERR_get_error()
            guard error != 0 else { return .protocolError }
            guard ERR_GET_LIB(error) == ERR_LIB_SSL, let failure = of(reason: ERR_GET_REASON(error)) else {
                continue
            }
            return failure
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
        case SSL_R_TLSV1_ALERT_UNKNOWN_CA: .unknownCA
        case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED: .certificateExpired
        case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE, SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN,
            SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED, SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE,
            SSL_R_TLSV1_ALERT_ACCESS_DENIED:
            .certificateRefused
        case SSL_R_UNEXPECTED_EOF_WHILE_READING: .closed
        // OpenSSL reports a received alert as 1000 plus its number.
        case Int32(SSL_AD_REASON_OFFSET)...(Int32(SSL_AD_REASON_OFFSET) + 255): .clientAlert
        default: nil
        }
    }
}
