import Admin
import Glibc
import Kubernetes
import Synchronization

/// This process's part in the election of the one replica that writes to the cluster.
///
/// Traffic does not depend on it: who loses the lead, or never gets it, serves as before.
final class Election: Sendable {
    /// Whether this process may write now.
    let leadership: Leadership
    /// What this process is called where several take part.
    let identity: String
    /// Whether anything is written at all.
    let writes: Bool
    private let elector: LeaderElector?
    private let isLeaving = Atomic<Bool>(false)
    private let released = Latch()

    /// How long the end of the process waits for the Lease to be given up, in milliseconds.
    private static let patience: Int32 = 1_500

    private init(_ leadership: Leadership, _ identity: String, _ elector: LeaderElector?, writes: Bool = true)
    {
        (self.leadership, self.identity, self.elector, self.writes) = (leadership, identity, elector, writes)
    }

    /// The election as the command line asks for it.
    ///
    /// `onLead` is called when this process has begun to lead, or leads again after trouble.
    static func of(
        _ choices: WritingChoices, _ client: APIClient, _ log: Logger, as identity: String,
        onLead: @escaping @Sendable () -> Void
    ) -> Election {
        guard choices.isAskedFor || client.access.isServiceAccount else {
            log.info("nothing is written to this cluster: not asked for with a kubeconfig")
            return Election(Leadership(), identity, nil, writes: false)
        }
        guard choices.holdsElection else {
            log.info("no election: this process writes to the cluster as if it were the only one")
            return Election(.always, identity, nil)
        }
        let namespace = client.access.namespace.isEmpty ? "default" : client.access.namespace
        let lease = ObjectKey(namespace: namespace, name: choices.electionID)
        let elector = LeaderElector(client, lease: lease, identity: identity) { condition in
            tell(condition, lease, log)
            if condition == .leading { onLead() }
        }
        return Election(elector.leadership, identity, elector)
    }

    /// Begins to stand for election.
    func start() { elector?.start() }

    /// Gives the lead up, so that another replica has it before this process ends.
    func leave() {
        guard !isLeaving.exchange(true, ordering: .relaxed), let elector else { return }
        let released = released
        elector.release { released.open() }
    }

    /// Waits for that, a moment.
    func stop() {
        leave()
        if elector != nil { released.wait(milliseconds: Self.patience) }
    }

    /// Whether this process leads, and how often it has begun to.
    var families: [MetricFamily] {
        [
            MetricFamily(
                "sluice_leader", .gauge, "1 while this process may write to the cluster.",
                leadership.isHeld ? 1 : 0),
            MetricFamily(
                "sluice_leader_elections_total", .counter, "How often this process has become the leader.",
                Double(leadership.elections)),
        ]
    }

    private static func tell(_ condition: LeaseCondition, _ lease: ObjectKey, _ log: Logger) {
        switch condition {
        case .starting, .vacant: break
        case .leading: log.info("leading: holds the Lease \(lease)")
        case .following(let holder): log.info("following: \(holder) holds the Lease \(lease)")
        case .forbidden(let reason):
            log.error("Lease \(lease): no permission, another replica has to write to the cluster: \(reason)")
        case .failing(let reason): log.warning("Lease \(lease): \(reason)")
        }
    }

    /// The pod's name, and what no other process has: a container that starts again is another candidate, an
    /// engine that its supervisor starts again is the same.
    static func makeIdentity() -> String {
        var name = [CChar](repeating: 0, count: 256)
        let host =
            gethostname(&name, name.count - 1) == 0
            ? String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            : "sluice"
        return "\(host)_\(String(UInt64.random(in: .min ... .max), radix: 16))"
    }
}
