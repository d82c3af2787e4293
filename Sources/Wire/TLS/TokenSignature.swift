public import Basics
import COpenSSL

/// Says whether a JSON Web Token (RFC 7519) is signed by the owner of a key.
public final class TokenSignature: Sendable {
    /// The public key; nil if there is none.
    nonisolated(unsafe) private let key: OpaquePointer?

    /// What looking at a token came to, in HAProxy's numbers.
    public enum Outcome: Int, Sendable {
        case forged = 0
        case genuine = 1
        case unknownAlgorithm = -1
        case malformedToken = -3
        case outOfMemory = -4
        case unknownKey = -5
    }

    private enum Scheme {
        case none, secret, rsa, rsaPSS
        /// With the bytes of one of a signature's two numbers.
        case ellipticCurve(Int)
    }

    /// A public key, or the one of a certificate, in PEM form; other bytes are none, and secrets need none.
    public init(publicKeyPEM: [UInt8]) { key = TokenSignature.read(publicKeyPEM) }

    deinit { EVP_PKEY_free(key) }

    private static func read(_ text: [UInt8]) -> OpaquePointer? {
        guard !text.isEmpty, let bio = BIO_new_mem_buf(text, Int32(clamping: text.count)) else { return nil }
        defer {
            BIO_free(bio)
            ERR_clear_error()
        }
        if let key = PEM_read_bio_PUBKEY(bio, nil, nil, nil) { return key }
        guard let again = BIO_new_mem_buf(text, Int32(clamping: text.count)) else { return nil }
        defer { BIO_free(again) }
        guard let certificate = PEM_read_bio_X509(again, nil, nil, nil) else { return nil }
        defer { X509_free(certificate) }
        return X509_get_pubkey(certificate)
    }

    /// `signed` is what stands before the second dot, `signature` what follows it, decoded. Algorithms with a secret take `secret`,
    /// others the public key: no token can have a public key taken for a secret.
    public func check(
        _ signed: ByteView, _ signature: ByteView, algorithm: ByteView, secret: ByteView
    ) -> Outcome {
        guard let (scheme, digest) = TokenSignature.parts(of: algorithm) else { return .unknownAlgorithm }
        switch scheme {
        case .none: return signature.isEmpty ? .genuine : .forged
        case .secret: return check(signed, signature, digest, secret)
        case .rsa, .rsaPSS:
            guard let key else { return .unknownKey }
            return verify(signed, signature, digest, key, isPSS: isPSS(scheme))
        case .ellipticCurve(let size):
            guard let key else { return .unknownKey }
            return verify(signed, curve: signature, size, digest, key)
        }
    }

    private func isPSS(_ scheme: Scheme) -> Bool {
        if case .rsaPSS = scheme { return true }
        return false
    }

    /// Whether RFC 7518 3.1 has an algorithm of that name, and HAProxy too.
    public static func knows(_ algorithm: ByteView) -> Bool { parts(of: algorithm) != nil }

    private static func parts(of algorithm: ByteView) -> (Scheme, OpaquePointer?)? {
        if algorithm.equals("none") { return (.none, nil) }
        guard algorithm.count == 5 else { return nil }
        let size = algorithm[2..<5]
        let (digest, half): (OpaquePointer?, Int)
        if size.equals("256") {
            (digest, half) = (EVP_sha256(), 32)
        } else if size.equals("384") {
            (digest, half) = (EVP_sha384(), 48)
        } else if size.equals("512") {
            (digest, half) = (EVP_sha512(), 66)
        } else {
            return nil
        }
        let kind = algorithm[0..<2]
        if kind.equals("HS") { return (.secret, digest) }
        if kind.equals("RS") { return (.rsa, digest) }
        if kind.equals("PS") { return (.rsaPSS, digest) }
        return kind.equals("ES") ? (.ellipticCurve(half), digest) : nil
    }

    private func check(
        _ signed: ByteView, _ signature: ByteView, _ digest: OpaquePointer?, _ secret: ByteView
    ) -> Outcome {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Int(EVP_MAX_MD_SIZE)) { room in
            guard let made = room.baseAddress else { return .outOfMemory }
            var count: UInt32 = 0
            let isMade = signed.withPointer { start, length in
                secret.withPointer {
                    HMAC(digest, $0, Int32(clamping: $1), start, length, made, &count) != nil
                }
            }
            guard isMade else { return .outOfMemory }
            return MessageDigest.isSame(ByteView(start: made, count: Int(count)), signature)
                ? .genuine : .forged
        }
    }

    private func verify(
        _ signed: ByteView, _ signature: ByteView, _ digest: OpaquePointer?, _ key: OpaquePointer, isPSS: Bool
    ) -> Outcome {
        guard let context = Owned(EVP_MD_CTX_new(), EVP_MD_CTX_free) else { return .outOfMemory }
        defer { ERR_clear_error() }
        var settings: OpaquePointer?
        guard EVP_DigestVerifyInit(context.pointer, &settings, digest, nil, key) == 1 else { return .forged }
        if isPSS, EVP_PKEY_CTX_set_rsa_padding(settings, RSA_PKCS1_PSS_PADDING) != 1 { return .forged }
        let isGenuine = signature.withPointer { start, count in
            signed.withPointer { EVP_DigestVerify(context.pointer, start, count, $0, $1) == 1 }
        }
        return isGenuine ? .genuine : .forged
    }

    /// RFC 7518 3.4: the two numbers stand one behind the other, where OpenSSL wants them in DER form.
    private func verify(
        _ signed: ByteView, curve signature: ByteView, _ size: Int, _ digest: OpaquePointer?,
        _ key: OpaquePointer
    ) -> Outcome {
        guard signature.count == 2 * size else { return .malformedToken }
        guard let pair = ECDSA_SIG_new() else { return .outOfMemory }
        defer { ECDSA_SIG_free(pair) }
        let (r, s) = signature.withPointer { start, _ in
            (BN_bin2bn(start, Int32(size), nil), BN_bin2bn(start + size, Int32(size), nil))
        }
        guard ECDSA_SIG_set0(pair, r, s) == 1 else {
            BN_free(r)
            BN_free(s)
            return .outOfMemory
        }
        var form: UnsafeMutablePointer<UInt8>?
        let count = i2d_ECDSA_SIG(pair, &form)
        guard count > 0, let form else { return .outOfMemory }
        defer { CRYPTO_free(form, #file, #line) }
        return verify(signed, ByteView(start: form, count: Int(count)), digest, key, isPSS: false)
    }
}
