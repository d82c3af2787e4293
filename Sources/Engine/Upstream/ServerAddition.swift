/// What became of a server that an operator adds.
public enum ServerAddition: Sendable, Equatable {
    case added
    case noSuchBackend
    /// Its backend chooses servers by a table that is made once.
    case isStatic
    case nameIsTaken
    /// Another one has its number.
    case idIsTaken(by: String)
    case followsNoBackend
    case followsNoServer
    /// Whom it follows came at run time too.
    case followsAdded
    /// Nobody asks whom it follows.
    case followsUnchecked
    /// Its settings can not be used: why.
    case unusable(String)
}

/// What became of a server that an operator removes, or would.
public enum ServerRemoval: Sendable, Equatable {
    case done
    case noSuchBackend
    case noSuchServer
    /// Rules, samples or other servers name it.
    case isReferred
    case isInService
    /// It has requests, or some wait for it: it may go later.
    case isBusy
}
