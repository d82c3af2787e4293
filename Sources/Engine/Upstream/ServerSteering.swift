/// What an operator has said of a server: it holds until it is said otherwise, or the configuration is read again.
struct ServerSteering: Equatable {
    /// In place of its weight.
    var weight: Int?
    /// In place of its `maxconn`.
    var maxConnections: Int?
    var state = ServerAdminState.ready
}

/// What an operator wants of a server.
public enum ServerAdminState: String, Sendable, CaseIterable {
    /// It takes requests if it is up.
    case ready
    /// It keeps whom it has and gets nobody new.
    case drain
    /// It gets nothing.
    case maintenance = "maint"
}

/// What an operator may say of a server.
public enum ServerOrder: Sendable, Equatable {
    case weight(Int)
    case maxConnections(Int)
    case state(ServerAdminState)
    /// What it has under way ends now.
    case endSessions
}

/// A server as operators know it.
public struct ServerReport: Sendable, Equatable {
    /// Its weight now, whatever its state, and as configured.
    public let (weight, configuredWeight): (Int, Int)
    /// What is wanted of it.
    public let state: ServerAdminState
    /// Whether any weight may be said of it, or nothing but all and none.
    public let takesWeights: Bool
}
