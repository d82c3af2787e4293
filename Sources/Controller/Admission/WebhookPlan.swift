import Kubernetes

/// Which write comes next so that the webhook has a certificate, and the API server believes it. Pure; `now` is nanoseconds of the
/// monotonic clock, `today` seconds since 1970.
///
/// ```
///   Secret good ──────────► configuration believes its authority? ── no ──► patch configuration ─► again
///        │ absent, bad, or in its last third
///        └► make one ─► configuration believes old and new ─► a moment ─► write it into the Secret
/// ```
/// The authority comes first and the certificate a moment later, so that no API server meets one whose authority it does not know.
/// An authority signs once: its key is never kept.
struct WebhookPlan {
    /// What is done next.
    enum Step: Equatable {
        case idle
        case wait(until: UInt64)
        /// Believe these, in every webhook of the configuration.
        case believe(WebhookConfiguration, [UInt8])
        /// Put it into the Secret, as long as that has this version.
        case hold(WebhookCertificate, version: String)
    }

    /// Makes and reads certificates.
    struct Craft: Sendable {
        /// A new one, with a new authority; nil if none can be made.
        var make: @Sendable (_ today: Int64) -> WebhookCertificate?
        /// What one is; nil if nobody can serve with it.
        var read: @Sendable (WebhookCertificate) -> WebhookCertificate.Facts?
    }

    private let name: String
    private let craft: Craft
    /// nil as long as nobody knows; inside, nil if there is none.
    private var secret: Secret??
    private var held: (certificate: WebhookCertificate, facts: WebhookCertificate.Facts)?
    private var configuration: WebhookConfiguration??
    private var next: WebhookCertificate?
    /// Since when the next one's authority is believed.
    private var believedSince: UInt64?
    /// Nothing is written before.
    private var restsUntil: UInt64 = 0

    /// How long API servers may take to hear of whom to believe, in nanoseconds: they watch their configuration.
    private static let moment: UInt64 = 5_000_000_000
    /// How often times of day are looked at.
    private static let pace: UInt64 = 3_600_000_000_000

    /// A plan that knows nothing; `name` is the one API servers call the webhook by.
    init(name: String, craft: Craft) { (self.name, self.craft) = (name, craft) }

    /// What is missing in the cluster, as one sentence; nil if nothing is.
    var absence: String? {
        if case .some(.none) = secret { return "its Secret does not exist: create an empty one" }
        if case .some(.none) = configuration { return "its ValidatingWebhookConfiguration does not exist" }
        return nil
    }

    mutating func note(_ secret: Secret?) {
        self.secret = .some(secret)
        let certificate = secret.flatMap { WebhookCertificate($0) }
        held = certificate.flatMap { certificate in craft.read(certificate).map { (certificate, $0) } }
        if next != nil, certificate == next { forgetNext() }
    }

    mutating func note(_ configuration: WebhookConfiguration?) { self.configuration = .some(configuration) }

    /// What is to be done, if this process may do it.
    mutating func step(now: UInt64, today: Int64) -> Step {
        guard case .some(.some(let secret)) = secret, case .some(.some(let configuration)) = configuration,
            !configuration.webhooks.isEmpty
        else { return .idle }
        guard now >= restsUntil else { return .wait(until: restsUntil) }
        if let held, isGood(held.facts, today), !held.certificate.authority.isEmpty {
            forgetNext()
            guard configuration.believes(held.certificate.authority) else {
                return .believe(configuration, held.certificate.authority)
            }
            return .wait(until: now &+ WebhookPlan.pace)
        }
        guard let next = next ?? craft.make(today) else { return .wait(until: now &+ WebhookPlan.pace) }
        self.next = next
        guard configuration.believes(next.authority) else {
            believedSince = nil
            return .believe(configuration, (held?.certificate.authority ?? []) + next.authority)
        }
        let since = believedSince ?? now
        believedSince = since
        // Without a certificate before there is nobody who would be put off by the new one.
        let due = held == nil ? since : since &+ WebhookPlan.moment
        guard now >= due else { return .wait(until: due) }
        return .hold(next, version: secret.meta.resourceVersion)
    }

    /// A write of the next certificate has ended.
    mutating func wrote(_ certificate: WebhookCertificate) {
        guard let facts = craft.read(certificate) else { return }
        held = (certificate, facts)
        forgetNext()
    }

    /// A write was not taken: what is there is not what was known.
    mutating func rest(from now: UInt64, seconds: UInt64) { restsUntil = now &+ seconds &* 1_000_000_000 }

    private mutating func forgetNext() { (next, believedSince) = (nil, nil) }

    private func isGood(_ facts: WebhookCertificate.Facts, _ today: Int64) -> Bool {
        today < facts.renewal && facts.notBefore <= today && facts.names.contains(name)
    }
}

extension WebhookConfiguration {
    /// Whether each webhook of it believes an authority.
    func believes(_ authority: [UInt8]) -> Bool {
        webhooks.allSatisfy { $0.authorities.holds(authority) }
    }
}

extension Array where Element == UInt8 {
    /// Whether `part` stands somewhere in it.
    fileprivate func holds(_ part: [UInt8]) -> Bool {
        guard let first = part.first, part.count <= count else { return false }
        return (0...(count - part.count)).contains { start in
            self[start] == first && self[start..<start + part.count].elementsEqual(part)
        }
    }
}
