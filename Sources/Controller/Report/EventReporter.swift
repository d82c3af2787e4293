public import Kubernetes
public import Model
import Synchronization

/// Tells the owners of objects what is wrong with them, as Events, while this process may write.
public final class EventReporter: Sendable {
    private let plan: Holder
    private let writer: APIWriter<EventNote>

    private final class Holder: Sendable {
        let plan = Mutex(EventPlan())
        let trouble = Mutex("")
    }

    /// Who reports: the name that stands in Events, whatever the class.
    private static let controller = "ingress.sluice.dev/controller"
    private static let rate = WriteRate(perSecond: 5, burst: 20, inFlight: 2)

    /// A reporter of nothing yet. `instance` is the identity of this process; `tell` hears of each new trouble.
    public init(
        _ client: APIClient, instance: String, mayWrite: @escaping @Sendable () -> Bool,
        tell: @escaping @Sendable (String) -> Void
    ) {
        let holder = Holder()
        plan = holder
        writer = APIWriter(
            client, rate: Self.rate,
            next: { now in
                guard mayWrite() else { return .idle }
                return holder.plan.withLock { plan in
                    plan.next(at: now) { note, count in
                        count == 1
                            ? note.creation(by: Self.controller, instance: instance)
                            : note.continuation(count: count)
                    }
                }
            },
            ended: { note, outcome, now in
                holder.plan.withLock { $0.ended(note, outcome, at: now) }
                let sentence =
                    switch outcome {
                    case .done, .conflict, .missing: ""
                    case .forbidden(let reason): "no permission to write them: \(reason)"
                    case .rejected(let reason), .later(let reason, _): reason
                    }
                let isNew = holder.trouble.withLock { trouble in
                    defer { trouble = sentence }
                    return trouble != sentence && !sentence.isEmpty
                }
                if isNew { tell(sentence) }
            })
    }

    /// Takes over everything that is wrong now.
    public func note(_ findings: [Finding]) {
        let notes = findings.map(\.note)
        plan.plan.withLock { $0.note(notes, at: monotonicNow()) }
        writer.wake()
    }

    /// This process may write from now on.
    public func begin() { writer.wake() }

    /// Writes nothing more.
    public func stop() { writer.stop() }

    /// How many writes have ended how.
    public var statistics: [String: Int] { writer.statistics }
}

/// A diagnostic, and the object it is about as the cluster knows it.
public struct Finding: Sendable, Hashable {
    /// What is wrong.
    public var diagnostic: Diagnostic
    /// The object at fault.
    public var object: EventReference

    /// A finding from its parts.
    public init(_ diagnostic: Diagnostic, about object: EventReference) {
        self.diagnostic = diagnostic
        self.object = object
    }

    /// What its owner is told: field and way out.
    var note: EventNote {
        let field = diagnostic.field.isEmpty ? "" : "\(diagnostic.field): "
        return EventNote(regarding: object, reason: diagnostic.reason, note: field + diagnostic.message)
    }
}
