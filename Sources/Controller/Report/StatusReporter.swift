public import Kubernetes
import Synchronization

/// Keeps the status of our Ingresses at the addresses where traffic goes in, while this process may write.
public final class StatusReporter: Sendable {
    private let state: State
    private let writer: APIWriter<ObjectKey>

    fileprivate final class State: Sendable {
        let plan = Mutex(StatusPlan())
        let trouble = Mutex("")
    }

    /// Twenty a second: 10,000 Ingresses in some minutes, and no more than one client is granted by default anywhere.
    private static let rate = WriteRate(perSecond: 20, burst: 40, inFlight: 4)
    /// How soon adoption is asked for again, in nanoseconds.
    private static let patience: UInt64 = 20_000_000

    /// A reporter that writes nothing until it is told of addresses and Ingresses. `tell` hears of each new trouble.
    public init(
        _ client: APIClient, gate: @escaping @Sendable () -> ReportGate,
        tell: @escaping @Sendable (String) -> Void
    ) {
        let state = State()
        self.state = state
        writer = APIWriter(
            client, rate: Self.rate,
            next: { now in
                switch gate() {
                case .closed: .idle
                case .unsettled: .wait(until: now &+ Self.patience)
                case .open: state.plan.withLock { $0.next(at: now) }
                }
            },
            ended: { key, outcome, now in
                state.plan.withLock { $0.ended(key, outcome, at: now) }
                state.tell(key, outcome, tell)
            })
    }

    /// Takes over how Ingresses stand; nil is gone.
    public func note(_ standings: [ObjectKey: IngressStanding?]) {
        state.plan.withLock { $0.note(standings) }
        writer.wake()
    }

    /// Takes over where traffic goes in.
    public func want(_ addresses: [LoadBalancerAddress]) {
        state.plan.withLock { $0.want(addresses) }
        writer.wake()
    }

    /// This process may write from now on: everything that differs is written.
    public func begin() {
        state.plan.withLock { $0.enqueueAll() }
        writer.wake()
    }

    /// Takes back what was written: nothing goes in here any more.
    public func clear() {
        state.plan.withLock { $0.blank() }
        writer.wake()
    }

    /// Whether all of it is taken back.
    public var isCleared: Bool { state.plan.withLock { $0.isBlank } }

    /// Writes nothing more.
    public func stop() { writer.stop() }

    /// How many writes have ended how.
    public var statistics: [String: Int] { writer.statistics }
}

/// Whether reports may be written now.
public enum ReportGate: Sendable, Equatable {
    case open
    /// What has been published is not served by every worker yet; it takes a moment.
    case unsettled
    /// Another process writes.
    case closed
}

extension StatusReporter.State {
    /// Says once what is in the way, until something else is or it is gone.
    fileprivate func tell(_ key: ObjectKey, _ outcome: WriteOutcome, _ tell: (String) -> Void) {
        let sentence =
            switch outcome {
            case .done, .conflict, .missing: ""
            case .forbidden(let reason): "no permission to write it: \(reason)"
            case .rejected(let reason): "Ingress \(key): \(reason)"
            case .later(let reason, _): reason
            }
        let isNew = trouble.withLock { trouble in
            defer { trouble = sentence }
            return trouble != sentence && !sentence.isEmpty
        }
        if isNew { tell(sentence) }
    }
}
