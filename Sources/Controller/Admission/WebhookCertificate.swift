public import Kubernetes

/// A certificate for a webhook, its key, and who has signed it: what a Secret of ours holds.
public struct WebhookCertificate: Sendable, Equatable, CustomStringConvertible {
    /// The authority's certificate in PEM: whom the API server has to believe. Empty if the Secret does not say.
    public var authority: [UInt8]
    /// The chain in PEM, leaf first.
    public var chain: [UInt8]
    /// The private key in PEM. Not to be printed.
    public var key: [UInt8]

    /// A certificate from its parts.
    public init(authority: [UInt8], chain: [UInt8], key: [UInt8]) {
        (self.authority, self.chain, self.key) = (authority, chain, key)
    }

    /// What a Secret holds; nil if it lacks the chain or the key.
    public init?(_ secret: Secret) {
        guard let chain = secret.data["tls.crt"], let key = secret.data["tls.key"], !chain.isEmpty,
            !key.isEmpty
        else { return nil }
        self.init(authority: secret.data["ca.crt"] ?? [], chain: chain, key: key)
    }

    /// Sizes only.
    public var description: String { "certificate (\(chain.count) bytes, key withheld)" }

    /// When it is good, and for which names.
    public struct Facts: Sendable, Equatable {
        /// In seconds since 1970.
        public var (notBefore, notAfter): (Int64, Int64)
        /// The names it is for.
        public var names: [String]

        /// Facts from their parts.
        public init(notBefore: Int64, notAfter: Int64, names: [String]) {
            (self.notBefore, self.notAfter, self.names) = (notBefore, notAfter, names)
        }

        /// When a third of its time is left: then there is a new one.
        var renewal: Int64 {
            let (life, overflow) = notAfter.subtractingReportingOverflow(notBefore)
            guard !overflow, life > 0 else { return .min }
            return notAfter - life / 3
        }
    }
}
