import Model

/// The rules of a section while it is read: whom they name is looked up when everything has been read.
struct RuleDrafts: Sendable {
    /// `use_backend`.
    var backends: [Draft] = []
    /// `use-server`.
    var servers: [Draft] = []
    /// `force-persist` and `ignore-persist`.
    var persistence: [PersistenceDraft] = []
    /// `tcp-request`.
    var sessions: [SessionDraft] = []
    /// `http-request` and its like, each list in its order.
    var requests: [HTTPDraft] = []
    var redirects: [HTTPDraft] = []
    var responses: [HTTPDraft] = []
    var afterResponses: [HTTPDraft] = []
    /// `monitor-uri`.
    var monitor: Word?
    /// `monitor fail`.
    var monitorFails: [RuleCondition] = []

    /// Whether there are rules that only a `defaults` section with a name may have.
    var isRuled: Bool {
        !sessions.isEmpty || !requests.isEmpty || !responses.isEmpty || !afterResponses.isEmpty
    }

    /// Whether there are rules about connections, which backends do not have.
    var judgesConnections: Bool { sessions.contains { $0.moment < .content } }

    /// What a section has of those of its `defaults`: they are asked before its own.
    func inherited(by name: String, from defaults: String) -> RuleDrafts {
        var drafts = RuleDrafts()
        drafts.monitor = monitor
        drafts.sessions = sessions
        (drafts.responses, drafts.afterResponses) = (responses, afterResponses)
        drafts.requests = requests.map { draft in
            // Where no realm is said it is the section's name.
            guard draft.rule.action == .authenticate(realm: defaults) else { return draft }
            let rule = HTTPRule(.authenticate(realm: name), when: draft.rule.condition)
            return HTTPDraft(name: draft.name, rule: rule, place: draft.place)
        }
        return drafts
    }

    /// A rule about messages.
    struct HTTPDraft: Sendable {
        /// As it is called in diagnostics: `http-request deny`.
        let name: String
        let rule: HTTPRule
        let place: SourceLocation
    }

    /// When a rule about connections is asked.
    enum Moment: Sendable, Comparable {
        case connection, session, content
        /// What servers say.
        case answer

        /// What a line is called that such a rule writes.
        var logStep: LogStep {
            switch self {
            case .connection: .connectionRule
            case .session: .sessionRule
            case .content: .contentRule
            case .answer: .answerContentRule
            }
        }
    }

    /// A rule about connections.
    struct SessionDraft: Sendable {
        let moment: Moment
        /// As it is called in diagnostics: `tcp-request content reject`.
        let name: String
        let rule: SessionRule
        let place: SourceLocation
    }

    /// An exception of persistence, under its name.
    struct PersistenceDraft: Sendable {
        var name: String
        var exception: PersistenceException
        var place: SourceLocation
    }

    /// A rule that names something.
    struct Draft: Sendable {
        let name: Word
        /// Who writes the name; nil where it is the word.
        let format: FormatString?
        let condition: RuleCondition?
        let place: SourceLocation
    }
}
