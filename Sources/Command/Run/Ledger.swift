import Model
import Synchronization

/// What has been published and found out, for those who look at the process: dashboard, metrics, health.
///
/// The engine keeps what it needs to serve, in its own form; this is the same as plain values. Hosts and certificates are
/// shared with it, so the copy costs a dictionary.
final class Ledger: Sendable {
    private let entries = Mutex(Entries())

    private struct Entries {
        var configuration = Configuration()
        var publishes: UInt64 = 0
        /// What translation found.
        var findings: [Diagnostic] = []
        /// What is wrong with the files that objects were read from.
        var fileFindings: [Diagnostic] = []
        /// What the engine refused, by the object at fault.
        var refusals: [Origin: [Diagnostic]] = [:]
        var isLeaving = false
    }

    /// Enters a change that has been published and what the engine refused of it.
    func enter(_ change: Change, refused: [Diagnostic]) {
        entries.withLock { entries in
            entries.configuration.apply(change)
            entries.publishes += 1
            for name in change.certificates.keys { entries.refusals[Origin(certificate: name)] = nil }
            if change.frontends != nil {
                for object in entries.refusals.keys {
                    entries.refusals[object]?.removeAll(where: \.isAboutListening)
                }
            }
            for refusal in refused { entries.refusals[refusal.object, default: []].append(refusal) }
        }
    }

    /// Replaces what translation found.
    func replaceFindings(_ findings: [Diagnostic]) { entries.withLock { $0.findings = findings } }

    /// Replaces what is wrong with files; answers what of it is new.
    func replaceFileFindings(_ findings: [Diagnostic]) -> [Diagnostic] {
        entries.withLock { entries in
            let known = Set(entries.fileFindings)
            entries.fileFindings = findings
            return findings.filter { !known.contains($0) }
        }
    }

    /// The process is about to end: it is not ready any more.
    func leave() { entries.withLock { $0.isLeaving = true } }

    /// Whether the process is about to end.
    var isLeaving: Bool { entries.withLock { $0.isLeaving } }

    /// What is being served.
    var configuration: Configuration { entries.withLock { $0.configuration } }

    /// How often something was published.
    var publishes: UInt64 { entries.withLock { $0.publishes } }

    /// Whether the engine refuses nothing of it.
    var isTakenWhole: Bool { entries.withLock { $0.refusals.values.allSatisfy(\.isEmpty) } }

    /// All findings that still hold.
    var diagnostics: [Diagnostic] {
        entries.withLock { $0.fileFindings + $0.findings + $0.refusals.values.joined() }
    }
}

extension Origin {
    /// The Secret that a certificate was made from.
    init(certificate: CertificateName) {
        let parts = certificate.description.split(separator: "/", maxSplits: 1).map(String.init)
        self.init(namespace: parts.count == 2 ? parts[0] : "", name: parts.last ?? "")
    }
}
