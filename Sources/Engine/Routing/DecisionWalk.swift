import Basics
import Model
import Wire

/// Asks the phases of a route about one request. What it finds out on the way (variables, where it leads) the later ones know.
final class DecisionWalk {
    private let source: AskedSource
    private let route: Route
    private let target: RouteTarget?
    private let configuration: Configuration
    /// The backend it leads to, as far as is known.
    private(set) var chosen: BackendName?

    init(source: AskedSource, route: Route, target: RouteTarget?, configuration: Configuration) {
        (self.source, self.route, self.target, self.configuration) = (source, route, target, configuration)
        if case .backend(let name) = target { chosen = name }
    }

    private typealias Step = Decision.Step

    func steps(of phase: Decision.Phase, _ workspace: inout SampleWorkspace) -> [Decision.Step] {
        let rules = route.rules
        return switch phase {
        case .trace:
            rules?.tracing.map { _ in
                [Step(phase: phase, outcome: .acts, text: "it is traced: the server gets a traceparent")]
            } ?? []
        case .bodySize: bodySize
        case .redirect: ask(rules?.first, phase, &workspace)
        case .secure: secure(rules?.unsecured ?? [], &workspace)
        case .servers: servers
        case .limits: limits
        case .access: ask(rules?.access, phase, &workspace)
        case .authorization: authorization(&workspace)
        case .mirror:
            rules?.mirror.map { [Step(phase: phase, outcome: .acts, text: "a copy goes to \($0.backend)")] }
                ?? []
        case .request: ask(rules?.request, phase, &workspace)
        case .backend: alternatives(&workspace) + ask(chosenBackend?.rules.request, phase, &workspace)
        case .answer: answers + afterwards()
        }
    }

    private var chosenBackend: Backend? { chosen.flatMap { configuration.backends[$0] } }

    // MARK: Phases

    private var bodySize: [Decision.Step] {
        guard let limit = route.limits?.maxBodySize, limit > 0 else { return [] }
        let isBeyond = (source.bodyLength ?? 0) > limit
        return [
            Step(
                phase: .bodySize, outcome: isBeyond ? .ends : .passes,
                text: isBeyond
                    ? "413, a body of more than \(limit) bytes" : "a body of more than \(limit) bytes: 413")
        ]
    }

    private func secure(_ rules: [HTTPRule], _ workspace: inout SampleWorkspace) -> [Decision.Step] {
        guard !rules.isEmpty else { return [] }
        guard source.isOverTLS else { return ask(rules, .secure, &workspace) }
        return [Step(phase: .secure, outcome: .passes, text: "it came over TLS")]
    }

    /// Without a server nobody is asked for anything.
    private var servers: [Decision.Step] {
        if case .answer(let status) = target, status >= 500 {
            return [Step(phase: .servers, outcome: .ends, text: "\(status), the backend cannot be used")]
        }
        guard let name = chosen, configuration.backends[name]?.servers.isEmpty ?? true else { return [] }
        if let errors = route.rules?.errors, errors.standsIn,
            !(configuration.backends[errors.backend]?.servers.isEmpty ?? true)
        {
            return [
                Step(phase: .servers, outcome: .acts, text: "\(name) has none, \(errors.backend) stands in")
            ]
        }
        return [Step(phase: .servers, outcome: .ends, text: "503, \(name) has none")]
    }

    private var limits: [Decision.Step] {
        guard let limits = route.limits else { return [] }
        var found: [Decision.Step] = []
        func add(_ what: String, isExempt: Bool? = false) {
            let text =
                isExempt == true ? "\(what): not of this client" : "more than \(what): \(limits.status)"
            let outcome: Decision.Outcome = isExempt == true ? .passes : .depends([.state])
            found.append(Step(phase: .limits, outcome: outcome, text: text))
        }
        let isExempt = limits.exempt.isEmpty ? false : source.isClient(in: limits.exempt)
        _ = source.takeUnknown()
        for rate in [limits.rate, limits.secondRate].compactMap({ $0 }) {
            add(rate.words, isExempt: isExempt)
        }
        if limits.maxRequestsPerAddress > 0 {
            add("\(limits.maxRequestsPerAddress) requests of an address at a time", isExempt: isExempt)
        }
        if limits.maxRequests > 0 { add("\(limits.maxRequests) requests at a time") }
        return found
    }

    private func authorization(_ workspace: inout SampleWorkspace) -> [Decision.Step] {
        guard let asked = route.rules?.authorization else { return [] }
        let who = asked.backend?.description ?? "this proxy itself"
        if let needless = asked.needless {
            switch holds(needless, &workspace) {
            case .acts:
                return [Step(phase: .authorization, outcome: .passes, text: "it comes in without \(who)")]
            case .depends(let unknown):
                return [
                    Step(
                        phase: .authorization, outcome: .depends(unknown),
                        text: "it comes in without \(who), or by its word: 401, 403")
                ]
            case .passes, .ends: break
            }
        }
        let url = text(asked.host, &workspace) + text(asked.path, &workspace)
        return [
            Step(
                phase: .authorization, outcome: .depends([.answer]),
                text: "\(who) is asked for \(url), by \(asked.method): 401, 403, or it goes on")
        ]
    }

