import Basics
import COpenSSL
import Glibc

/// What a PROXY header tells of a session.
extension TLSSession {
    /// Calls `body` with `facts` and what this session adds to them, good for the call. A host name that stands in
    /// `facts` stays.
    public func withFacts<Result>(_ facts: ProxyFacts, _ body: (ProxyFacts) -> Result) -> Result {
        var facts = facts
        var name: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        SSL_get0_alpn_selected(ssl, &name, &count)
        facts.alpn = name.map { ByteView(start: $0, count: Int(count)) }
        if facts.authority == nil {
            facts.authority = TLSSession.view(SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name))
        }
        var tls = ProxyFacts.TLS(version: TLSSession.view(SSL_get_version(ssl)) ?? .empty)
        tls.cipher = TLSSession.view(cipherName) ?? .empty
        if let shown = SSL_get0_peer_certificate(ssl) {
            tls.hasCertificate = true
            tls.sentCertificate = !isResumed
            tls.verifyResult = UInt32(truncatingIfNeeded: SSL_get_verify_result(ssl))
            tls.commonName = TLSSession.commonName(of: shown)
        }
        guard let certificate = SSL_get_certificate(ssl) else {
            facts.tls = tls
            return body(facts)
        }
        tls.signature = TLSSession.view(OBJ_nid2sn(X509_get_signature_nid(certificate))) ?? .empty
        return TLSSession.keyName(of: certificate).withView { key in
            tls.key = key
            facts.tls = tls
            return body(facts)
        }
    }

    /// Algorithm and bits, e.g. `RSA2048`, as HAProxy names them; empty for an algorithm it has no name for.
    private static func keyName(of certificate: OpaquePointer) -> String {
        guard let key = X509_get0_pubkey(certificate) else { return "" }
        let bits = EVP_PKEY_get_bits(key)
        return switch EVP_PKEY_get_base_id(key) {
        case EVP_PKEY_RSA: "RSA\(bits)"
        case EVP_PKEY_EC: "EC\(bits)"
        case EVP_PKEY_DSA: "DSA\(bits)"
        default: ""
        }
    }

    /// As it stands in the certificate, which lives as long as the session.
    private static func commonName(of certificate: OpaquePointer) -> ByteView {
        let subject = X509_get_subject_name(certificate)
        let place = X509_NAME_get_index_by_NID(subject, NID_commonName, -1)
        guard place >= 0, let text = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, place)),
            let start = ASN1_STRING_get0_data(text)
        else { return .empty }
        return ByteView(start: start, count: Int(max(0, ASN1_STRING_length(text))))
    }

    /// OpenSSL's strings are static or the session's.
    private static func view(_ text: UnsafePointer<CChar>?) -> ByteView? {
        text.map { text in
            let start = UnsafeRawPointer(text).assumingMemoryBound(to: UInt8.self)
            return ByteView(start: start, count: strlen(text))
        }
    }
}
