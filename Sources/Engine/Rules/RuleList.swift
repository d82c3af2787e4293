import Basics
import Model
import Wire

/// One list of rules in flat memory: conditions and actions side by side, and behind them what the actions need.
struct RuleList: ~Copyable {
    /// One for each rule; behind them those of monitors.
    let conditions: ConditionSet
    let actions: FixedArray<RuleAction>
    let pages: FixedArray<ErrorPages.Page>
    let redirects: FixedArray<CompiledRedirect>
    let changes: FixedArray<CompiledChange>
    let variables: FixedArray<CompiledVariableChange>
    let counters: FixedArray<CompiledCounter>
    let patterns: FixedArray<CompiledPatternEdit>
    /// What captures keep.
    let expressions: FixedArray<CompiledExpression>
    let composed: FixedArray<CompiledPage>
    let services: FixedArray<CompiledService>
    let limits: FixedArray<CompiledBandwidthLimit>
    let waits: FixedArray<BodyWait>
    let names: FixedArray<CompiledNameQuery>
    /// Field lines and reasons.
    let fields: FixedArray<FixedArray<UInt8>>

    /// `countsRequests` says whether what begins to be tracked counts the request at once, `glances` whether answers' bodies are looked at
    /// that nobody waits for.
    init(_ rules: [HTTPRule], countsRequests: Bool = true, glances: Bool = false) {
        var builder = Builder(conditions: (glances ? [nil] : []) + rules.map(\.condition))
        let first: [RuleAction] = glances ? [.glance] : []
        var actions = first
        for rule in rules {
            builder.rule = actions.count
            builder.hasAnswer = builder.hasAnswer || rule.looksAtAnswers
            actions.append(builder.action(rule.action))
        }
        let (pages, redirects, fields) = (builder.pages, builder.redirects, builder.fields)
        let changes = builder.changes
        let (variables, counters) = (builder.variables, builder.counters)
        let (expressions, composed) = (builder.expressions, builder.composed)
        let (patterns, services, limits) = (builder.patterns, builder.services, builder.limits)
        let (bodies, questions) = (builder.waits, builder.names)
        conditions = ConditionSet(builder.conditions)
        self.actions = FixedArray(count: actions.count) { actions[$0] }
        self.pages = FixedArray(count: pages.count) { ErrorPages.Page(pages[$0].page, for: pages[$0].status) }
        self.redirects = FixedArray(count: redirects.count) { CompiledRedirect(redirects[$0]) }
        self.changes = FixedArray(count: changes.count) { CompiledChange(changes[$0]) }
        self.variables = FixedArray(count: variables.count) { CompiledVariableChange(variables[$0]) }
        self.counters = FixedArray(count: counters.count) {
            CompiledCounter(counters[$0], countsRequest: countsRequests)
        }
        self.patterns = FixedArray(count: patterns.count) { CompiledPatternEdit(patterns[$0]) }
        self.expressions = FixedArray(count: expressions.count) { CompiledExpression(expressions[$0]) }
        self.composed = FixedArray(count: composed.count) { CompiledPage(composed[$0]) }
        self.services = FixedArray(services)
        self.limits = FixedArray(count: limits.count) { CompiledBandwidthLimit(limits[$0]) }
        waits = FixedArray(bodies)
        names = FixedArray(count: questions.count) { CompiledNameQuery(questions[$0]) }
        self.fields = FixedArray(count: fields.count) { FixedArray(fields[$0]) }
    }

    var isEmpty: Bool { actions.count == 0 }

    /// What an action waits for, if it does.
    func wait(_ action: RuleAction) -> BodyWait? {
        if case .waitForBody(let place) = action { return waits[place] }
        return nil
    }

    /// Whether it may set how fast bytes pass.
    var limitsBandwidth: Bool { limits.count > 0 }

    /// Gives each action the places of what it needs.
    private struct Builder {
        var conditions: [RuleCondition?]
        var pages: [(page: ErrorPage, status: UInt16)] = []
        var redirects: [Redirect] = []
        var changes: [MessageChange] = []
        var variables: [VariableChange] = []
        var counters: [CounterAction] = []
        var patterns: [PatternEdit] = []
        var expressions: [Expression] = []
        var composed: [ComposedPage] = []
        var services: [CompiledService] = []
        /// The one whose action is compiled, and whether an answer is here when it is asked.
        var rule = 0
        var hasAnswer = false
        var limits: [BandwidthLimit] = []
        var waits: [BodyWait] = []
        var names: [NameQuery] = []
        var fields: [String] = []

