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
    /// It comes from the address an expression gives, for all that follows.
    case setSource(Expression)
    /// Its bytes, or its answer's, pass no faster than this.
    case limitBandwidth(BandwidthLimit)
    /// The client is told a field beforehand: one interim answer with 103 for all that stand together.
    case earlyHint(String, FormatString)
    /// Something inside the process answers it.
    case service(HTTPService)
    /// It is answered 200, or 503 if one of the conditions holds, and not logged: HAProxy's `monitor-uri`.
    case monitor(failing: [RuleCondition])
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
        case .capture(let expression, _), .setSource(let expression): expression.needs
        case .earlyHint(_, let format): format.needs
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
