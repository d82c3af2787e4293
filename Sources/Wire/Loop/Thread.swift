import CSystem
import Glibc
import Synchronization

/// A plain thread that can be joined.
///
/// Its body is formed here, in a nonisolated function: a closure formed in an isolated context would trap when it
/// runs on a thread of its own.
public final class Thread: Sendable {
    private let handle = Mutex<pthread_t?>(nil)

    /// Starts a thread named `name` (15 bytes are kept) that runs `body`; nil if the system refuses one.
    public init?(name: String, body: @escaping @Sendable () -> Void) {
        let box = Unmanaged.passRetained(Body(name: name, run: body))
        var created = pthread_t()
        let result = pthread_create(&created, nil, runBody, box.toOpaque())
        guard result == 0 else {
            box.release()
            return nil
        }
        handle.withLock { [created] in $0 = created }
    }

    /// A thread that nobody can join any more gives its memory back by itself.
    deinit {
        if let left = handle.withLock({ $0.take() }) { pthread_detach(left) }
    }

    /// Waits until the body has returned. Only the first call waits.
    public func join() {
        guard let joined = handle.withLock({ $0.take() }) else { return }
        pthread_join(joined, nil)
    }
}

private final class Body: Sendable {
    let name: String
    let run: @Sendable () -> Void

    init(name: String, run: @escaping @Sendable () -> Void) {
        self.name = name
        self.run = run
    }
}

private func runBody(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    let body = Unmanaged<Body>.fromOpaque(argument).takeRetainedValue()
    csystem_name_thread(String(decoding: body.name.utf8.prefix(15), as: UTF8.self))
    body.run()
    return nil
}
