import Basics

/// Takes part in the election for a Lease until it is released.
///
/// It lives on the client's thread beside the watches, so that neither translation nor traffic delays a renewal, nor the
/// other way round. The Lease is watched too: a leader that goes in order is replaced at once. Losing the lead changes
/// nothing but `leadership`.
public final class LeaderElector: Sendable {
    /// Whether this process leads.
    public let leadership = Leadership()
    private let client: APIClient
    private let lease: ObjectKey
    private let identity: String
    private let report: @Sendable (LeaseCondition) -> Void
    private let watch: Informer<Lease>
    private let seat: Seat

    /// What the candidate is found by on the client's thread.
    private final class Seat: Sendable {}

    /// A candidate that has not started. `report` hears of each change, on the client's thread.
    public init(
        _ client: APIClient, lease: ObjectKey, identity: String,
        report: @escaping @Sendable (LeaseCondition) -> Void
    ) {
        let seat = Seat()
        let selection = ObjectSelection(
            namespace: lease.namespace, fieldSelector: "metadata.name=\(lease.name)")
        watch = Informer(client, selecting: selection) { batch in
            for case .upserted(let seen) in batch.changes {
                _ = client.post { loop in
                    (loop.tenant(of: ObjectIdentifier(seat)) as? Candidate)?.take(.watched(seen))
                }
            }
        }
        self.client = client
        self.lease = lease
        self.identity = identity
        self.report = report
        self.seat = seat
    }

    deinit {
        let seat = seat
        _ = client.post { loop in loop.removeTenant(of: ObjectIdentifier(seat)) }
    }

    /// Begins to stand for election; returns at once.
    public func start() {
        let (lease, identity, report, leadership, seat) = (lease, identity, report, leadership, seat)
        _ = client.post { loop in
            let candidate = Candidate(loop, lease, identity, leadership, report)
            loop.add(candidate, as: ObjectIdentifier(seat))
            candidate.take(.start)
        }
        watch.start()
    }

    /// Gives the Lease up if it is held; `then` is called on the client's thread when it is given up, when it was not held, or
    /// when the API server does not take it after some tries.
    public func release(then: @escaping @Sendable () -> Void) {
        watch.stop()
        let seat = seat
        let isPosted = client.post { loop in
            guard let candidate = loop.tenant(of: ObjectIdentifier(seat)) as? Candidate else { return then() }
            candidate.release {
                loop.removeTenant(of: ObjectIdentifier(seat))
                then()
            }
        }
        if !isPosted { then() }
    }
}
