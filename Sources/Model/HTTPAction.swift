/// What a rule does with a message.
public enum HTTPAction: Sendable, Equatable {
    /// The message goes on; the later rules of its list are not asked.
    case allow
    /// It is refused.
    case deny(RuleAnswer)
    /// It is refused after `timeouts.tarpit`.
    case tarpit(RuleAnswer)
    /// Its connection is closed without an answer.
    case reject
    /// The connection with its server ends: what has come of its answer passes, the rest is cut. HAProxy's `tcp-response content close`.
    case closeServer
    /// Its connection is forgotten without telling the client, if the system lets us.
    case silentDrop
    /// It is answered here: HAProxy's `return`.
    case answer(RuleAnswer)
    /// The client is sent elsewhere.
    case redirect(Redirect)
    /// The client is asked for a name and a password.
    case authenticate(realm: String)
    /// It goes on as another one.
    case change(MessageChange)
    /// What it asks for is brought into a form.
    case normalize(TargetNormalizer)
    /// Something is remembered, or forgotten.
    case variable(VariableChange)
    /// A list of patterns is changed; it goes on.
    case patterns(PatternEdit)
    /// Something is counted; it goes on.
    case count(CounterAction)
    /// What an expression gives is kept at a place of the frontend's `captures`.
    case capture(Expression, slot: Int)
    /// An answer gets another status; an empty reason is the status's own.
    case setStatus(UInt16, reason: String)
    /// How important its line is; nil is no line.
    case setLogLevel(LogLevel?)
    /// A line is written at this moment; it goes on.
    case log(LogStep)
    /// It comes from the address an expression gives, for all that follows.
    case setSource(Expression)
    /// It comes from the port an expression gives.
    case setSourcePort(Expression)
    /// It goes to the address an expression gives, as far as all that follows knows; so does a server that stands nowhere
    /// (`Server.followsDestination`).
    case setDestination(Expression)
    /// The same of the port.
    case setDestinationPort(Expression)
    /// It, or its connections, are set apart from others.
    case adjust(ConnectionSetting)
    /// Its bytes, or its answer's, pass no faster than this.
    case limitBandwidth(BandwidthLimit)
    /// The client is told a field beforehand: one interim answer with 103 for all that stand together.
    case earlyHint(String, FormatString)
    /// Another time-out towards its server than the backend's.
    case setTimeout(TimeoutChange)
    /// Whether what the rules behind it in the list can not change is answered 500; else it stays as it is. On where nothing is said.
    case setStrictness(Bool)
    /// What servers answer, or that they do not, is not a reason to send it again: HAProxy's `disable-l7-retry`.
    case repeatNothing
    /// Its body, or its answer's, is waited for, before the rules that follow.
    case waitForBody(BodyWait)
    /// A name is asked for, before the rules that follow.
    case resolve(NameQuery)
    /// Something inside the process answers it.
    case service(HTTPService)
    /// It is answered 200, or 503 if one of the conditions holds, and not logged: HAProxy's `monitor-uri`.
    case monitor(failing: [RuleCondition])
}

/// HAProxy's `set-timeout`.
public struct TimeoutChange: Sendable, Equatable {
    /// Which one.
    public var kind: Kind
    /// How long it is.
    public var time: Time

    /// A time-out, under HAProxy's name.
    public enum Kind: String, Sendable, CaseIterable {
        case client, server, tunnel
    }

    /// How long a time-out is.
    public enum Time: Sendable, Equatable {
        /// Milliseconds.
        case fixed(Int)
        /// The same, as a number; what is none or not above 0 changes nothing.
        case sample(Expression)
    }

    /// A change from its parts.
    public init(_ kind: Kind, _ time: Time) { (self.kind, self.time) = (kind, time) }

    /// What it can be had from.
    public var needs: SampleLayers {
        if case .sample(let expression) = time { return expression.needs }
        return []
    }
}

/// How long a body is waited for, and how much of it: HAProxy's `wait-for-body`.
public struct BodyWait: Sendable, Equatable {
    /// Milliseconds, then 408, or 504 for an answer's; nil is the client's time for a request.
    public var time: Int?
    /// So many bytes will do; 0 is all of them. More than the buffer takes is never waited for.
    public var least: Int

    /// A wait from its parts.
    public init(time: Int? = nil, least: Int = 0) { (self.time, self.least) = (time, least) }
}

extension HTTPAction {
    /// What its formats can be had from.
    public var needs: SampleLayers {
        switch self {
        case .change(let change): change.needs
        case .count(let action): action.needs
        case .redirect(let redirect): redirect.target.needs
        case .variable(let change): change.needs
        case .limitBandwidth(let limit): limit.needs
        case .patterns(let edit): edit.needs
        case .capture(let expression, _), .setSource(let expression), .setSourcePort(let expression),
            .setDestination(let expression),
            .setDestinationPort(let expression):
            expression.needs
        case .earlyHint(_, let format): format.needs
        case .setTimeout(let change): change.needs
        case .resolve(let query): query.name.needs
        case .adjust(let setting): setting.value.needs
        case .deny(let answer), .tarpit(let answer), .answer(let answer): answer.needs
        default: []
        }
    }
}

/// What a rule answers.
public enum RuleAnswer: Sendable, Equatable {
    /// The page of a status: the backend's or frontend's, else the built-in one.
    case page(UInt16)
    /// A page that is written by formats.
    case composed(ComposedPage)
    /// A page of the rule's own; logs say `loggedAs`.
    case own(ErrorPage, loggedAs: UInt16)

    /// Why it can not be sent; nil if it can.
    public var flaw: ErrorPageFlaw? {
        switch self {
        case .page(let status): (200...599).contains(status) ? nil : .badStatus
        case .own(let page, _): page.flaw
        case .composed(let page): page.flaw
        }
    }

    /// What its formats can be had from.
    public var needs: SampleLayers {
        guard case .composed(let page) = self else { return [] }
        return page.fields.reduce(into: page.body.needs) { $0.formUnion($1.value.needs) }
    }
}

/// An answer whose fields and body are written by formats: HAProxy's `lf-string`, `lf-file` and `hdr`.
public struct ComposedPage: Sendable, Equatable {
    /// The status.
    public var status: UInt16
    /// The body's type; empty is none.
    public var contentType: String
    /// Fields besides.
    public var fields: [Field]
    /// The body.
    public var body: FormatString

    /// A field that is written by a format; one that comes out empty is left out.
    public struct Field: Sendable, Equatable {
        /// Its name.
        public var name: String
        /// Its value.
        public var value: FormatString

        /// A field from its parts.
        public init(_ name: String, _ value: FormatString) {
            self.name = name
            self.value = value
        }
    }

    /// A page from its parts.
    public init(status: UInt16, contentType: String, fields: [Field], body: FormatString) {
        self.status = status
        self.contentType = contentType
        self.fields = fields
        self.body = body
    }

    /// Why it can not be sent; nil if it can.
    public var flaw: ErrorPageFlaw? {
        var page = ErrorPage(status: status, contentType: contentType, body: [])
        page.fields += fields.map { .init($0.name, "") }
        return page.flaw
    }
}
