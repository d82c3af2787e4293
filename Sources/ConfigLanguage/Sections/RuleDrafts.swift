import Model

/// The rules of a section while it is read: whom they name is looked up when everything has been read.
struct RuleDrafts: Sendable {
    /// `use_backend`.
    var backends: [Draft] = []
    /// `use-server`.
    var servers: [Draft] = []
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

    /// A rule about messages.
    struct HTTPDraft: Sendable {
        /// As it is called in diagnostics: `http-request deny`.
        let name: String
        let rule: HTTPRule
        let place: SourceLocation
    }

    /// When a rule about connections is asked.
    enum Moment: Sendable {
        case connection, session, content
    }

    /// A rule about connections.
    struct SessionDraft: Sendable {
        let moment: Moment
        /// As it is called in diagnostics: `tcp-request content reject`.
        let name: String
        let rule: SessionRule
        let place: SourceLocation
    }

    /// A rule that names something.
    struct Draft: Sendable {
        let name: Word
        let condition: RuleCondition?
        let place: SourceLocation
    }
}
