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
        /// What an expression gives is kept at a place of the frontend's `captures`.
        case capture(Expression, slot: Int)
        /// A line is written at this moment; it goes on.
        case log(LogStep)
        /// It is set apart from others.
        case adjust(ConnectionSetting)
        /// A name is asked for, before the rules that follow. Of what clients say.
        case resolve(NameQuery)
        /// It comes from the address an expression gives, and from that port, for all that follows.
        case setSource(Expression)
        case setSourcePort(Expression)
        /// How important its line is; nil is no line. Of what is in connections.
        case setLogLevel(LogLevel?)
        /// It goes to the address an expression gives, as `HTTPAction.setDestination`; and to that port.
        case setDestination(Expression)
        case setDestinationPort(Expression)
        /// The server's side is closed. Of what servers say.
        case closeServer
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
        case .capture(let expression, _): expression.needs
        case .adjust(let setting): setting.value.needs
        case .resolve(let query): query.name.needs
        case .setDestination(let expression), .setDestinationPort(let expression),
            .setSource(let expression), .setSourcePort(let expression):
            expression.needs
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

/// What is asked about connections of mode tcp once they have a backend.
public struct BackendSessionRules: Sendable, Equatable {
    /// Before they get a server: HAProxy's `tcp-request content`. A `listen` section asks its frontend's.
    public var content: [SessionRule] = []
    /// How long they wait for what a client says first, in milliseconds; 0 is not at all.
    public var contentDelay = 0
    /// Before anything of a server reaches the client: HAProxy's `tcp-response content`.
    public var answers: [SessionRule] = []
    /// How long they wait for what a server says first.
    public var answerDelay = 0

    /// No rules.
    public init() {}

    /// Whether there are none.
    public var isEmpty: Bool { content.isEmpty && answers.isEmpty }
}
