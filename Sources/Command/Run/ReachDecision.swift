/// Decides how pods are reached where the command line does not say it, from trials one after the other.
struct ReachDecision {
    /// What a trial has shown.
    enum Trial: Equatable {
        /// So many pods of those that were tried took a connection.
        case tried(reachable: Int, of: Int)
        /// There is no pod to try yet.
        case nobody
    }

    /// What follows.
    enum Verdict: Equatable {
        /// By their addresses, until another trial in so many seconds.
        case direct(again: Int)
        /// Through the API server, for good: none of so many took a connection.
        case proxied(tried: Int)
    }

    /// Trials in a row in which no pod was reachable, after one in which some were.
    private var misses = 0
    private var hasReached = false

    /// Takes a trial in.
    mutating func take(_ trial: Trial) -> Verdict {
        switch trial {
        case .nobody: return .direct(again: 5)
        case .tried(let reachable, _) where reachable > 0:
            (misses, hasReached) = (0, true)
            return .direct(again: 30)
        case .tried(_, let count):
            misses += 1
            // A network that has worked may be away for a moment.
            guard !hasReached || misses > 1 else { return .direct(again: 2) }
            return .proxied(tried: count)
        }
    }
}
