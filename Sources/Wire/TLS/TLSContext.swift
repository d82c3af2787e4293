import COpenSSL
import CSystem

/// Why TLS could not be set up at all.
public enum TLSSetupError: Error, Equatable, Sendable {
    case noRandomness
    case outOfMemory
    /// This OpenSSL does not know what we ask for: a build without TLS 1.3 or the curves, for instance.
    case unsupported
}

/// The server side of TLS for one worker: its policy and its certificates.
///
/// One per thread and never shared, because OpenSSL 3.0 takes locks inside a shared one. Only `TicketKeys` and the
/// certificates inside the table are common.
///
/// ```
///   ClientHello ─► greet (certificates of clients, tickets) ─► resumed? ─ no ─► offerCertificates (of the current table)
///                                                                 └──► selectProtocol ─► sealTicket
/// ```
public final class TLSContext {
    /// What the next handshake is served with. Assigning is all a changed certificate takes: running handshakes and
    /// connections keep theirs.
    public var certificates: CertificateTable

    let raw: OpaquePointer
    let protocols: UnsafeBufferPointer<UInt8>
    /// The same without HTTP/2, for sessions that do not offer it.
    let olderProtocols: UnsafeBufferPointer<UInt8>
    let cipher: OpaquePointer
    let ticketKeys: TicketKeys
    var tickets = TicketKeys.Copy()

    // Forward secrecy and AEAD only, the cheapest first; PRIORITIZE_CHACHA serves clients without AES in hardware.
    private static let ciphers12 = """
        ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:\
        ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305
        """
    private static let ciphers13 =
        "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"
    private static let groups = "X25519:P-256:P-384"
    private static let sessionSeconds = 7200

    /// A context that speaks `protocols` (best first) inside TLS; a client that offers none of them gets no ALPN
    /// answer rather than an alert, as with HAProxy.
    public init(
        certificates: CertificateTable, ticketKeys: TicketKeys, protocols: [ApplicationProtocol] = [.http11]
    ) throws(TLSSetupError) {
        csystem_ssl_start()
        defer { ERR_clear_error() }
        guard let raw = Owned(SSL_CTX_new(TLS_server_method()), SSL_CTX_free),
            let cipher = Owned(EVP_CIPHER_fetch(nil, "AES-256-CBC", nil), EVP_CIPHER_free)
        else { throw .outOfMemory }
        guard Self.configure(raw.pointer) else { throw .unsupported }
        self.certificates = certificates
        self.ticketKeys = ticketKeys
        self.protocols = Self.list(protocols)
        olderProtocols = Self.list(protocols.filter { $0 != .http2 })
        self.raw = raw.take()
        self.cipher = cipher.take()
        installCallbacks()
    }

    deinit {
        SSL_CTX_free(raw)
        EVP_CIPHER_free(cipher)
        protocols.deallocate()
        olderProtocols.deallocate()
    }

    private static func list(_ protocols: [ApplicationProtocol]) -> UnsafeBufferPointer<UInt8> {
        let bytes = ApplicationProtocol.wireFormat(of: protocols)
        let list = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
        _ = list.initialize(fromContentsOf: bytes)
        return UnsafeBufferPointer(list)
    }

    private static func configure(_ raw: OpaquePointer) -> Bool {
        csystem_ssl_ctx_set_server_modes(raw)
        SSL_CTX_set_timeout(raw, sessionSeconds)
        // Said here so that no openssl.cnf of the host changes it.
        SSL_CTX_set_security_level(raw, 2)
        // For sessions of clients that send no server name; the others are bound to it.
        SSL_CTX_set_session_id_context(raw, [0], 1)
        return csystem_ssl_ctx_set_versions(raw, TLS1_2_VERSION, TLS1_3_VERSION)
            && csystem_ssl_ctx_set_groups(raw, groups)
            && SSL_CTX_set_cipher_list(raw, ciphers12) == 1 && SSL_CTX_set_ciphersuites(raw, ciphers13) == 1
            // One instead of two: 6 % fewer instructions per full handshake.
            && SSL_CTX_set_num_tickets(raw, 1) == 1
    }
}
