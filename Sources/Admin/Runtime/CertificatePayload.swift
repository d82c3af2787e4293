import Wire

/// A certificate that is not served.
enum CertificatePayload: Sendable {
    /// Nothing yet.
    case empty
    /// A chain whose key is missing.
    case chain(CertificateFacts)
    case whole(CertifiedKey)

    var facts: CertificateFacts? {
        switch self {
        case .empty: nil
        case .chain(let facts): facts
        case .whole(let key): key.facts
        }
    }

    /// Whether it can be served.
    var isWhole: Bool {
        guard case .whole = self else { return false }
        return true
    }

    /// Reads PEM.
    init(_ pem: [UInt8]) throws(CertificateError) {
        do throws(CertificateError) {
            self = .whole(try CertifiedKey(chainPEM: pem, keyPEM: pem))
        } catch .noKey {
            self = .chain(try CertificateFacts(chainPEM: pem))
        }
    }
}

/// Certificates that are about to be changed; what they were when that began.
typealias CertificateTransactions = Transactions<CertificatePayload, CertificateFacts>