    private func alternatives(_ workspace: inout SampleWorkspace) -> [Decision.Step] {
        var found: [Decision.Step] = []
        for rule in route.alternatives {
            guard let name = rule.backend else { continue }
            let condition = rule.condition.map { " if \(ConditionText.of($0))" } ?? ""
            let outcome = holds(rule.condition, &workspace)
            guard outcome == .acts else {
                found.append(Step(phase: .backend, outcome: outcome, text: "\(name)\(condition)"))
                continue
            }
            guard !(configuration.backends[name]?.servers.isEmpty ?? true) else {
                found.append(
                    Step(phase: .backend, outcome: .passes, text: "\(name)\(condition), but it has no server")
                )
                break
            }
            chosen = name
            found.append(Step(phase: .backend, outcome: .acts, text: "\(name)\(condition)"))
            break
        }
        return found
    }

    /// What is done with a server's answer.
    private var answers: [Decision.Step] {
        var found: [Decision.Step] = []
        if let errors = route.rules?.errors, !errors.statuses.isEmpty {
            let codes = errors.statuses.map { "\($0)" }.joined(separator: ", ")
            found.append(
                Step(
                    phase: .answer, outcome: .depends([.answer]),
                    text: "\(codes): \(errors.backend) answers instead"))
        }
        return found + told(route.rules?.response ?? [])
    }

    /// What is done with all answers, the proxy's own too.
    func afterwards() -> [Decision.Step] { told(route.rules?.after ?? []) }

    private func told(_ rules: [HTTPRule]) -> [Decision.Step] {
        rules.map { rule in
            Step(
                phase: .answer, outcome: rule.condition == nil ? .acts : .depends([.answer]),
                text: words(rule.action))
        }
    }

    // MARK: Rules

    /// Asks a list until a rule ends it.
    private func ask(
        _ rules: [HTTPRule]?, _ phase: Decision.Phase, _ workspace: inout SampleWorkspace
    ) -> [Decision.Step] {
        var found: [Decision.Step] = []
        for rule in rules ?? [] {
            let outcome = holds(rule.condition, &workspace)
            guard outcome != .passes else {
                // What is only remembered for the rules behind it is nothing to tell.
                if !rule.action.isQuiet {
                    found.append(Step(phase: phase, outcome: .passes, text: says(rule)))
                }
                continue
            }
            perform(rule.action, &workspace)
            if rule.action.isQuiet { continue }
            var step = Step(phase: phase, outcome: outcome, text: describe(rule, &workspace))
            if outcome == .acts, rule.action.ends { step.outcome = .ends }
            found.append(step)
            if step.outcome == .ends { break }
            if outcome == .acts, case .allow = rule.action { break }
        }
        return found
    }

    /// `acts` if a condition holds, `passes` if not.
    private func holds(_ condition: RuleCondition?, _ workspace: inout SampleWorkspace) -> Decision.Outcome {
        workspace.reset()
        _ = source.takeUnknown()
        let holds = ConditionSet([condition]).holds(0, for: source, &workspace)
        let unknown = source.takeUnknown()
        guard unknown.isEmpty else { return .depends(unknown) }
        return holds ? .acts : .passes
    }

    /// Variables, for those who ask later.
    private func perform(_ action: HTTPAction, _ workspace: inout SampleWorkspace) {
        guard case .variable(let change) = action else { return }
        workspace.reset()
        switch change {
        case .set(let variable, let conditions, let expression):
            guard let sample = CompiledExpression(expression).sample(of: source, &workspace) else { return }
            source.setVariable(VariableKey(variable), to: sample, conditions)
        case .setText(let variable, let conditions, let format):
            let text = text(format, &workspace)
            text.withView { source.setVariable(VariableKey(variable), to: .string($0), conditions) }
        case .unset(let variable): source.unsetVariable(VariableKey(variable))
        }
    }

    private func text(_ format: FormatString, _ workspace: inout SampleWorkspace) -> String {
        var text = Buffer(capacity: SampleWorkspace.size)
        workspace.reset()
        CompiledFormat(format).append(for: source, to: &text, &workspace)
        return text.view.string
    }

