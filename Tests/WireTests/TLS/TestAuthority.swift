import COpenSSL
import Glibc
import Testing

@testable import Wire

/// An authority that issues what a test wants: expired, for another name, revoked, through an intermediate.
final class TestAuthority {
    let certificate: OpaquePointer
    let key: OpaquePointer
    private let own: [UInt8]
    private let above: TestAuthority?

    static var now: Int64 { Int64(time(nil)) }

    init(_ name: String = "Test Authority", under above: TestAuthority? = nil) throws {
        var builder = CertificateBuilder(
            commonName: name, isAuthority: true, notBefore: Self.now - 3_600, notAfter: Self.now + 86_400)
        builder.pathLength = nil
        let made = try builder.build(issuer: above?.issuer)
        own = try #require(PEMWriter.certificate(made.certificate.pointer))
        certificate = made.certificate.pointer
        key = made.key.pointer
        X509_up_ref(certificate)
        EVP_PKEY_up_ref(key)
        self.above = above
    }

    deinit {
        X509_free(certificate)
        EVP_PKEY_free(key)
    }

    private var issuer: CertificateBuilder.Issuer { .init(certificate: certificate, key: key) }

    /// Its certificate alone.
    var pem: [UInt8] { own }

    func store(revoked: [UInt8] = []) throws -> TrustStore {
        try TrustStore(certificatesPEM: pem, revocationsPEM: revoked)
    }

    /// A certificate and its key, with this authority's certificate behind it if that has an issuer.
    func issue(
        _ names: String..., isForClients: Bool = false, from: Int64 = -3_600, until: Int64 = 86_400
    ) throws -> CertifiedKey {
        let pem = try issuePEM(names, isForClients: isForClients, from: from, until: until)
        return try CertifiedKey(chainPEM: pem.chain, keyPEM: pem.key)
    }

    func issuePEM(
        _ names: [String], isForClients: Bool = false, from: Int64 = -3_600, until: Int64 = 86_400
    ) throws -> Keys.PEM {
        var builder = CertificateBuilder(
            commonName: names[0], names: names, notBefore: Self.now + from, notAfter: Self.now + until)
        builder.isForClients = isForClients
        let made = try builder.build(issuer: issuer)
        let chain = try #require(PEMWriter.certificate(made.certificate.pointer))
        return Keys.PEM(
            chain: chain + (above == nil ? [] : pem), key: try #require(PEMWriter.key(made.key.pointer)))
    }

    /// A list of what it has revoked, as PEM.
    func revocations(of keys: [CertifiedKey], until: Int64 = 3_600) throws -> [UInt8] {
        guard let list = Owned(X509_CRL_new(), X509_CRL_free), let bio = BIO_new(BIO_s_mem()) else {
            throw TLSSetupError.outOfMemory
        }
        defer { BIO_free(bio) }
        X509_CRL_set_version(list.pointer, 1)
        X509_CRL_set_issuer_name(list.pointer, X509_get_subject_name(certificate))
        let times = [Self.now - 7_200, Self.now + until].map { ASN1_TIME_set(nil, Int($0)) }
        defer { times.forEach { ASN1_STRING_free($0) } }
        X509_CRL_set1_lastUpdate(list.pointer, times[0])
        X509_CRL_set1_nextUpdate(list.pointer, times[1])
        for key in keys {
            let entry = try #require(X509_REVOKED_new())
            X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(key.leaf))
            X509_REVOKED_set_revocationDate(entry, times[0])
            X509_CRL_add0_revoked(list.pointer, entry)
        }
        guard X509_CRL_sign(list.pointer, key, EVP_sha256()) > 0,
            PEM_write_bio_X509_CRL(bio, list.pointer) == 1
        else { throw TLSSetupError.outOfMemory }
        var bytes = [UInt8](repeating: 0, count: BIO_ctrl_pending(bio))
        BIO_read(bio, &bytes, Int32(bytes.count))
        return bytes
    }
}
