import Controller
import Kubernetes
import Synchronization

/// Tells a pipeline in which zone this process is, as soon as the cluster has said. Until then, and without the right to ask, all
/// endpoints count.
final class ZoneSource: Sendable {
    private let pod: OwnPod
    private let pipeline: Pipeline
    private let log: Logger
    private let task = Mutex<Task<Void, Never>?>(nil)

    /// One that has not started; nil where nobody has asked for it.
    init?(_ choices: TranslationChoices, _ pod: OwnPod, _ pipeline: Pipeline, _ log: Logger) {
        guard choices.zone == "auto" else { return nil }
        (self.pod, self.pipeline, self.log) = (pod, pipeline, log)
    }

    /// Begins to ask.
    func start() {
        let (pod, pipeline, log) = (pod, pipeline, log)
        task.withLock { task in
            task = Task.detached {
                let zone = await pod.asked("--zone auto: all endpoints are used", log) { try await $0.zone() }
                guard let zone else { return }
                guard !zone.isEmpty else {
                    return log.warning("--zone auto: this pod's node is in no zone; all endpoints are used")
                }
                log.info("--zone auto: \(zone)")
                pipeline.send(.zone(zone))
            }
        }
    }

    /// Ends asking.
    func stop() { task.withLock { $0?.cancel() } }
}
