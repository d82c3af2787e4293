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
    /// It is answered 200, or 503 if one of the conditions holds, and not logged: HAProxy's `monitor-uri`.
    case monitor(failing: [RuleCondition])
}

extension HTTPAction {
    /// What its formats can be had from.
    public var needs: SampleLayers {
        switch self {
        case .change(let change): change.needs
        case .redirect(let redirect): redirect.target.needs
        default: []
        }
    }
}

/// What a rule answers.
public enum RuleAnswer: Sendable, Equatable {
    /// The page of a status: the backend's or frontend's, else the built-in one.
    case page(UInt16)
    /// A page of the rule's own; logs say `loggedAs`.
    case own(ErrorPage, loggedAs: UInt16)

    /// Why it can not be sent; nil if it can.
    public var flaw: ErrorPageFlaw? {
        switch self {
        case .page(let status): (200...599).contains(status) ? nil : .badStatus
        case .own(let page, _): page.flaw
        }
    }
}
