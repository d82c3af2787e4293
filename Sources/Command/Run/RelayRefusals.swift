import Engine
import Kubernetes
import Synchronization

/// Tells of answers that are the API server's own where a pod's was expected, with the way out; the same one once a minute.
final class RelayRefusals: Sendable {
    private let state = Mutex(State())
    private let log: Logger

    private struct State {
        var toldAt: [Kind: UInt64] = [:]
        var onUnauthorized: (@Sendable (_ now: UInt64) -> Void)?
    }

    private struct Kind: Hashable {
        var status: UInt16
        var backend: String
    }

    /// Nanoseconds between two lines about the same.
    private static let interval: UInt64 = 60_000_000_000

    init(_ log: Logger) { self.log = log }

    /// Who is called for each 401.
    func onUnauthorized(_ call: @escaping @Sendable (_ now: UInt64) -> Void) {
        state.withLock { $0.onUnauthorized = call }
    }

    /// Takes one in, on a worker's thread: writing is left to others.
    func note(_ refusal: RelayRefusal, at now: UInt64) {
        let kind = Kind(status: refusal.status, backend: refusal.backend)
        let (isNews, call) = state.withLock { state in
            let last = state.toldAt[kind]
            let isNews = last.map { now &- $0 > RelayRefusals.interval } ?? true
            if isNews {
                if state.toldAt.count > 1_000 { state.toldAt = [:] }
                state.toldAt[kind] = now
            }
            return (isNews, refusal.status == 401 ? state.onUnauthorized : nil)
        }
        call?(now)
        guard isNews else { return }
        let log = log
        Task.detached { log.warning(RelayRefusals.sentence(about: refusal)) }
    }

    /// What is said of one.
    static func sentence(about refusal: RelayRefusal) -> String {
        let status = APIStatus(decoding: refusal.body, httpStatus: Int(refusal.status))
        let message = String(
            status.message.prefix(300).unicodeScalars.map {
                $0.properties.generalCategory == .control ? " " : Character($0)
            })
        let said = message.isEmpty ? "" : " (\(message))"
        return
            "\(refusal.backend): the API server itself answered \(refusal.status) for pod \(refusal.server)\(said): \(wayOut(of: refusal.status))"
    }

    private static func wayOut(of status: UInt16) -> String {
        switch status {
        case 401: "it does not accept the credentials, which are read anew"
        case 403:
            "whoever the kubeconfig is needs the verbs get, create, update, patch and delete on pods/proxy there"
        case 404: "the pod has gone, and its endpoints will follow"
        case 429: "it has too much to do"
        case 500...: "it does not reach the pod either; see the pod's port and network policies"
        default: "see its message"
        }
    }
}
