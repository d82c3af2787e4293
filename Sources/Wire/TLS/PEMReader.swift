import COpenSSL

/// Walks the blocks of PEM text, whatever stands around and between them.
struct PEMReader: ~Copyable {
    /// Nothing but blocks that OpenSSL can read; false once a damaged one was met.
    private(set) var isSound = true
    // A memory BIO with its own copy, which OpenSSL cleanses when it is freed.
    private let bio: OpaquePointer

    init?(_ text: [UInt8]) {
        guard let bio = BIO_new(BIO_s_mem()) else { return nil }
        guard text.isEmpty || BIO_write(bio, text, Int32(clamping: text.count)) == text.count else {
            BIO_free(bio)
            return nil
        }
        self.bio = bio
    }

    deinit { BIO_free(bio) }

    /// The next block, or nil at the end and at a damaged block.
    mutating func next() -> PEMBlock? {
        var name: UnsafeMutablePointer<CChar>?
        var header: UnsafeMutablePointer<CChar>?
        var bytes: UnsafeMutablePointer<UInt8>?
        var count = 0
        ERR_clear_error()
        guard PEM_read_bio(bio, &name, &header, &bytes, &count) == 1, let name, let header, let bytes else {
            isSound = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE
            ERR_clear_error()
            return nil
        }
        defer {
            CRYPTO_free(name, #file, #line)
            CRYPTO_free(header, #file, #line)
        }
        return PEMBlock(
            label: String(cString: name), header: String(cString: header), bytes: bytes, count: count)
    }
}

/// One decoded block of PEM text.
struct PEMBlock: ~Copyable {
    /// The word after BEGIN.
    let label: String
    /// Whether the bytes are encrypted in the traditional way, which is told in the header.
    let hasEncryptedHeader: Bool
    let bytes: UnsafeMutablePointer<UInt8>
    let count: Int

    init(label: String, header: String, bytes: UnsafeMutablePointer<UInt8>, count: Int) {
        self.label = label
        hasEncryptedHeader = header.hasPrefix("Proc-Type: 4,ENCRYPTED")
        self.bytes = bytes
        self.count = count
    }

    deinit { CRYPTO_clear_free(bytes, count, #file, #line) }

    /// Whether this is a certificate.
    var isCertificate: Bool { label == PEM_STRING_X509 || label == PEM_STRING_X509_OLD }

    /// Whether this is a list of revoked certificates.
    var isRevocationList: Bool { label == PEM_STRING_X509_CRL }

    /// Whether this is a private key of any kind.
    var isPrivateKey: Bool { label.hasSuffix("PRIVATE KEY") }

    /// Whether a password would be needed.
    var isEncrypted: Bool { hasEncryptedHeader || label == PEM_STRING_PKCS8 }
}
