import COpenSSL
import CSystem

/// What a list of revocations says of itself, for operators.
public struct RevocationFacts: Sendable, Equatable {
    /// The version, from 1.
    public let version: Int
    /// How it is signed, by OpenSSL's name.
    public let algorithm: String
    /// Who signed it, as `/CN=a.test/O=Org`.
    public let issuer: String
    /// As OpenSSL prints times: `Nov 22 10:14:28 2026 GMT`.
    public let (lastUpdate, nextUpdate): (String, String)
    /// What is revoked: numbers of certificates in hexadecimal digits, and since when.
    public let revoked: [Entry]

    /// A certificate that is revoked.
    public struct Entry: Sendable, Equatable {
        /// Its number, and since when.
        public let (serial, date): (String, String)
    }

    /// Reads the lists of PEM text; empty if there are none, or one can not be decoded.
    public static func read(_ pem: [UInt8]) -> [RevocationFacts] {
        guard pem.count <= TrustStore.maximumBytes, var reader = PEMReader(pem) else { return [] }
        csystem_ssl_start()
        defer { ERR_clear_error() }
        var found: [RevocationFacts] = []
        while let block = reader.next() {
            guard block.isRevocationList else { continue }
            var cursor: UnsafePointer<UInt8>? = UnsafePointer(block.bytes)
            guard let list = Owned(d2i_X509_CRL(nil, &cursor, block.count), X509_CRL_free) else { return [] }
            found.append(RevocationFacts(list.pointer))
        }
        return reader.isSound ? found : []
    }

    private init(_ list: OpaquePointer) {
        version = X509_CRL_get_version(list) &+ 1
        algorithm = OBJ_nid2ln(X509_CRL_get_signature_nid(list)).map { String(cString: $0) } ?? ""
        issuer = CertificateFacts.text(X509_CRL_get_issuer(list))
        lastUpdate = CertificateFacts.text(X509_CRL_get0_lastUpdate(list))
        nextUpdate = CertificateFacts.text(X509_CRL_get0_nextUpdate(list))
        let entries = X509_CRL_get_REVOKED(list)
        revoked = (0..<max(0, entries == nil ? 0 : OPENSSL_sk_num(entries))).map { place in
            let entry = OpaquePointer(OPENSSL_sk_value(entries, place))
            return Entry(
                serial: CertificateFacts.digits(of: X509_REVOKED_get0_serialNumber(entry)),
                date: CertificateFacts.text(X509_REVOKED_get0_revocationDate(entry)))
        }
    }
}

extension CertificateFacts {
    /// Reads every certificate of PEM text, each by itself; empty if there are none, or one can not be decoded.
    public static func each(of pem: [UInt8]) -> [CertificateFacts] {
        guard pem.count <= TrustStore.maximumBytes, var reader = PEMReader(pem),
            let none = Owned(OPENSSL_sk_new_null(), { OPENSSL_sk_free($0) })
        else { return [] }
        csystem_ssl_start()
        defer { ERR_clear_error() }
        var found: [CertificateFacts] = []
        while let block = reader.next() {
            guard block.isCertificate else { continue }
            var cursor: UnsafePointer<UInt8>? = UnsafePointer(block.bytes)
            guard let certificate = Owned(d2i_X509(nil, &cursor, block.count), X509_free) else { return [] }
            found.append(CertificateFacts(certificate.pointer, none.pointer))
        }
        return reader.isSound ? found : []
    }
}
