/// A rule about a connection as a whole: HAProxy's `tcp-request`, and `tcp-request content` of mode tcp.
public struct SessionRule: Sendable, Equatable {
    /// What happens.
    public var action: Action
    /// When; nil is always.
    public var condition: RuleCondition?

    /// What a rule does with a connection.
    public enum Action: Sendable, Equatable {
        /// It goes on, whatever the later rules say.
        case accept
        /// It is closed.
        case reject
        /// It is forgotten without telling the client, if the system lets us.
        case silentDrop
        /// It begins with a PROXY header. Of connections that have just come.
        case expectProxy
        /// Something is counted; it goes on.
        case count(CounterAction)
        /// Something is remembered, or forgotten; it goes on.
        case variable(VariableChange)
        /// Its bytes pass no faster than this.
        case limitBandwidth(BandwidthLimit)
    }

    /// A rule from its parts.
    public init(_ action: Action, when condition: RuleCondition? = nil) {
        self.action = action
        self.condition = condition
    }

    /// What its samples can be had from, but for those of its condition.
    public var needs: SampleLayers {
        switch action {
        case .count(let action): action.needs
        case .variable(let change): change.needs
        case .limitBandwidth(let limit): limit.needs
        default: []
        }
    }
}

/// What is asked about connections before anything of them is read as a request or given to a server.
public struct OpeningRules: Sendable, Equatable {
    /// As soon as it is there: HAProxy's `tcp-request connection`.
    public var connection: [SessionRule]
    /// Once it is known whose it is and TLS is set up: HAProxy's `tcp-request session`.
    public var session: [SessionRule]

    /// No rules.
    public init() { (connection, session) = ([], []) }
}
