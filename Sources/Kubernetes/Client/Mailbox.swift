import Synchronization

/// What other threads want done on the client's thread.
final class Mailbox: Sendable {
    typealias Job = @Sendable (ClientLoop) -> Void

    private struct State {
        var waker: CurlMulti.Waker?
        var jobs: [Job] = []
        var isStopping = false
        var hasEnded = false
        var onEnd: [@Sendable () -> Void] = []
    }

    private let state = Mutex(State())

    /// Hands a job to the thread; false when it has ended, or is about to.
    func post(_ job: @escaping Job) -> Bool {
        state.withLock { state in
            guard !state.isStopping else { return false }
            state.jobs.append(job)
            state.waker?.wake()
            return true
        }
    }

    /// Asks the thread to end; `onEnd` is called when it has.
    func stop(onEnd: @escaping @Sendable () -> Void) {
        let hasEnded = state.withLock { state in
            state.isStopping = true
            state.waker?.wake()
            if !state.hasEnded { state.onEnd.append(onEnd) }
            return state.hasEnded
        }
        if hasEnded { onEnd() }
    }

    /// The thread can be woken from now on.
    func open(_ waker: CurlMulti.Waker) {
        state.withLock { $0.waker = waker }
    }

    /// What has been posted since the last call, and whether to go on.
    func take() -> (jobs: [Job], isStopping: Bool) {
        state.withLock { state in
            defer { state.jobs = [] }
            return (state.jobs, state.isStopping)
        }
    }

    /// The thread can not be woken any more; after this libcurl's handle may go.
    func close() {
        state.withLock { $0.waker = nil }
    }

    /// The thread is done.
    func end() {
        let waiting = state.withLock { state in
            state.hasEnded = true
            defer { state.onEnd = [] }
            return state.onEnd
        }
        for onEnd in waiting { onEnd() }
    }
}
