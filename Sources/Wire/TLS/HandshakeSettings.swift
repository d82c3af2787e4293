import COpenSSL
import CSystem

/// What handshakes at one listener are held to: immutable, shared by all workers.
public final class HandshakeSettings: Sendable {
    private let policy: TLSPolicy
    /// Names without a certificate of their own are refused, and so is their lack (HAProxy's `strict-sni`).
    let isStrict: Bool

    /// Refuses what OpenSSL does not know.
    public init(_ policy: TLSPolicy, isStrict: Bool) throws(TLSSettingsError) {
        csystem_ssl_start()
        defer { ERR_clear_error() }
        guard let trial = Owned(SSL_CTX_new(TLS_server_method()), SSL_CTX_free) else { throw .outOfMemory }
        try policy.apply(toContext: trial.pointer)
        self.policy = policy
        self.isStrict = isStrict
    }

    private static let place = CRYPTO_get_ex_new_index(
        CRYPTO_EX_INDEX_SSL, 0, nil, nil, nil
    ) { _, settings, _, _, _, _ in
        if let settings { Unmanaged<HandshakeSettings>.fromOpaque(settings).release() }
    }

    /// Holds a session to them that has not begun; false if that can not be.
    func hold(_ ssl: OpaquePointer) -> Bool {
        let own = Unmanaged.passRetained(self)
        guard SSL_set_ex_data(ssl, Self.place, own.toOpaque()) == 1 else {
            own.release()
            return false
        }
        guard csystem_ssl_set_versions(ssl, policy.oldest.number, policy.newest.number) else { return false }
        if let ciphers = policy.ciphers, SSL_set_cipher_list(ssl, ciphers) != 1 { return false }
        if let suites = policy.suites, SSL_set_ciphersuites(ssl, suites) != 1 { return false }
        if let groups = policy.groups, !csystem_ssl_set_groups(ssl, groups) { return false }
        return true
    }

    /// What a session is held to; nil is the context's own.
    static func of(_ ssl: OpaquePointer) -> HandshakeSettings? {
        SSL_get_ex_data(ssl, place).map {
            Unmanaged<HandshakeSettings>.fromOpaque($0).takeUnretainedValue()
        }
    }
}
