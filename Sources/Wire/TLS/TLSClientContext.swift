import COpenSSL
import CSystem

/// How we speak TLS to servers that are addressed alike: immutable, shared by all workers.
///
/// What changes, the sessions to resume, is in `TLSClientSessions`, one per server and worker.
public final class TLSClientContext: Sendable {
    // Safe to share: nothing is set after init, and what OpenSSL counts in it is guarded by its own locks.
    nonisolated(unsafe) let raw: OpaquePointer
    let isVerifying: Bool
    let resumes: Bool
    let authorities: TrustSource?
    /// Which of them the context has itself.
    let ownGeneration: UInt64
    private let certificate: CertifiedKey?

    /// What a context is made of.
    public struct Settings: Sendable {
        /// Who must have signed the server's certificate; nil believes anyone.
        public var authorities: TrustSource?
        /// How many authorities may stand in between; nil is OpenSSL's limit.
        public var verifyDepth: Int?
        /// What we show to servers that ask.
        public var certificate: CertifiedKey?
        /// Versions and ciphers; OpenSSL's lists where it names none.
        public var policy = TLSPolicy()
        /// Offered by ALPN, best first; none sends no ALPN.
        public var protocols: [ApplicationProtocol] = []
        /// Whether sessions are resumed.
        public var resumes = true

        /// Believes anyone and shows nothing.
        public init() {}
    }

    /// Puts the settings into OpenSSL's terms.
    public init(_ settings: Settings) throws(TLSSettingsError) {
        csystem_ssl_start()
        defer { ERR_clear_error() }
        guard let context = Owned(SSL_CTX_new(TLS_client_method()), SSL_CTX_free) else { throw .outOfMemory }
        let raw = context.pointer
        csystem_ssl_ctx_set_client_modes(raw)
        // Said here so that no openssl.cnf of the host changes it; a list of ciphers may.
        SSL_CTX_set_security_level(raw, 2)
        try settings.policy.apply(toContext: raw)
        isVerifying = settings.authorities != nil
        resumes = settings.resumes
        authorities = settings.authorities
        certificate = settings.certificate
        SSL_CTX_set_verify(raw, isVerifying ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nil)
        let trusted = authorities?.current
        ownGeneration = trusted?.generation ?? 0
        if let trusted { SSL_CTX_set1_cert_store(raw, trusted.store.raw) }
        if let depth = settings.verifyDepth { SSL_CTX_set_verify_depth(raw, Int32(clamping: max(0, depth))) }
        if let certificate,
            SSL_CTX_use_cert_and_key(raw, certificate.leaf, certificate.key, certificate.chain, 1) != 1
        {
            throw .certificate(.keyDoesNotMatch)
        }
        let offer = ApplicationProtocol.wireFormat(of: settings.protocols)
        guard offer.isEmpty || SSL_CTX_set_alpn_protos(raw, offer, UInt32(clamping: offer.count)) == 0 else {
            throw .outOfMemory
        }
        SSL_CTX_sess_set_new_cb(raw) { ssl, session in
            guard let ssl, let session, let sessions = SSL_get_ex_data(ssl, 0) else { return 0 }
            return TLSClientSessions.at(sessions).keep(session, of: ssl) ? 1 : 0
        }
        self.raw = context.take()
    }

    deinit { SSL_CTX_free(raw) }
}