        mutating func action(_ action: HTTPAction) -> RuleAction {
            switch action {
            case .allow: return .allow
            case .deny(let answer): return .deny(code(answer))
            case .tarpit(let answer): return .tarpit(code(answer))
            case .reject: return .reject
            case .silentDrop: return .silentDrop
            case .closeServer: return .closeServer(isEarly: !hasAnswer)
            case .answer(let answer): return .answer(code(answer))
            case .redirect(let redirect):
                redirects.append(redirect)
                return .redirect(redirects.count - 1)
            case .change(let change):
                changes.append(change)
                return .change(changes.count - 1)
            case .normalize(let normalizer): return .normalize(normalizer)
            case .variable(let change):
                variables.append(change)
                return .variable(variables.count - 1)
            case .count(let action):
                counters.append(action)
                return .count(counters.count - 1)
            case .patterns(let edit):
                patterns.append(edit)
                return .patterns(patterns.count - 1)
            case .capture(let expression, let slot):
                expressions.append(expression)
                return .capture(expressions.count - 1, slot: slot)
            case .setDestination, .setDestinationPort, .setSource, .setSourcePort: return place(action)
            case .earlyHint(let name, let format):
                changes.append(.addField(name, format))
                return .earlyHint(changes.count - 1)
            case .setStatus(let status, let reason):
                fields.append(reason.isEmpty ? "\(HTTPStatus.reason(status))" : reason)
                return .setStatus(status, reason: fields.count - 1)
            case .repeatNothing: return .repeatNothing
            case .setStrictness(let isOn): return .setStrictness(isOn)
            case .setLogLevel(let level): return .setLogLevel(level?.rawValue)
            case .log(let step): return .log(step)
            case .authenticate(let realm):
                fields.append("WWW-Authenticate: Basic realm=\"\(realm)\"\r\n")
                return .authenticate(field: fields.count - 1)
            case .waitForBody, .resolve, .setTimeout, .limitBandwidth, .adjust: return delay(action)
            case .service(let service): return self.service(service)
            case .monitor(let failing):
                conditions += failing
                return .monitor(failing: conditions.count - failing.count..<conditions.count)
            }
        }

        private mutating func service(_ service: HTTPService) -> RuleAction {
            var page = StatisticsPage()
            if case .statistics(let own) = service { page = own }
            let access = page.access.map { action($0.action) }
            let first = conditions.count
            conditions += page.access.map(\.condition)
            let middle = conditions.count
            conditions += page.admins
            services.append(
                CompiledService(
                    service: service, rule: rule, access: access, conditions: first..<middle,
                    admins: middle..<conditions.count))
            return .service(services.count - 1)
        }

        /// Where a request comes from, and where it goes.
        private mutating func place(_ action: HTTPAction) -> RuleAction {
            switch action {
            case .setSource(let expression):
                expressions.append(expression)
                return .setSource(expressions.count - 1)
            case .setSourcePort(let expression):
                expressions.append(expression)
                return .setSourcePort(expressions.count - 1)
            case .setDestination(let expression):
                expressions.append(expression)
                return .setDestination(expressions.count - 1)
            case .setDestinationPort(let expression):
                expressions.append(expression)
                return .setDestinationPort(expressions.count - 1)
            default: return .allow
            }
        }

        /// What is about time, and about connections.
        private mutating func delay(_ action: HTTPAction) -> RuleAction {
            switch action {
            case .setTimeout(let change):
                switch change.time {
                case .fixed(let time): return .setTimeout(change.kind, time)
                case .sample(let expression):
                    expressions.append(expression)
                    return .setTimeoutBySample(change.kind, expressions.count - 1)
                }
            case .waitForBody(let wait):
                waits.append(wait)
                return .waitForBody(waits.count - 1)
            case .resolve(let query):
                names.append(query)
                return .resolve(names.count - 1)
            case .limitBandwidth(let limit):
                limits.append(limit)
                return .limitBandwidth(limits.count - 1)
            case .adjust(let setting):
                expressions.append(setting.value)
                return .adjust(setting.kind, expressions.count - 1)
            default: return .allow
            }
        }

        /// A page that can not be sent is a refusal without one; whoever made it reports that.
        private mutating func code(_ answer: RuleAnswer) -> AnswerCode {
            switch answer {
            case .page(let status): return .page(answer.flaw == nil ? status : 500)
            case .composed(let page):
                guard answer.flaw == nil else { return .page(500) }
                composed.append(page)
                return .composed(composed.count - 1)
            case .own(let page, let status):
                guard answer.flaw == nil else { return .page(500) }
                pages.append((page, status))
                return .own(pages.count - 1)
            }
        }
    }
}
