import Controller
import Kubernetes
import Synchronization

/// Takes the addresses out of the status of Ingresses when the last replica ends.
///
/// Who can not find out whether it is the last one leaves them there: an empty status deletes DNS records.
final class StatusClearing: Sendable {
    private let status: StatusReporter
    private let pod: OwnPod
    private let log: Logger
    private let underway = Atomic<Bool>(false)

    /// How long it may take, in steps of `step` nanoseconds.
    private static let steps = 200
    private static let step: UInt64 = 50_000_000

    init(_ status: StatusReporter, _ pod: OwnPod, _ log: Logger) {
        (self.status, self.pod, self.log) = (status, pod, log)
    }

    /// Begins, and calls `end` when it is over.
    func begin(_ end: @escaping @Sendable () -> Void) {
        underway.store(true, ordering: .releasing)
        Task.detached { [self] in
            await clear()
            end()
            underway.store(false, ordering: .releasing)
        }
    }

    /// Whether it has begun and is not over.
    var isUnderway: Bool { underway.load(ordering: .acquiring) }

    private func clear() async {
        do {
            guard try await pod.isLast() else { return }
        } catch {
            return log.warning("--clear-status: status stays, other replicas are not known: \(error)")
        }
        log.info("--clear-status: the last replica ends, the status of Ingresses is emptied")
        status.clear()
        for _ in 0..<Self.steps where !status.isCleared {
            try? await Task.sleep(nanoseconds: Self.step)
        }
        if !status.isCleared { log.warning("--clear-status: not all of it was written in time") }
    }
}
