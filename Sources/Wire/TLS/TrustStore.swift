import COpenSSL
import CSystem

/// Authorities whose signatures are believed, and what they have revoked.
///
/// Immutable and shared by every thread; OpenSSL guards the store inside with a lock of its own.
public final class TrustStore: Sendable {
    /// The most bytes of certificates and of revocation lists; the roots a browser trusts take 250 kB.
    public static let maximumBytes = 4 << 20

    // X509_STORE. Safe to share: it is only read after init, but for the cache that its own lock guards.
    nonisolated(unsafe) let raw: OpaquePointer
    // The subjects of the certificates, a stack that is only copied from.
    nonisolated(unsafe) let subjects: OpaquePointer

    /// Reads PEM text; blocks of other kinds are skipped. Both may hold certificates and revocation lists. Where there is a
    /// list, every certificate of a chain must be on a current list of its issuer, as HAProxy and nginx have it.
    public init(certificatesPEM: [UInt8], revocationsPEM: [UInt8] = []) throws(TrustError) {
        guard certificatesPEM.count <= Self.maximumBytes, revocationsPEM.count <= Self.maximumBytes else {
            throw .tooBig
        }
        csystem_ssl_start()
        defer { ERR_clear_error() }
        guard let store = Owned(X509_STORE_new(), X509_STORE_free),
            let subjects = Owned(OPENSSL_sk_new_null(), Self.freeSubjects)
        else { throw .outOfMemory }
        var count = (certificates: 0, revocations: 0)
        for text in [certificatesPEM, revocationsPEM] {
            try Self.read(text, into: store.pointer, subjects.pointer, &count)
        }
        guard count.certificates > 0 else { throw .noCertificate }
        guard revocationsPEM.isEmpty || count.revocations > 0 else { throw .noRevocationList }
        if count.revocations > 0 {
            X509_STORE_set_flags(store.pointer, UInt(X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL))
        }
        raw = store.take()
        self.subjects = subjects.take()
    }

    deinit {
        X509_STORE_free(raw)
        Self.freeSubjects(subjects)
    }

    private static func read(
        _ text: [UInt8], into store: OpaquePointer, _ subjects: OpaquePointer,
        _ count: inout (certificates: Int, revocations: Int)
    ) throws(TrustError) {
        guard var reader = PEMReader(text) else { throw .outOfMemory }
        while let block = reader.next() {
            var cursor: UnsafePointer<UInt8>? = UnsafePointer(block.bytes)
            if block.isCertificate {
                count.certificates += 1
                guard let certificate = Owned(d2i_X509(nil, &cursor, block.count), X509_free),
                    X509_STORE_add_cert(store, certificate.pointer) == 1,
                    let subject = X509_NAME_dup(X509_get_subject_name(certificate.pointer))
                else { throw .malformedCertificate(count.certificates) }
                OPENSSL_sk_push(subjects, UnsafeRawPointer(subject))
            } else if block.isRevocationList {
                count.revocations += 1
                guard let list = Owned(d2i_X509_CRL(nil, &cursor, block.count), X509_CRL_free),
                    X509_STORE_add_crl(store, list.pointer) == 1
                else { throw .malformedRevocationList(count.revocations) }
            }
        }
        guard reader.isSound else { throw .malformedPEM }
    }

    private static let freeSubjects: @convention(c) (OpaquePointer?) -> Void = { stack in
        OPENSSL_sk_pop_free(stack) { X509_NAME_free(OpaquePointer($0)) }
    }
}

/// Why a bundle of authorities can not be used.
public enum TrustError: Error, Equatable, Sendable, CustomStringConvertible {
    case tooBig
    case malformedPEM
    /// There is no certificate in it.
    case noCertificate
    /// There is no revocation list where one was given.
    case noRevocationList
    /// A certificate, counted from 1, can not be decoded.
    case malformedCertificate(Int)
    /// A revocation list, counted from 1, can not be decoded.
    case malformedRevocationList(Int)
    case outOfMemory

    /// One phrase for a diagnostic.
    public var description: String {
        switch self {
        case .tooBig: "the authorities are larger than \(TrustStore.maximumBytes) bytes"
        case .malformedPEM: "the authorities are not valid PEM"
        case .noCertificate: "the authorities hold no CERTIFICATE block"
        case .noRevocationList: "the revocations hold no X509 CRL block"
        case .malformedCertificate(let place): "certificate \(place) of the authorities cannot be decoded"
        case .malformedRevocationList(let place): "revocation list \(place) cannot be decoded"
        case .outOfMemory: "out of memory"
        }
    }
}
