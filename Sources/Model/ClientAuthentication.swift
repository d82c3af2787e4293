/// Whether clients have to show a certificate under a server name, and who must have signed it: mutual TLS.
///
/// It holds for requests whose Host is that name, on connections that were opened for it; a request that comes on any other
/// connection is answered 421 where a certificate is required.
public struct ClientAuthentication: Sendable, Hashable {
    /// What is asked of clients.
    public var demand: Demand
    /// Who may have signed a client's certificate, and what was revoked.
    public var authorities: AuthorityBundle
    /// How many authorities may stand between a client's certificate and a trusted one; nil is OpenSSL's limit of 100.
    public var verifyDepth: Int?
    /// What becomes of clients that do not meet the demand.
    public var refusal: Refusal
    /// HAProxy's `crt-ignore-err`: what may be wrong with a client's certificate all the same. Default nothing. It counts where
    /// the handshake judges.
    public var ignoredErrors: IgnoredErrors
    /// HAProxy's `ca-ignore-err`: the same of the authorities above it.
    public var ignoredAuthorityErrors: IgnoredErrors
    /// What servers are told of the certificate.
    public var headers: ClientCertificateHeaders
    /// A regular expression that has to match somewhere in the subject, as RFC 2253 writes it; others are answered 403. Default
    /// none.
    public var subjectPattern: String?
    /// Where clients are sent that would be answered 400. Default nowhere.
    public var errorLocation: String?
    /// Whether requests without TLS are left to the rules of their routes, instead of being answered 421 where a certificate is
    /// required. Default no.
    public var leavesPlainToRules: Bool

    /// HAProxy's `verify` and ingress-nginx's `auth-tls-verify-client`.
    public enum Demand: Sendable, Hashable {
        /// A good certificate.
        case required
        /// A good one or none.
        case optional
        /// Any or none, whoever signed it: servers judge.
        case optionalNoCA
    }

    /// Which verdicts about a certificate do not count.
    public enum IgnoredErrors: Sendable, Hashable {
        case all
        /// Those of these numbers, which are OpenSSL's (`X509_V_ERR_…`).
        case only(Set<Int>)
    }

    /// How a client is refused.
    public enum Refusal: Sendable, Hashable {
        /// The handshake fails with an alert, as HAProxy has it.
        case handshake
        /// Every request is answered 400, as nginx has it.
        case answer
    }

    /// Certificates of these authorities are required; servers are told as ingress-nginx tells them.
    public init(authorities: AuthorityBundle) {
        demand = .required
        self.authorities = authorities
        verifyDepth = nil
        refusal = .handshake
        (ignoredErrors, ignoredAuthorityErrors) = (.only([]), .only([]))
        headers = ClientCertificateHeaders()
        (subjectPattern, errorLocation, leavesPlainToRules) = (nil, nil, false)
    }
}

/// Under which names servers are told of a client's certificate; nil tells nothing. What a client itself sends under one of
/// these names is always removed.
public struct ClientCertificateHeaders: Sendable, Hashable {
    /// `SUCCESS`, `NONE` or `FAILED:` with the reason. Default `ssl-client-verify`.
    public var verification: String?
    /// The subject as RFC 2253 writes it. Default `ssl-client-subject-dn`.
    public var subject: String?
    /// The issuer. Default `ssl-client-issuer-dn`.
    public var issuer: String?
    /// The certificate as PEM, percent-encoded. Default none; ingress-nginx's name is `ssl-client-cert`.
    public var certificate: String?
    /// The SHA-1 fingerprint in hexadecimal digits. Default none.
    public var fingerprint: String?
    /// The serial number in hexadecimal digits. Default none.
    public var serial: String?

    /// ingress-nginx's names.
    public init() {
        verification = "ssl-client-verify"
        subject = "ssl-client-subject-dn"
        issuer = "ssl-client-issuer-dn"
        (certificate, fingerprint, serial) = (nil, nil, nil)
    }

    /// Nothing is told.
    public static let none: ClientCertificateHeaders = {
        var headers = ClientCertificateHeaders()
        (headers.verification, headers.subject, headers.issuer) = (nil, nil, nil)
        return headers
    }()

    /// All that are set.
    public var names: [String] {
        [verification, subject, issuer, certificate, fingerprint, serial].compactMap { $0 }
    }
}
