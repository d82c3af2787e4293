public import Model

/// What of an installation of ingress-nginx carries over, object by object.
public struct MigrationReport: Sendable, Equatable {
    /// Those that say something about ingress-nginx, by kind, namespace and name.
    public var objects: [Object] = []
    /// Files and parts of a cluster that could not be read.
    public var problems: [Diagnostic] = []
    /// How many Ingresses were looked at.
    public var ingresses = 0
    /// How many Ingresses were passed over: they are another controller's.
    public var strangers = 0

    /// One object and its findings.
    public struct Object: Sendable, Equatable {
        /// `Ingress`, `ConfigMap`, `Deployment` or `DaemonSet`.
        public var kind: String
        /// Namespace and name.
        public var origin: Origin
        /// Where it was read from; nil is a cluster.
        public var place: SourceLocation?
        /// By name.
        public var findings: [MigrationFinding]
        /// Annotations that say the same in words that are taken here; nil takes one away.
        public var patch: [String: String?] = [:]

        /// The worst finding.
        public var verdict: MigrationFinding.Verdict { findings.map(\.verdict).max() ?? .honoured }
    }

    /// How often a name got a verdict.
    public struct Total: Sendable, Equatable {
        /// The annotation, key or flag.
        public var name: String
        /// What becomes of it.
        public var verdict: MigrationFinding.Verdict
        /// In how many objects.
        public var count: Int
        /// How it differs or why not.
        public var note: String
    }

    /// Whether all of it is kept, and everything could be read.
    public var isClean: Bool { problems.isEmpty && objects.allSatisfy { $0.verdict.isKept } }

    /// By annotation, key and flag; the worst first, then the most frequent.
    public var totals: [Total] {
        var found: [String: Total] = [:]
        for finding in objects.flatMap(\.findings) {
            let key = "\(finding.name) \(finding.verdict.rawValue)"
            var total =
                found[key]
                ?? Total(name: finding.name, verdict: finding.verdict, count: 0, note: finding.note)
            total.count += 1
            found[key] = total
        }
        return found.values.sorted {
            if $0.verdict != $1.verdict { return $0.verdict > $1.verdict }
            return $0.count != $1.count ? $0.count > $1.count : $0.name < $1.name
        }
    }

    /// How many objects have this as their worst finding.
    public func count(_ verdict: MigrationFinding.Verdict) -> Int {
        objects.count { $0.verdict == verdict }
    }
}
