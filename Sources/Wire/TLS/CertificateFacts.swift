import COpenSSL
import CSystem
import Glibc

/// What a certificate says of itself, for operators. Nothing of its key.
public struct CertificateFacts: Sendable, Equatable {
    /// Hexadecimal digits, upper case.
    public let serial: String
    /// As OpenSSL prints times: `Nov 22 10:14:28 2026 GMT`.
    public let (notBefore, notAfter): (String, String)
    /// The DNS names among the alternative names.
    public let names: [String]
    /// `RSA2048`, `EC256`, `ED25519`.
    public let algorithm: String
    /// SHA-1 over the certificate, upper case.
    public let fingerprint: String
    /// Whose it is, as `/CN=a.test/O=Org`.
    public let subject: String
    /// Who signed it, likewise.
    public let issuer: String
    /// Subjects and issuers of the certificates behind it.
    public let chain: [Link]

    /// A certificate between the first and the one that is trusted.
    public struct Link: Sendable, Equatable {
        /// Whose it is, and who signed it.
        public let (subject, issuer): (String, String)
    }

    /// Reads a chain, leaf first.
    public init(chainPEM: [UInt8]) throws(CertificateError) {
        guard chainPEM.count <= CertifiedKey.maximumBytes else { throw .tooBig }
        csystem_ssl_start()
        defer { ERR_clear_error() }
        let chain = try CertifiedKey.readChain(chainPEM)
        guard let leaf = Owned(OpaquePointer(OPENSSL_sk_shift(chain.pointer)), X509_free) else {
            throw .noCertificate
        }
        self.init(leaf.pointer, chain.pointer)
    }

    init(_ leaf: OpaquePointer, _ chain: OpaquePointer) {
        serial = Self.digits(of: X509_get0_serialNumber(leaf))
        (notBefore, notAfter) = (Self.text(X509_get0_notBefore(leaf)), Self.text(X509_get0_notAfter(leaf)))
        names = SubjectNames.alternativeNames(of: leaf)
        algorithm = Self.algorithm(of: X509_get0_pubkey(leaf))
        var hash = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var count: UInt32 = 0
        let isHashed = X509_digest(leaf, EVP_sha1(), &hash, &count) == 1
        let letters = Array("0123456789ABCDEF".utf8)
        fingerprint = String(
            decoding: hash.prefix(isHashed ? Int(count) : 0).flatMap {
                [letters[Int($0 >> 4)], letters[Int($0 & 15)]]
            },
            as: UTF8.self)
        subject = Self.text(X509_get_subject_name(leaf))
        issuer = Self.text(X509_get_issuer_name(leaf))
        self.chain = (0..<OPENSSL_sk_num(chain)).map { place in
            let link = OpaquePointer(OPENSSL_sk_value(chain, place))
            return Link(
                subject: Self.text(X509_get_subject_name(link)), issuer: Self.text(X509_get_issuer_name(link))
            )
        }
    }

    static func digits(of serial: UnsafePointer<ASN1_INTEGER>?) -> String {
        guard let number = Owned(ASN1_INTEGER_to_BN(serial, nil), BN_free),
            let digits = BN_bn2hex(number.pointer)
        else { return "" }
        defer { CRYPTO_free(digits, #file, #line) }
        return String(cString: digits)
    }

    private static func algorithm(of key: OpaquePointer?) -> String {
        guard let key else { return "*" }
        switch EVP_PKEY_get_base_id(key) {
        case EVP_PKEY_RSA: return "RSA\(EVP_PKEY_get_bits(key))"
        case EVP_PKEY_EC: return "EC\(EVP_PKEY_get_bits(key))"
        case EVP_PKEY_ED25519: return "ED25519"
        default: return "*"
        }
    }

    /// OpenSSL escapes what is not printable.
    static func text(_ name: OpaquePointer?) -> String {
        var text = [CChar](repeating: 0, count: 4_096)
        guard let name, X509_NAME_oneline(name, &text, Int32(text.count)) != nil else { return "" }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    static func text(_ time: UnsafePointer<ASN1_TIME>?) -> String {
        guard let time, let bio = BIO_new(BIO_s_mem()) else { return "" }
        defer { BIO_free(bio) }
        guard ASN1_TIME_print(bio, time) == 1 else { return "" }
        let count = BIO_ctrl_pending(bio)
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = Int(max(0, BIO_read(bio, buffer.baseAddress, Int32(clamping: count))))
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension CertifiedKey {
    /// What the certificate says of itself.
    public var facts: CertificateFacts { CertificateFacts(leaf, chain) }
}
