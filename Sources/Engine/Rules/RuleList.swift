import Basics
import Model

/// One list of rules in flat memory: conditions and actions side by side, and behind them what the actions need.
struct RuleList: ~Copyable {
    /// One for each rule; behind them those of monitors.
    let conditions: ConditionSet
    let actions: FixedArray<RuleAction>
    let pages: FixedArray<ErrorPages.Page>
    let redirects: FixedArray<CompiledRedirect>
    let changes: FixedArray<CompiledChange>
    /// Field lines.
    let fields: FixedArray<FixedArray<UInt8>>

    init(_ rules: [HTTPRule]) {
        var builder = Builder(conditions: rules.map(\.condition))
        let actions = rules.map { builder.action($0.action) }
        let (pages, redirects, fields) = (builder.pages, builder.redirects, builder.fields)
        let changes = builder.changes
        conditions = ConditionSet(builder.conditions)
        self.actions = FixedArray(count: actions.count) { actions[$0] }
        self.pages = FixedArray(count: pages.count) { ErrorPages.Page(pages[$0].page, for: pages[$0].status) }
        self.redirects = FixedArray(count: redirects.count) { CompiledRedirect(redirects[$0]) }
        self.changes = FixedArray(count: changes.count) { CompiledChange(changes[$0]) }
        self.fields = FixedArray(count: fields.count) { FixedArray(fields[$0]) }
    }

    var isEmpty: Bool { actions.count == 0 }

    /// Gives each action the places of what it needs.
    private struct Builder {
        var conditions: [RuleCondition?]
        var pages: [(page: ErrorPage, status: UInt16)] = []
        var redirects: [Redirect] = []
        var changes: [MessageChange] = []
        var fields: [String] = []

        mutating func action(_ action: HTTPAction) -> RuleAction {
            switch action {
            case .allow: return .allow
            case .deny(let answer): return .deny(code(answer))
            case .tarpit(let answer): return .tarpit(code(answer))
            case .reject: return .reject
            case .silentDrop: return .silentDrop
            case .answer(let answer): return .answer(code(answer))
            case .redirect(let redirect):
                redirects.append(redirect)
                return .redirect(redirects.count - 1)
            case .change(let change):
                changes.append(change)
                return .change(changes.count - 1)
            case .authenticate(let realm):
                fields.append("WWW-Authenticate: Basic realm=\"\(realm)\"\r\n")
                return .authenticate(field: fields.count - 1)
            case .monitor(let failing):
                conditions += failing
                return .monitor(failing: conditions.count - failing.count..<conditions.count)
            }
        }

        /// A page that can not be sent is a refusal without one; whoever made it reports that.
        private mutating func code(_ answer: RuleAnswer) -> AnswerCode {
            switch answer {
            case .page(let status): return .page(answer.flaw == nil ? status : 500)
            case .own(let page, let status):
                guard answer.flaw == nil else { return .page(500) }
                pages.append((page, status))
                return .own(pages.count - 1)
            }
        }
    }
}
