import Synchronization

/// Authorities that may be replaced while they are in use: handshakes take those of the moment. Shared by all threads.
public final class TrustSource: Sendable {
    private let first: TrustStore
    // Whether there is anything to be locked for.
    private let isReplaced = Atomic<Bool>(false)
    private let later: Mutex<Current>

    /// Authorities, and the how-manieth they are, from 0.
    struct Current: Sendable {
        let store: TrustStore
        let generation: UInt64
    }

    /// Authorities that hold until they are replaced.
    public init(_ store: TrustStore) {
        first = store
        later = Mutex(Current(store: store, generation: 0))
    }

    /// Those of the moment.
    var current: Current {
        isReplaced.load(ordering: .acquiring)
            ? later.withLock { $0 } : Current(store: first, generation: 0)
    }

    /// Whether these hold: by their number.
    func holds(_ generation: UInt64) -> Bool { current.generation == generation }

    /// Has the next handshakes take others. Nothing of what the earlier ones have vouched for is resumed.
    public func replace(by store: TrustStore) {
        later.withLock { $0 = Current(store: store, generation: $0.generation + 1) }
        isReplaced.store(true, ordering: .releasing)
    }
}
