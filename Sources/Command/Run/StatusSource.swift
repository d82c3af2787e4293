import Controller
import Kubernetes
import Synchronization

/// Finds out where traffic goes in: by the Service that brings it, or by the nodes of the pods that are like this one.
final class StatusSource: Sendable {
    private let find: @Sendable () async -> PublishSource?
    private let state = Mutex(State())

    private struct State {
        var source: PublishSource?
        var task: Task<Void, Never>?
        var isStopped = false
    }

    /// One that has not started; nil where it is said already.
    init?(
        _ choices: WritingChoices, _ client: APIClient, _ pod: OwnPod, _ log: Logger,
        deliver: @escaping @Sendable ([LoadBalancerAddress]) -> Void
    ) {
        let isInternal = choices.publishNodes == .internal
        @Sendable func source(_ place: PublishSource.Place, _ flag: String, _ name: String) -> PublishSource {
            PublishSource(
                client, place, prefersInternal: isInternal,
                report: { RunController.tell("\(flag): \($0)", $1, log) },
                deliver: { addresses in
                    if addresses.isEmpty { log.warning("\(flag): \(name) no address; status stays as it is") }
                    deliver(addresses)
                })
        }
        if let name = choices.publishService {
            let key = ObjectKey(namespace: name.namespace, name: name.name)
            find = { source(.service(key), "--publish-service", "\(key) has") }
        } else if choices.publishNodes != nil, choices.publishAddresses.isEmpty {
            find = {
                let likes = await pod.asked("--publish-nodes: status stays as it is", log) {
                    try await $0.likes()
                }
                return likes.map { source(.pods($0), "--publish-nodes", "nodes of ready pods have") }
            }
        } else {
            return nil
        }
    }

    /// Begins.
    func start() {
        state.withLock { state in
            state.task = Task.detached { [self] in
                guard let source = await find() else { return }
                let isStopped = self.state.withLock { state in
                    if !state.isStopped { state.source = source }
                    return state.isStopped
                }
                if !isStopped { source.start() }
            }
        }
    }

    /// Ends following.
    func stop() {
        let source = state.withLock { state in
            state.isStopped = true
            state.task?.cancel()
            return state.source
        }
        source?.stop()
    }
}
