/// A rule about a message: what happens to it, and when. HAProxy's `http-request` and its like.
public struct HTTPRule: Sendable, Equatable {
    /// What happens.
    public var action: HTTPAction
    /// When; nil is always.
    public var condition: RuleCondition?

    /// A rule from its parts.
    public init(_ action: HTTPAction, when condition: RuleCondition? = nil) {
        self.action = action
        self.condition = condition
    }

    /// Whether it needs an answer to be asked.
    public var looksAtAnswers: Bool {
        !action.needs.union(condition?.needs ?? []).isDisjoint(with: [.response, .answerBody])
    }
}

/// The rules of a frontend or backend about messages, each list in the order it is asked. A frontend's come before those of the
/// backend it leads to.
public struct HTTPRules: Sendable, Equatable {
    /// HAProxy's `tcp-request content`: asked before everything else, and before the request is counted.
    public var content: [HTTPRule]
    /// HAProxy's `http-request`.
    public var request: [HTTPRule]
    /// HAProxy's `redirect`: asked after `request`, even where that allowed the request.
    public var redirects: [HTTPRule]
    /// HAProxy's `http-response`: about servers' answers and kept ones, a backend's before the frontend's.
    public var response: [HTTPRule]

    /// HAProxy's `tcp-response content`: about answers of a backend's servers, before all others about answers.
    public var answerContent: [HTTPRule] = []
    /// How long `answerContent` waits for an answer, in milliseconds: one that comes later is not looked at.
    public var answerDelay = 0

    /// HAProxy's `http-after-response`: about all answers, ours too, in the same order.
    public var afterResponse: [HTTPRule] = []

    /// No rules.
    public init() { (content, request, redirects, response) = ([], [], [], []) }

    /// Whether there are none.
    public var isEmpty: Bool {
        content.isEmpty && request.isEmpty && redirects.isEmpty && response.isEmpty && answerContent.isEmpty
            && afterResponse.isEmpty
    }
}
