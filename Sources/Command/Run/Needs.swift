import Controller
import Synchronization

/// Joins what a pipeline finds missing to those who can fetch it: they know each other only from here.
final class Needs: Sendable {
    private let known = Mutex(Known())

    private struct Known: Sendable {
        var source: ClusterSource?
        var resolver: NameResolver?
    }

    /// Who fetches secrets and ConfigMaps.
    var source: ClusterSource? {
        get { known.withLock { $0.source } }
        set { known.withLock { $0.source = newValue } }
    }

    /// Who resolves external names.
    var resolver: NameResolver? {
        get { known.withLock { $0.resolver } }
        set { known.withLock { $0.resolver = newValue } }
    }

    /// Fetches nothing any more. Those it joins hold the pipeline, which holds this: without that they would keep each other.
    func end() { known.withLock { $0 = Known() } }

    /// Has fetched what is needed.
    func meet(_ needs: PipelineNeeds) {
        source?.follow(secrets: needs.unknownSecrets)
        source?.follow(configMaps: needs.configMaps, ofSettings: needs.settingsConfigMaps)
        resolver?.follow(needs.externalNames)
    }
}
