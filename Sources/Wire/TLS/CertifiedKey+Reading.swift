import COpenSSL
import CSystem
import Glibc
import Synchronization

extension CertifiedKey {
    /// The stack of all certificates.
    static func readChain(_ text: [UInt8]) throws(CertificateError) -> Owned {
        guard var reader = PEMReader(text), let chain = Owned(OPENSSL_sk_new_null(), freeChain) else {
            throw .malformedChainPEM
        }
        var place = 0
        while let block = reader.next() {
            guard block.isCertificate else { continue }
            place += 1
            guard let certificate = place == 1 ? decodeCertificate(block) : decodeIssuer(block) else {
                throw .malformedCertificate(place)
            }
            OPENSSL_sk_push(chain.pointer, UnsafeRawPointer(certificate.take()))
        }
        guard reader.isSound else { throw .malformedChainPEM }
        return chain
    }

    /// The first private key; `publicKey` tells of what type it should be.
    static func readKey(
        _ text: [UInt8], ofSameTypeAs publicKey: OpaquePointer? = nil
    ) throws(CertificateError) -> Owned {
        guard var reader = PEMReader(text) else { throw .malformedKeyPEM }
        while let block = reader.next() {
            guard block.isPrivateKey else { continue }
            guard !block.isEncrypted else { throw .encryptedKey }
            guard let key = decodeKey(block, ofSameTypeAs: publicKey) else { throw .malformedKey }
            return key
        }
        throw reader.isSound ? .noKey : .malformedKeyPEM
    }

    /// OpenSSL 3.0 needs 0.37 ms to try all decoders and 0.11 ms when it knows the type, which matters with
    /// thousands of certificates at start.
    private static func decodeKey(_ block: borrowing PEMBlock, ofSameTypeAs publicKey: OpaquePointer?)
        -> Owned?
    {
        if let type = publicKey.flatMap({ EVP_PKEY_get0_type_name($0) }), block.label == PEM_STRING_PKCS8INF,
            let key = Owned(csystem_decode_private_key(block.bytes, block.count, type), EVP_PKEY_free)
        {
            return key
        }
        var cursor: UnsafePointer<UInt8>? = UnsafePointer(block.bytes)
        return Owned(d2i_AutoPrivateKey(nil, &cursor, block.count), EVP_PKEY_free)
    }

    private static func decodeIssuer(_ block: borrowing PEMBlock) -> Owned? {
        let bytes = Array(UnsafeBufferPointer(start: block.bytes, count: block.count))
        if let known = IssuerCache.shared.withLock({ $0.certificate(of: bytes) }) { return known }
        guard let certificate = decodeCertificate(block) else { return nil }
        IssuerCache.shared.withLock { $0.remember(certificate, of: bytes) }
        return certificate
    }

    private static func decodeCertificate(_ block: borrowing PEMBlock) -> Owned? {
        var cursor: UnsafePointer<UInt8>? = UnsafePointer(block.bytes)
        guard let certificate = Owned(d2i_X509(nil, &cursor, block.count), X509_free) else { return nil }
        // Caches the extensions and the public key now, so that handshakes on several threads only read.
        X509_check_purpose(certificate.pointer, -1, 0)
        guard X509_get0_pubkey(certificate.pointer) != nil else { return nil }
        return certificate
    }

    static func judge(key: OpaquePointer) throws(CertificateError) -> KeyType {
        let type = EVP_PKEY_get_base_id(key)
        switch type {
        case EVP_PKEY_RSA:
            let bits = Int(EVP_PKEY_get_bits(key))
            guard bits >= 2048 else { throw .weakKey(bits: bits) }
            return .rsa
        case EVP_PKEY_EC:
            let curve = curveName(of: key)
            guard ["prime256v1", "secp384r1", "secp521r1"].contains(curve) else {
                throw .unsupportedKeyType("ECDSA on \(curve)")
            }
            return .ecdsa
        case EVP_PKEY_ED25519: return .ed25519
        default: throw .unsupportedKeyType(OBJ_nid2sn(type).map { String(cString: $0) } ?? "unknown")
        }
    }

    /// OpenSSL's own rule of security level 2, applied now rather than in a client's handshake.
    static func judge(certificate: OpaquePointer, place: Int) throws(CertificateError) {
        let leastSecurityBits: Int32 = 112
        guard let key = X509_get0_pubkey(certificate) else { throw .malformedCertificate(place) }
        guard EVP_PKEY_get_security_bits(key) >= leastSecurityBits else { throw .weakCertificate(place) }
        // Nobody relies on the signature of a self-signed certificate.
        guard X509_get_extension_flags(certificate) & UInt32(EXFLAG_SS) == 0 else { return }
        var securityBits: Int32 = -1
        guard X509_get_signature_info(certificate, nil, nil, &securityBits, nil) == 1,
            securityBits >= leastSecurityBits
        else { throw .weakCertificate(place) }
    }

    static func seconds(_ time: UnsafePointer<ASN1_TIME>?) -> Int64 {
        var parts = tm()
        guard let time, ASN1_TIME_to_tm(time, &parts) == 1 else { return 0 }
        return Int64(timegm(&parts))
    }

    private static func curveName(of key: OpaquePointer) -> String {
        var name = [CChar](repeating: 0, count: 64)
        guard EVP_PKEY_get_group_name(key, &name, name.count, nil) == 1 else { return "an unnamed curve" }
        return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
