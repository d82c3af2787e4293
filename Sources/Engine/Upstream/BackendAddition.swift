/// What became of a backend that an operator adds.
public enum BackendAddition: Sendable, Equatable {
    case added
    /// By a section of this kind.
    case nameIsTaken(by: String)
    /// Why it can not be used.
    case unusable(String)
}

/// What became of a backend that an operator removes, or would.
public enum BackendRemoval: Sendable, Equatable {
    case done
    case noSuchBackend
    case isListen
    case hasTable
    /// Rules or samples name it.
    case isReferred
    case isPublished
    case hasServers
    /// It has requests: it may go later.
    case isBusy
}
