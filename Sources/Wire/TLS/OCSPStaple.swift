import COpenSSL
import Glibc

/// An authority's word (RFC 6960) that a certificate was not revoked, or that it was, which clients are shown beside it in
/// handshakes: about that certificate, and current. Who has signed it is the client's to judge.
public final class OCSPStaple: Sendable {
    /// The most bytes of a response.
    public static let maximumBytes = 64 << 10

    /// The response as it travels: DER.
    public let bytes: [UInt8]
    /// Which certificate it is about.
    public let subject: OCSPSubject
    /// When it stops to be current, seconds since 1970; it is shown no longer then.
    public let nextUpdate: Int64

    /// Clocks of authorities may be so much ahead, in seconds; 300 is what HAProxy allows.
    private static let tolerance: Int64 = 300

    /// Reads a response in DER about `leaf`. The issuer is compared as far as it is known. `now` is in seconds since 1970.
    init(
        _ bytes: [UInt8], leaf: OpaquePointer, issuer: OpaquePointer?, now: Int64
    ) throws(OCSPError) {
        guard bytes.count <= Self.maximumBytes else { throw .tooBig }
        let basic = try Self.decode(bytes)
        guard let single = Self.response(about: leaf, issuer, in: basic.pointer) else {
            throw .otherCertificate
        }
        var (begins, ends): (UnsafeMutablePointer<ASN1_TIME>?, UnsafeMutablePointer<ASN1_TIME>?)
        let status = OCSP_single_get0_status(single, nil, nil, &begins, &ends)
        guard status == V_OCSP_CERTSTATUS_GOOD || status == V_OCSP_CERTSTATUS_REVOKED else {
            throw .unknownCertificate
        }
        guard let begins, let ends else { throw .withoutEnd }
        nextUpdate = CertifiedKey.seconds(ends)
        guard CertifiedKey.seconds(begins) <= now + Self.tolerance else { throw .notYetValid }
        guard nextUpdate > now else { throw .expired }
        subject = OCSPSubject(OCSP_SINGLERESP_get0_id(single))
        self.bytes = bytes
    }

    /// What it says, as OpenSSL writes it for readers.
    public var text: [UInt8] {
        let decoded = bytes.withUnsafeBufferPointer { buffer in
            var cursor = buffer.baseAddress
            return d2i_OCSP_RESPONSE(nil, &cursor, buffer.count)
        }
        guard let response = Owned(decoded, OCSP_RESPONSE_free), let bio = BIO_new(BIO_s_mem()) else {
            return []
        }
        defer { BIO_free(bio) }
        guard OCSP_RESPONSE_print(bio, response.pointer, 0) != 0 else { return [] }
        let size = BIO_ctrl_pending(bio)
        return [UInt8](unsafeUninitializedCapacity: size) { buffer, filled in
            filled = Int(max(0, BIO_read(bio, buffer.baseAddress, Int32(clamping: size))))
        }
    }

    private static func decode(_ bytes: [UInt8]) throws(OCSPError) -> Owned {
        let decoded = bytes.withUnsafeBufferPointer { buffer in
            var cursor = buffer.baseAddress
            return d2i_OCSP_RESPONSE(nil, &cursor, buffer.count)
        }
        guard let response = Owned(decoded, OCSP_RESPONSE_free) else { throw .malformed }
        let status = OCSP_response_status(response.pointer)
        guard status == OCSP_RESPONSE_STATUS_SUCCESSFUL else { throw .refused(Int(status)) }
        guard let basic = Owned(OCSP_response_get1_basic(response.pointer), OCSP_BASICRESP_free) else {
            throw .malformed
        }
        return basic
    }

    private static func response(
        about leaf: OpaquePointer, _ issuer: OpaquePointer?, in basic: OpaquePointer
    ) -> OpaquePointer? {
        for i in 0..<max(0, OCSP_resp_count(basic)) {
            guard let single = OCSP_resp_get0(basic, i) else { continue }
            if isAbout(leaf, issuer, OCSP_SINGLERESP_get0_id(single)) { return single }
        }
        return nil
    }

    /// A certificate is its serial number, and its issuer by the digests of its name and its key.
    private static func isAbout(
        _ leaf: OpaquePointer, _ issuer: OpaquePointer?, _ id: OpaquePointer?
    ) -> Bool {
        var name: UnsafeMutablePointer<ASN1_OCTET_STRING>?
        var key: UnsafeMutablePointer<ASN1_OCTET_STRING>?
        var serial: UnsafeMutablePointer<ASN1_INTEGER>?
        var algorithm: OpaquePointer?
        guard OCSP_id_get0_info(&name, &algorithm, &key, &serial, id) == 1,
            let digest = EVP_get_digestbyname(OBJ_nid2sn(OBJ_obj2nid(algorithm))),
            ASN1_INTEGER_cmp(serial, X509_get0_serialNumber(leaf)) == 0,
            matches(name, { X509_NAME_digest(X509_get_issuer_name(leaf), digest, $0, $1) })
        else { return false }
        guard let issuer else { return true }
        return matches(key) { X509_pubkey_digest(issuer, digest, $0, $1) }
    }

    private static func matches(
        _ string: UnsafeMutablePointer<ASN1_OCTET_STRING>?,
        _ digest: (UnsafeMutablePointer<UInt8>, UnsafeMutablePointer<UInt32>) -> Int32
    ) -> Bool {
        var (hash, count) = ([UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE)), UInt32(0))
        guard let string, digest(&hash, &count) == 1, ASN1_STRING_length(string) == Int32(count),
            let bytes = ASN1_STRING_get0_data(string)
        else { return false }
        return memcmp(bytes, hash, Int(count)) == 0
    }
}

/// Why a response of OCSP is not shown to anybody.
public enum OCSPError: Error, Equatable, Sendable, CustomStringConvertible {
    case tooBig
    case malformed
    /// It says that the authority could not answer, by a number.
    case refused(Int)
    /// It is about other certificates.
    case otherCertificate
    /// The authority does not know the certificate.
    case unknownCertificate
    /// It does not say until when it is current.
    case withoutEnd
    case notYetValid
    case expired

    /// One phrase for a diagnostic.
    public var description: String {
        switch self {
        case .tooBig: "the OCSP response is larger than \(OCSPStaple.maximumBytes) bytes"
        case .malformed: "the OCSP response can not be decoded"
        case .refused(let status): "the OCSP response says that there is none (status \(status))"
        case .otherCertificate: "the OCSP response is about another certificate"
        case .unknownCertificate: "the OCSP response does not know the certificate"
        case .withoutEnd: "the OCSP response does not say until when it is current"
        case .notYetValid: "the OCSP response is not valid yet"
        case .expired: "the OCSP response has expired"
        }
    }
}
