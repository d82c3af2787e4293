import CSystem
import Glibc

/// Starts threads for what blocks: the client's loop, and plugins.
enum ClientThread {
    /// Runs `body` on a new thread that takes no signals; false when the system has no thread left.
    static func start(_ name: String, _ body: @escaping @Sendable () -> Void) -> Bool {
        let box = Unmanaged.passRetained(Box(name: name, body: body))
        var thread = pthread_t()
        guard pthread_create(&thread, nil, runBox, box.toOpaque()) == 0 else {
            box.release()
            return false
        }
        pthread_detach(thread)
        return true
    }

    fileprivate final class Box: Sendable {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }
}

// A function of its own: a closure formed in an isolated context would assert its isolation on the new thread.
private func runBox(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context else { return nil }
    let box = Unmanaged<ClientThread.Box>.fromOpaque(context).takeRetainedValue()
    // Signals are for the main thread; and a broken pipe under OpenSSL must not end the process.
    var all = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_SETMASK, &all, nil)
    csystem_name_thread(box.name)
    box.body()
    return nil
}
