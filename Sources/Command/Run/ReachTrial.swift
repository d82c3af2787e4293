import Controller
import Kubernetes
import Wire

/// Finds out again and again whether pods can be reached, until they are not.
final class ReachTrial: Sendable {
    private let pipeline: Pipeline
    private let tell: @Sendable (ReachDecision.Verdict) -> Void

    /// How long pods have to take a connection.
    private static let patience: Int32 = 1_500

    /// `tell` is called with every verdict; the one that pods are reached through the API server is the last.
    init(_ pipeline: Pipeline, tell: @escaping @Sendable (ReachDecision.Verdict) -> Void) {
        (self.pipeline, self.tell) = (pipeline, tell)
    }

    /// Runs until it has ended or its task is cancelled.
    func run() async {
        var decision = ReachDecision()
        while !Task.isCancelled {
            let verdict = decision.take(await trial())
            guard !Task.isCancelled else { return }
            tell(verdict)
            guard case .direct(let seconds) = verdict else { return }
            try? await Task.sleep(nanoseconds: UInt64(seconds) * 1_000_000_000)
        }
    }

    private func trial() async -> ReachDecision.Trial {
        let places = ReachProbe.places(in: await pipeline.endpointSlices())
        guard !places.isEmpty else { return .nobody }
        // On a thread of its own: waiting for connections blocks.
        let reachable = await withCheckedContinuation { continuation in
            let thread = Thread(name: "reach") {
                continuation.resume(
                    returning: ReachProbe.reachable(among: places, milliseconds: ReachTrial.patience))
            }
            // Without a thread nobody knows; then they count as reachable.
            if thread == nil { continuation.resume(returning: places.count) }
        }
        return .tried(reachable: reachable, of: places.count)
    }
}
