import Basics
import Model

/// Which certificates end soon, or have ended. Pure; judged by the time of day, now and then: nothing has to change in a cluster
/// for it to become true.
struct ExpiryWatch {
    /// Counts changes of the diagnostics.
    private(set) var revision = 0
    /// In a stable order.
    private(set) var diagnostics: [Diagnostic] = []
    /// When to look again, in nanoseconds of the monotonic clock; nil while there are no certificates.
    private(set) var at: UInt64?
    /// When each ends, in seconds since 1970.
    private var ends: [CertificateName: Int64] = [:]

    /// So long before its end a certificate should have been renewed, in seconds.
    static let notice: Int64 = 14 * 86_400
    /// At the latest: the time of day may be set, and the monotonic clock stands still while a machine sleeps.
    private static let pace: Int64 = 3_600

    /// Takes over when certificates end; those of `names` that are not among `ends` are gone.
    mutating func note(_ names: some Sequence<CertificateName>, ends: [CertificateName: Int64]) {
        for name in names { self.ends[name] = ends[name] }
    }

    /// Whether it is time to look.
    func isDue(now: UInt64) -> Bool { at.map { $0 <= now } ?? false }

    /// Looks at all of them. `today` is the time of day in seconds since 1970, `now` nanoseconds of the monotonic clock.
    mutating func look(today: Int64, now: UInt64) {
        var found: [Diagnostic] = []
        var wait = ExpiryWatch.pace
        for (name, end) in ends.sorted(by: { $0.key.description < $1.key.description }) {
            // A foreign number: it may be any.
            let (left, overflow) = end.subtractingReportingOverflow(today)
            guard !overflow else { continue }
            if left < ExpiryWatch.notice { found.append(ExpiryWatch.finding(name, end, isOver: left <= 0)) }
            let next = left >= ExpiryWatch.notice ? left - ExpiryWatch.notice + 1 : left
            if next > 0 { wait = min(wait, next) }
        }
        at = ends.isEmpty ? nil : now &+ UInt64(clamping: wait) &* 1_000_000_000
        guard found != diagnostics else { return }
        diagnostics = found
        revision += 1
    }

    /// It says the same for as long as it holds: an Event is told again by what it says.
    private static func finding(_ name: CertificateName, _ end: Int64, isOver: Bool) -> Diagnostic {
        let parts = name.description.split(separator: "/", maxSplits: 1).map(String.init)
        let object = Origin(namespace: parts.count == 2 ? parts[0] : "", name: parts.last ?? "")
        let moment = RFC3339(seconds: end).text
        return Diagnostic(
            isOver ? .error : .warning, kind: "Secret", object: object, field: "data.tls.crt",
            reason: isOver ? "CertificateExpired" : "CertificateExpiring",
            message: isOver
                ? "the certificate has ended at \(moment): clients refuse it; put a new one here"
                : "the certificate ends at \(moment), in less than 14 days; renew it")
    }
}