    /// A rule that applies, with what it makes of this request.
    private func describe(_ rule: HTTPRule, _ workspace: inout SampleWorkspace) -> String {
        switch rule.action {
        case .redirect(let redirect):
            return "\(redirect.status), to \(location(redirect, &workspace))" + condition(of: rule)
        case .change(.setTarget(let part, let format)):
            return "\(part.words) becomes \(text(format, &workspace))" + condition(of: rule)
        case .change(.replaceTarget(let part, let pattern, let format)):
            guard let new = replaced(part, pattern, format, &workspace) else { return says(rule) }
            return "\(part.words) becomes \(new)" + condition(of: rule)
        case .change(.setMethod(let format)): return "the method becomes \(text(format, &workspace))"
        default: return says(rule)
        }
    }

    /// What a path becomes where a pattern matches: what is written in its place, all of it. Nil if that is not known.
    private func replaced(
        _ part: TargetPart, _ pattern: String, _ format: FormatString, _ workspace: inout SampleWorkspace
    ) -> String? {
        guard part == .path || part == .matchedPath, format.parts.count == 1,
            case .text(let new) = format.parts[0]
        else { return nil }
        let path = String(source.forwarded.string.prefix { $0 != "?" })
        let text = part == .matchedPath ? MatchedPath.of(path) ?? path : path
        let whole = RegexReplacement("^.*?(?:\(pattern)).*$", by: new)
        guard let expression = try? Expression(.string(Array(text.utf8)), [.regexReplace(whole)]) else {
            return nil
        }
        workspace.reset()
        return CompiledExpression(expression).sample(of: source, &workspace)?.text(&workspace)?.string
    }

    private func location(_ redirect: Redirect, _ workspace: inout SampleWorkspace) -> String {
        let target = text(redirect.target, &workspace)
        workspace.reset()
        let compiled = CompiledRedirect(redirect)
        let fields = target.withView { target in
            workspace.write { compiled.write(target, path: source.forwarded, host: source.host, to: &$0) }?
                .string
        }
        let line = fields?.split(whereSeparator: \.isNewline).first { $0.hasPrefix("Location: ") }
        return line.map { String($0.dropFirst("Location: ".count)) } ?? target
    }

    private func says(_ rule: HTTPRule) -> String { words(rule.action) + condition(of: rule) }

    private func condition(of rule: HTTPRule) -> String {
        rule.condition.map { " if \(ConditionText.of($0))" } ?? ""
    }

    /// What a rule does, whatever the request. No value stands in it that a field would get: that may be a secret.
    private func words(_ action: HTTPAction) -> String {
        switch action {
        case .allow: "the rest is not asked"
        case .deny(.page(let status)), .tarpit(.page(let status)): "refused with \(status)"
        case .deny, .tarpit, .reject, .silentDrop: "refused"
        case .answer(.page(let status)): "answered with \(status)"
        case .answer(.composed(let page)): "answered with \(page.status)"
        case .answer(.own(_, let status)): "answered with \(status)"
        case .redirect(let redirect): "sent elsewhere with \(redirect.status)"
        case .authenticate: "401, without a name and a password of the list"
        case .change(let change): change.words
        case .setStatus(let status, _): "its status becomes \(status)"
        case .limitBandwidth(let limit): "held back to \(limit.bytes) bytes in \(limit.period) ms"
        case .service, .monitor: "answered here"
        default: "something noted"
        }
    }
}

extension HTTPAction {
    /// Whether the request goes no further.
    fileprivate var ends: Bool {
        switch self {
        case .deny, .tarpit, .reject, .silentDrop, .answer, .authenticate, .service, .monitor: true
        case .redirect(let redirect): !redirect.ignoresEmpty || !redirect.target.parts.isEmpty
        default: false
        }
    }

    /// Whether only other rules see what it does.
    fileprivate var isQuiet: Bool {
        switch self {
        case .variable, .capture, .setLogLevel, .log, .count: true
        default: false
        }
    }
}

extension MessageChange {
    fileprivate var words: String {
        switch self {
        case .addField(let name, _): "field \(name) added"
        case .setField(let name, _): "field \(name) set"
        case .removeFields(.text(_, let name)): "fields \(name) removed"
        case .removeFields(.regex(let pattern)): "fields \(pattern) removed"
        case .replaceField(let name, _, _, _): "field \(name) rewritten"
        case .setMethod: "the method changed"
        case .setTarget(let part, _), .replaceTarget(let part, _, _): "\(part.words) changed"
        }
    }
}

extension TargetPart {
    fileprivate var words: String {
        switch self {
        case .path, .matchedPath: "the path"
        case .pathAndQuery, .url: "path and query"
        case .query: "the query"
        }
    }
}

extension RateLimit {
    /// `5 requests in 1000 ms of an address`.
    fileprivate var words: String {
        let whose =
            switch key {
            case .everybody: ""
            case .source: " of an address"
            case .header(let name): " with the same \(name)"
            }
        return "\(requests) requests in \(period) ms\(whose)\(burst > 0 ? ", and \(burst) at once" : "")"
    }
}
