import CSystem
import Glibc

/// Signals as values: blocked in every thread, waited for by one.
struct Signals {
    private var set = sigset_t()

    /// Blocks these signals and ignores SIGPIPE. Call before the first thread starts: threads inherit it.
    static func block(_ numbers: [Int32]) -> Signals {
        signal(SIGPIPE, SIG_IGN)
        var signals = Signals()
        sigemptyset(&signals.set)
        for number in numbers { sigaddset(&signals.set, number) }
        pthread_sigmask(SIG_BLOCK, &signals.set, nil)
        return signals
    }

    /// Waits for the next signal, `milliseconds` at most; nil if none came.
    func wait(milliseconds: Int) -> Int32? {
        var set = set
        var limit = timespec(tv_sec: milliseconds / 1_000, tv_nsec: milliseconds % 1_000 * 1_000_000)
        let number = sigtimedwait(&set, nil, &limit)
        return number > 0 ? number : nil
    }

    /// A descriptor that is readable while one of them waits; negative: none can be had.
    func descriptor() -> Int32 {
        var set = set
        return csystem_signal_descriptor(&set)
    }
}
