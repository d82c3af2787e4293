import Admin
import Controller
import Engine
import Kubernetes
import Synchronization

/// What this process writes to the cluster while it leads.
final class Reports: Sendable {
    private let election: Election
    private let status: StatusReporter?
    private let source: PublishSource?
    private let addresses: [LoadBalancerAddress]

    /// Reports that have not started.
    init(_ service: Service, _ client: APIClient) {
        let (choices, log, engine) = (service.settings.writing, service.log, service.engine)
        // The election tells the reporters, and they ask the election.
        let begin = Beginning()
        let election = Election.of(choices, client, log) { begin.call() }
        self.election = election
        addresses = choices.publishAddresses.map { StatusAddress.of($0) }
        guard choices.publishService != nil || !addresses.isEmpty else {
            (status, source) = (nil, nil)
            return
        }
        let leadership = election.leadership
        let status = StatusReporter(
            client, gate: { leadership.isHeld ? (engine.isSettled ? .open : .unsettled) : .closed },
            tell: { log.warning("status of Ingresses: \($0)") })
        self.status = status
        begin.set { status.begin() }
        source = choices.publishService.map { name in
            let key = ObjectKey(namespace: name.namespace, name: name.name)
            return PublishSource(
                client, service: key, report: { RunController.tell("--publish-service: \($0)", $1, log) },
                deliver: { addresses in
                    if addresses.isEmpty {
                        log.warning("--publish-service: \(key) has no address; status stays as it is")
                    }
                    status.want(addresses)
                })
        }
    }

    /// What the pipeline tells how Ingresses stand; nil if nobody wants to know.
    var onStandings: (@Sendable ([ObjectKey: IngressStanding?]) -> Void)? {
        guard let status else { return nil }
        return { standings in status.note(standings) }
    }

    /// Begins to follow what is published and to stand for election.
    func start() {
        status?.want(addresses)
        source?.start()
        election.start()
    }

    /// Writes nothing more and gives the lead up.
    func leave() {
        status?.stop()
        election.leave()
    }

    /// Ends what is left.
    func stop() {
        leave()
        source?.stop()
        election.stop()
    }

    /// Metrics of all of it.
    var families: [MetricFamily] {
        let writes = status?.statistics ?? [:]
        return election.families + [
            MetricFamily(
                "sluice_status_patches_total", .counter,
                "Patches of the status of Ingresses, by how they ended.",
                writes.sorted { $0.key < $1.key }.map { .init(Double($0.value), ["result": $0.key]) })
        ]
    }
}

/// What is done when the lead begins; known only after the election has been made.
private final class Beginning: Sendable {
    private let action = Mutex<(@Sendable () -> Void)?>(nil)

    func set(_ action: @escaping @Sendable () -> Void) { self.action.withLock { $0 = action } }

    func call() { action.withLock { $0 }?() }
}
