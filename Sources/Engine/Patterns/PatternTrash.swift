import Synchronization

/// What lists have given up while workers may stand at it: each worker is sent it, and drops it between two events. The last one frees it.
final class PatternTrash: Sendable {
    typealias Item = any AnyObject & Sendable

    private let waiting = Mutex<[Item]>([])
    private let post: @Sendable ([Item]) -> Void

    /// How much waits before it is worth waking the workers.
    private static let batch = 256

    /// `post` sends it to every worker.
    init(_ post: @escaping @Sendable ([Item]) -> Void) { self.post = post }

    func add(_ items: [Item]) {
        guard !items.isEmpty else { return }
        let full = waiting.withLock { waiting in
            waiting += items
            guard waiting.count >= PatternTrash.batch else { return [Item]() }
            defer { waiting = [] }
            return waiting
        }
        if !full.isEmpty { post(full) }
    }

    /// Sends what waits; to be called now and then.
    func empty() {
        let items = waiting.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
        if !items.isEmpty { post(items) }
    }
}
