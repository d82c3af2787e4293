import COpenSSL

/// Which certificate a response of OCSP is about: the digests of its issuer's name and key, and its number (RFC 6960 4.1.1).
public struct OCSPSubject: Sendable, Equatable {
    /// All of it in DER, by which HAProxy names responses.
    public let der: [UInt8]
    /// The digest of the issuer's name.
    public let issuerName: [UInt8]
    /// The digest of its key.
    public let issuerKey: [UInt8]
    /// The number, the highest byte first.
    public let serial: [UInt8]

    init(_ id: OpaquePointer?) {
        var name: UnsafeMutablePointer<ASN1_OCTET_STRING>?
        var key: UnsafeMutablePointer<ASN1_OCTET_STRING>?
        var number: UnsafeMutablePointer<ASN1_INTEGER>?
        var whole: UnsafeMutablePointer<UInt8>?
        _ = OCSP_id_get0_info(&name, nil, &key, &number, id)
        let count = i2d_OCSP_CERTID(id, &whole)
        defer { CRYPTO_free(whole, #file, #line) }
        der = Array(UnsafeBufferPointer(start: whole, count: Int(max(0, count))))
        (issuerName, issuerKey, serial) = (Self.bytes(name), Self.bytes(key), Self.bytes(number))
    }

    /// Nothing where the identity could not be read.
    private static func bytes(_ string: UnsafeMutablePointer<ASN1_STRING>?) -> [UInt8] {
        guard let string else { return [] }
        return Array(
            UnsafeBufferPointer(
                start: ASN1_STRING_get0_data(string), count: Int(max(0, ASN1_STRING_length(string)))))
    }
}
