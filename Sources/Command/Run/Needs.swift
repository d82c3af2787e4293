import Controller
import Synchronization

/// Joins what a pipeline finds missing to the source that can fetch it: the two know each other only from here.
final class Needs: Sendable {
    private let known = Mutex<ClusterSource?>(nil)

    /// Who fetches secrets.
    var source: ClusterSource? {
        get { known.withLock { $0 } }
        set { known.withLock { $0 = newValue } }
    }

    /// Has fetched what is needed.
    func meet(_ needs: PipelineNeeds) {
        source?.follow(secrets: needs.unknownSecrets)
    }
}
