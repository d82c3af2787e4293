/// The types of watch events.
public enum WatchEventType: String, Sendable, Hashable, CaseIterable {
    case added, modified, deleted, bookmark, error
}

/// Why a watch ended.
public enum WatchRestart: String, Sendable, Hashable, CaseIterable {
    /// The server closed it in order, mostly at its time-out.
    case closed
    /// Our own time limit was reached.
    case timeout
    /// Its resource version is gone: a list follows.
    case expired
    /// The server asked to slow down.
    case throttled
    /// The connection failed, or it never came about.
    case unreachable
    /// The server answered with an error, or with what cannot be decoded.
    case error
}
