/// A `crt-store` section while it is read: certificates under names, put together from their files.
struct CertificateStoreSection: Sendable {
    /// What stands between '@' and '/'; empty for the one without a name.
    let name: String
    /// `crt-base` and `key-base` of this section; nil is those of `global`.
    var certificateBase: String?
    var keyBase: String?
    /// What lines may name, and what that is.
    var certificates: [String: StoredCertificate] = [:]
    /// Its lines as they are written.
    var lines: [[Word]] = []
}

/// A certificate with its key, by the name that lines have for it.
struct StoredCertificate: Sendable, Equatable {
    let name: String
    let pem: [UInt8]
    let response: [UInt8]?

    /// As a line that names it has it.
    var draft: CertificateDraft {
        var draft = CertificateDraft(path: name, pem: pem)
        draft.ocspResponse = response
        return draft
    }
}

/// A keyword of a `crt-store` section.
typealias CertificateStoreKeyword = Keyword<CertificateStoreSection>
