public import Basics
import COpenSSL
import CSystem
import Glibc

/// A certificate of a session, read when somebody asks. Good while the session lives.
public struct HeldCertificate {
    private let raw: OpaquePointer

    init(_ raw: OpaquePointer) { self.raw = raw }

    /// 1 to 3, or whatever its maker wrote: OpenSSL looks at signatures, not at this.
    public var version: Int { X509_get_version(raw) &+ 1 }

    /// The bytes of the serial number.
    public var serial: [UInt8] { bytes(of: X509_get0_serialNumber(raw)) }

    /// All of it (X.690).
    public var der: [UInt8] {
        let count = i2d_X509(raw, nil)
        guard count > 0 else { return [] }
        return [UInt8](unsafeUninitializedCapacity: Int(count)) { buffer, filled in
            var place = buffer.baseAddress
            filled = Int(max(0, i2d_X509(raw, &place)))
        }
    }

    /// SHA-1 over all of it.
    public var sha1: [UInt8] {
        var hash = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var count: UInt32 = 0
        guard X509_digest(raw, EVP_sha1(), &hash, &count) == 1 else { return [] }
        return Array(hash.prefix(Int(count)))
    }

    /// From when it is good, as `YYMMDDhhmmssZ`; empty for another century.
    public var notBefore: [UInt8] { time(X509_get0_notBefore(raw)) }
    /// Until when.
    public var notAfter: [UInt8] { time(X509_get0_notAfter(raw)) }

    /// OpenSSL's short name of how it was signed.
    public var signatureAlgorithm: String { name(of: X509_get_signature_nid(raw)) }

    /// And of what its key is for.
    public var keyAlgorithm: String {
        var algorithm: OpaquePointer?
        guard let key = X509_get_X509_PUBKEY(raw),
            X509_PUBKEY_get0_param(&algorithm, nil, nil, nil, key) == 1, let algorithm
        else { return "" }
        return name(of: OBJ_obj2nid(algorithm))
    }

    /// Whose it is.
    public var subject: HeldName { HeldName(X509_get_subject_name(raw)) }
    /// Who signed it.
    public var issuer: HeldName { HeldName(X509_get_issuer_name(raw)) }

    /// A time of the 21st century begins with the year, of two digits or of four (RFC 5280 4.1.2.5).
    private func time(_ time: UnsafePointer<ASN1_TIME>?) -> [UInt8] {
        guard let time else { return [] }
        let text = HeldCertificate.bytes(UnsafePointer(time))
        guard time.pointee.type == V_ASN1_GENERALIZEDTIME else { return text }
        return text.count >= 14 && text.starts(with: Array("20".utf8)) ? Array(text.dropFirst(2)) : []
    }

    private func bytes(of number: UnsafePointer<ASN1_INTEGER>?) -> [UInt8] {
        number.map { HeldCertificate.bytes($0) } ?? []
    }

    static func bytes(_ text: UnsafePointer<ASN1_STRING>) -> [UInt8] {
        guard let start = ASN1_STRING_get0_data(text) else { return [] }
        return Array(UnsafeBufferPointer(start: start, count: Int(ASN1_STRING_length(text))))
    }

    private func name(of nid: Int32) -> String { OBJ_nid2sn(nid).map { String(cString: $0) } ?? "" }
}

/// A distinguished name of a certificate.
public struct HeldName {
    private let raw: OpaquePointer?

    init(_ raw: OpaquePointer?) { self.raw = raw }

    /// Every entry as `/CN=value`, in the certificate's order.
    public var line: [UInt8] {
        entries.reduce(into: []) { line, entry in
            line += Array("/\(entry.name)=".utf8) + entry.value
        }
    }

    /// As RFC 2253 writes it, the last entry first.
    public var rfc2253: [UInt8] {
        guard let raw, let bio = BIO_new(BIO_s_mem()) else { return [] }
        defer { BIO_free(bio) }
        guard csystem_write_name(bio, raw) else { return [] }
        let size = min(BIO_ctrl_pending(bio), 8_192)
        return [UInt8](unsafeUninitializedCapacity: size) { buffer, filled in
            filled = Int(max(0, BIO_read(bio, buffer.baseAddress, Int32(clamping: size))))
        }
    }

    /// The value of the entry of this name, in letters of either case, that is the nth from the first, or with a negative number from the last; nil without.
    public func value(of name: ByteView, occurrence: Int) -> [UInt8]? {
        let found = entries.filter { $0.name.withView { $0.equalsIgnoringCase(name) } }
        let place = occurrence > 0 ? occurrence - 1 : found.count + occurrence
        return occurrence != 0 && found.indices.contains(place) ? found[place].value : nil
    }

    private var entries: [(name: String, value: [UInt8])] {
        guard let raw else { return [] }
        return (0..<X509_NAME_entry_count(raw)).compactMap { place in
            guard let entry = X509_NAME_get_entry(raw, place), let value = X509_NAME_ENTRY_get_data(entry),
                let object = X509_NAME_ENTRY_get_object(entry)
            else { return nil }
            return (HeldName.name(of: object), HeldCertificate.bytes(value))
        }
    }

    /// The short name, or the numbers of what OpenSSL has none for.
    private static func name(of object: OpaquePointer) -> String {
        let nid = OBJ_obj2nid(object)
        if nid != NID_undef, let name = OBJ_nid2sn(nid) { return String(cString: name) }
        var text = [CChar](repeating: 0, count: 128)
        guard OBJ_obj2txt(&text, Int32(text.count), object, 1) > 0 else { return "" }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

extension TLSSession {
    /// The certificate that the other side, the client where we are not one, has sent, whatever was found of it; in a resumed session
    /// the one it sent then.
    public var clientCertificate: HeldCertificate? {
        SSL_get0_peer_certificate(ssl).map { HeldCertificate($0) }
    }

    /// The certificate that it was shown; of a resumed session none may be known.
    public var ownCertificate: HeldCertificate? { SSL_get_certificate(ssl).map { HeldCertificate($0) } }

    /// OpenSSL's number for what was found of the client's certificate; 0 is nothing, also without one.
    public var verificationResult: Int { SSL_get_verify_result(ssl) }

    /// Whether there is such a certificate.
    public var hasClientCertificate: Bool { SSL_get0_peer_certificate(ssl) != nil }
    /// Whether it came with this very handshake.
    public var hasSentCertificate: Bool { hasClientCertificate && !isResumed }

    /// The name of the session; nil without one. Good while the session lives.
    public var sessionID: ByteView? {
        var count: UInt32 = 0
        guard let session = SSL_get_session(ssl), let start = SSL_SESSION_get_id(session, &count), count > 0
        else { return nil }
        return ByteView(start: start, count: Int(count))
    }

    /// Bits of the cipher's key, and how many of them are secret.
    public var keySize: (all: Int, secret: Int) {
        var all: Int32 = 0
        let secret = SSL_CIPHER_get_bits(SSL_get_current_cipher(ssl), &all)
        return (Int(all), Int(secret))
    }
}
