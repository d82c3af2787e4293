public import Model

/// What an operator has said of a server: it holds until it is said otherwise, or the configuration is read again.
struct ServerSteering: Equatable {
    /// In place of its weight.
    var weight: Int?
    /// In place of its `maxconn`.
    var maxConnections: Int?
    var state = ServerAdminState.ready
    /// How it is, of one that nobody asks.
    var health: ServerHealthWord?
    /// Its check does not take place, or its agent is not asked.
    var pausesCheck = false
    var pausesAgent = false
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

/// How an operator says a server to be, until a check says otherwise.
public enum ServerHealthWord: String, Sendable, CaseIterable {
    case up
    /// It keeps whom it has and gets nobody new.
    case stopping
    case down
}

/// What an operator may say of a server.
public enum ServerOrder: Sendable, Equatable {
    case weight(Int)
    case maxConnections(Int)
    case state(ServerAdminState)
    /// It is so, whatever its last check said.
    case health(ServerHealthWord)
    /// Its agent lets it be up, or does not.
    case agent(isUp: Bool)
    /// Whether its check takes place.
    case checks(Bool)
    /// Whether its agent is asked.
    case asksAgent(Bool)
    case change(ServerEdit)
    /// What it has under way ends now.
    case endSessions
}

/// A change of a server's configuration.
public enum ServerEdit: Sendable, Equatable {
    case address(String, port: UInt16)
    /// Under which name its address is asked for.
    case name(String)
    /// Where it is checked; nil leaves what is said of it.
    case check(address: String?, port: UInt16?)
    /// Where its agent is, and what it is told.
    case agent(address: String?, port: UInt16?, greeting: String?)
    /// Whether TLS is spoken with it, as its line says.
    case tls(Bool)
}

/// A server as operators know it.
public struct ServerReport: Sendable, Equatable {
    /// Its weight now, whatever its state, and as configured.
    public let (weight, configuredWeight): (Int, Int)
    /// What is wanted of it.
    public let state: ServerAdminState
    /// Whether any weight may be said of it, or nothing but all and none.
    public let takesWeights: Bool
    /// Its configuration, with what operators have changed of it.
    public let model: Server
    /// Whether its configuration says how TLS is spoken with it.
    public let knowsTLS: Bool
}
