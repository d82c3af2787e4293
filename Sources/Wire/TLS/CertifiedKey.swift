import COpenSSL
import CSystem
import Glibc

/// A certificate, its intermediates and its private key, proven usable for serving.
///
/// Immutable and shared by every worker; OpenSSL's objects inside are reference counted and freed with the last
/// user. An expired certificate is not refused: serving it is better than serving none, and `notAfter` tells.
public final class CertifiedKey: Sendable {
    /// The most bytes of a chain and of a key.
    public static let maximumBytes = 1 << 20

    /// What kind of key this is; one server name can be served with one of each.
    public let keyType: KeyType
    /// The DNS names of the certificate in lower case, wildcards as `*.example.com`; its common name if it has none.
    public let subjectNames: [String]
    /// Start of validity in seconds since 1970.
    public let notBefore: Int64
    /// End of validity in seconds since 1970.
    public let notAfter: Int64
    /// What was given to be stapled, or why it is not; nil if nothing was given.
    public let staple: Result<OCSPStaple, OCSPError>?

    // Safe to share: nothing mutates them after init, and OpenSSL counts their references atomically.
    nonisolated(unsafe) let leaf: OpaquePointer
    nonisolated(unsafe) let chain: OpaquePointer
    nonisolated(unsafe) let key: OpaquePointer

    /// The kinds of key that can serve.
    public enum KeyType: Sendable, CaseIterable {
        case rsa, ecdsa, ed25519
    }

    /// Reads a chain (leaf first) and its key from PEM. Either may hold other blocks in any order, so that the same
    /// text can be given for both. `response` is one of OCSP in DER, current at `now`, seconds since 1970 (nil is the
    /// present); a bad one is no reason not to serve.
    public convenience init(
        chainPEM: [UInt8], keyPEM: [UInt8], stapling response: [UInt8]? = nil,
        now: Int64? = nil
    ) throws(CertificateError) {
        guard max(chainPEM.count, keyPEM.count) <= Self.maximumBytes else { throw .tooBig }
        csystem_ssl_start()
        defer { ERR_clear_error() }
        let chain = try Self.readChain(chainPEM)
        guard let leaf = Owned(OpaquePointer(OPENSSL_sk_shift(chain.pointer)), X509_free) else {
            throw .noCertificate
        }
        let key = try Self.readKey(keyPEM, ofSameTypeAs: X509_get0_pubkey(leaf.pointer))
        try self.init(leaf: leaf, chain: chain, key: key, stapling: response, now: now ?? Int64(time(nil)))
    }

    /// Takes the objects over and judges them.
    init(
        leaf: consuming Owned, chain: consuming Owned, key: consuming Owned,
        stapling response: [UInt8]? = nil, now: Int64 = 0
    ) throws(CertificateError) {
        keyType = try Self.judge(key: key.pointer)
        guard X509_check_private_key(leaf.pointer, key.pointer) == 1 else { throw .keyDoesNotMatch }
        try Self.judge(certificate: leaf.pointer, place: 1)
        for i in 0..<OPENSSL_sk_num(chain.pointer) {
            try Self.judge(certificate: OpaquePointer(OPENSSL_sk_value(chain.pointer, i)), place: Int(i) + 2)
        }
        subjectNames = SubjectNames.of(leaf.pointer)
        notBefore = Self.seconds(X509_get0_notBefore(leaf.pointer))
        notAfter = Self.seconds(X509_get0_notAfter(leaf.pointer))
        staple = Self.staple(response, leaf.pointer, chain.pointer, now: now)
        self.leaf = leaf.take()
        self.chain = chain.take()
        self.key = key.take()
    }

    private init?(_ other: CertifiedKey, _ staple: OCSPStaple) {
        guard let chain = X509_chain_up_ref(other.chain) else { return nil }
        X509_up_ref(other.leaf)
        EVP_PKEY_up_ref(other.key)
        (leaf, self.chain, key) = (other.leaf, chain, other.key)
        (keyType, subjectNames) = (other.keyType, other.subjectNames)
        (notBefore, notAfter) = (other.notBefore, other.notAfter)
        self.staple = .success(staple)
    }

    /// The same certificate with a response of OCSP to be stapled, in DER, current at `now`, seconds since 1970 (nil is the present);
    /// nil without memory.
    public func stapling(_ response: [UInt8], now: Int64? = nil) throws(OCSPError) -> CertifiedKey? {
        defer { ERR_clear_error() }
        let issuer = OpaquePointer(OPENSSL_sk_value(chain, 0))
        let staple = try OCSPStaple(response, leaf: leaf, issuer: issuer, now: now ?? Int64(time(nil)))
        return CertifiedKey(self, staple)
    }

    deinit {
        X509_free(leaf)
        Self.freeChain(chain)
        EVP_PKEY_free(key)
    }

    private static func staple(
        _ response: [UInt8]?, _ leaf: OpaquePointer, _ chain: OpaquePointer, now: Int64
    ) -> Result<OCSPStaple, OCSPError>? {
        guard let response else { return nil }
        let issuer = OpaquePointer(OPENSSL_sk_value(chain, 0))
        do throws(OCSPError) {
            return .success(try OCSPStaple(response, leaf: leaf, issuer: issuer, now: now))
        } catch {
            return .failure(error)
        }
    }

    /// Offers this certificate in the handshake of `session`, beside those of other key types.
    func offer(to session: OpaquePointer) -> Bool {
        SSL_use_cert_and_key(session, leaf, key, chain, 1) == 1
    }

    static let freeChain: @convention(c) (OpaquePointer?) -> Void = { stack in
        OPENSSL_sk_pop_free(stack) { X509_free(OpaquePointer($0)) }
    }
}

extension CertifiedKey: CustomStringConvertible {
    /// Names and validity; never the key.
    public var description: String {
        "\(keyType) certificate for \(subjectNames.joined(separator: ", ")) until \(notAfter)"
    }
}
