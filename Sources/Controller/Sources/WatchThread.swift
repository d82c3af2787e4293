import Glibc

/// A plain thread for a blocking wait, which must not hold a thread of the concurrency runtime.
enum WatchThread {
    /// Starts `body`; nil if the system refuses. The caller joins.
    static func start(_ body: @escaping @Sendable () -> Void) -> pthread_t? {
        let box = Unmanaged.passRetained(Body(body))
        var created = pthread_t()
        guard pthread_create(&created, nil, runBody, box.toOpaque()) == 0 else {
            box.release()
            return nil
        }
        return created
    }
}

private final class Body: Sendable {
    let run: @Sendable () -> Void

    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

private func runBody(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
    return nil
}
