import Model

/// What an operator has said of a frontend: it holds until it is said otherwise, or the configuration is read again.
struct FrontendSteering: Equatable {
    var state = FrontendState.listening
    /// In place of its `maxconn`.
    var maxConnections: Int?

    /// The frontend as it is let be.
    func steered(_ frontend: Frontend) -> Frontend {
        var frontend = frontend
        if state != .listening { frontend.binds = [] }
        if let maxConnections { frontend.maxConnections = maxConnections }
        return frontend
    }
}

/// Whether a frontend listens.
public enum FrontendState: Sendable, Equatable {
    case listening
    /// Not until it is told to.
    case paused
    /// Not until the configuration is read again.
    case stopped
}

/// What an operator may say of a frontend.
public enum FrontendOrder: Sendable, Equatable {
    /// The most connections; 0 is no limit.
    case maxConnections(Int)
    case state(FrontendState)
}

/// How an order about a frontend has ended.
public enum FrontendOutcome: Sendable, Equatable {
    case done
    case noSuchFrontend
    /// It does already what is wanted.
    case unchanged
    /// It listens no more.
    case isStopped
    /// An address can not be listened on.
    case refused
}
