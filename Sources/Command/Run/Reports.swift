import Admin
import Controller
import Engine
import Kubernetes
import Synchronization

/// What this process writes to the cluster while it leads.
final class Reports: Sendable {
    private let election: Election
    private let status: StatusReporter?
    private let events: EventReporter?
    private let source: StatusSource?
    private let addresses: [LoadBalancerAddress]
    /// What takes back what was written when the last replica ends; nil leaves it there.
    private let clearing: StatusClearing?
    private let isLeaving = Atomic<Bool>(false)
    /// What others do when the lead begins.
    private let others = Beginning()

    /// Reports that have not started.
    init(_ service: Service, _ client: APIClient, _ pod: OwnPod) {
        let (choices, log, engine) = (service.settings.writing, service.log, service.engine)
        // The election tells the reporters, and they ask the election.
        let begin = Beginning()
        let identity = service.place?.identity ?? Election.makeIdentity()
        let others = others
        let election = Election.of(choices, client, log, as: identity) {
            begin.call()
            others.call()
        }
        self.election = election
        addresses = choices.publishAddresses.map { StatusAddress.of($0) }
        let leadership = election.leadership
        let events =
            election.writes
            ? EventReporter(
                client, instance: election.identity, mayWrite: { leadership.isHeld },
                tell: { log.warning("Events: \($0)") }) : nil
        self.events = events
        begin.set { events?.begin() }
        guard choices.publishService != nil || !addresses.isEmpty || choices.publishNodes != nil else {
            (status, source, clearing) = (nil, nil, nil)
            return
        }
        let status = StatusReporter(
            client, gate: { leadership.isHeld ? (engine.isSettled ? .open : .unsettled) : .closed },
            tell: { log.warning("status of Ingresses: \($0)") })
        self.status = status
        clearing = choices.clearsStatus ? StatusClearing(status, pod, log) : nil
        begin.set {
            status.begin()
            events?.begin()
        }
        source = StatusSource(choices, client, pod, log) { status.want($0) }
    }

    /// Whether this process may write.
    var leadership: Leadership { election.leadership }

    /// Has something else done whenever this process begins to lead.
    func onLead(_ action: @escaping @Sendable () -> Void) { others.set(action) }

    /// What the pipeline tells how Ingresses stand; nil if nobody wants to know.
    var onStandings: (@Sendable ([ObjectKey: IngressStanding?]) -> Void)? {
        guard let status else { return nil }
        return { standings in status.note(standings) }
    }

    /// What the pipeline tells what is wrong; nil if nobody wants to know.
    var onFindings: (@Sendable ([Finding]) -> Void)? {
        guard let events else { return nil }
        return { findings in events.note(findings) }
    }

    /// Begins to follow what is published and to stand for election.
    func start() {
        status?.want(addresses)
        source?.start()
        election.start()
    }

    /// Writes nothing more and gives the lead up. Who takes back what was written first needs the lead for that: `hasLeft` says
    /// when it is over.
    func leave() {
        guard !isLeaving.exchange(true, ordering: .relaxed) else { return }
        guard let clearing, election.leadership.isHeld else { return end() }
        clearing.begin { [self] in end() }
    }

    /// Whether nothing is being taken back any more.
    var hasLeft: Bool { clearing?.isUnderway != true }

    private func end() {
        status?.stop()
        events?.stop()
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
        election.families + [
            Reports.family(
                "sluice_status_patches_total", "Patches of the status of Ingresses, by how they ended.",
                status?.statistics),
            Reports.family(
                "sluice_event_writes_total", "Events written, by how that ended.", events?.statistics),
        ]
    }

    private static func family(_ name: String, _ help: String, _ counts: [String: Int]?) -> MetricFamily {
        let sorted = (counts ?? [:]).sorted { $0.key < $1.key }
        return MetricFamily(
            name, .counter, help, sorted.map { .init(Double($0.value), ["result": $0.key]) })
    }
}

/// What is done when the lead begins; known only after the election has been made.
private final class Beginning: Sendable {
    private let action = Mutex<(@Sendable () -> Void)?>(nil)

    func set(_ action: @escaping @Sendable () -> Void) { self.action.withLock { $0 = action } }

    func call() { action.withLock { $0 }?() }
}
