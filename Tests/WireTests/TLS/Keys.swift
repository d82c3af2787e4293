import COpenSSL

@testable import Wire

/// Certificates for tests, made when first asked for.
enum Keys {
    static let now: Int64 = 1_750_000_000

    static func ecdsa(_ names: String...) throws -> CertifiedKey {
        try SelfSigned.make(commonName: names.first ?? "", names: names, now: now)
    }

    static func rsa(_ names: String..., bits: Int32 = 2048) throws -> CertifiedKey {
        let pem = try pem(key: rsaKey(bits: bits), names: names)
        return try CertifiedKey(chainPEM: pem.chain, keyPEM: pem.key)
    }

    /// A new RSA key.
    static func rsaKey(bits: Int32 = 2048) -> Owned? {
        generate(EVP_PKEY_RSA) { EVP_PKEY_CTX_set_rsa_keygen_bits($0, bits) }
    }

    /// A new EC key on a curve.
    static func ecKey(curve: Int32) -> Owned? {
        generate(EVP_PKEY_EC) { EVP_PKEY_CTX_set_ec_paramgen_curve_nid($0, curve) }
    }

    /// A new key of a kind without parameters.
    static func plainKey(_ type: Int32) -> Owned? { generate(type) { _ in 1 } }

    private static func generate(_ type: Int32, _ configure: (OpaquePointer) -> Int32) -> Owned? {
        guard let context = Owned(EVP_PKEY_CTX_new_id(type, nil), EVP_PKEY_CTX_free),
            EVP_PKEY_keygen_init(context.pointer) == 1, configure(context.pointer) == 1
        else { return nil }
        var key: OpaquePointer?
        EVP_PKEY_keygen(context.pointer, &key)
        return Owned(key, EVP_PKEY_free)
    }

    struct PEM {
        var chain: [UInt8]
        var key: [UInt8]
    }

    /// A self-signed certificate for a given key, as PEM.
    static func pem(
        key: consuming Owned?, names: [String] = ["a.example"], digest: OpaquePointer? = EVP_sha256(),
        issuedBy issuerName: String? = nil
    ) throws -> PEM {
        guard let key else { throw CertificateError.generationFailed }
        let builder = CertificateBuilder(
            commonName: names.first ?? "", names: names, notBefore: now, notAfter: now + 86_400)
        let made = try builder.build()
        let certificate = made.certificate.pointer
        X509_set_pubkey(certificate, key.pointer)
        if let issuerName {
            let issuer = X509_get_issuer_name(certificate)
            X509_NAME_add_entry_by_NID(
                issuer, NID_organizationName, MBSTRING_UTF8, Array(issuerName.utf8),
                Int32(issuerName.utf8.count), -1, 0)
        }
        X509_sign(certificate, key.pointer, digest)
        guard let chain = PEMWriter.certificate(certificate), let text = PEMWriter.key(key.pointer)
        else { throw CertificateError.generationFailed }
        return PEM(chain: chain, key: text)
    }
}
