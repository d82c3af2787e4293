import Model

/// A `configuration-snippet` whose every line is known: what it says as typed rules.
struct Snippet: Sendable, Equatable {
    /// Who is answered here, or sent elsewhere, in the order of the text.
    var answers: [Answer] = []
    /// Who may come in.
    var access: [AccessLine] = []
    /// The one change of the path that servers see: an expression, and what takes its place, with `\1` to `\9`.
    var rewrite: PathChanges.Line?
    /// Fields of requests.
    var asked: [Field] = []
    /// Fields of servers' answers that clients do not get.
    var hidden: [String] = []
    /// Fields of all answers.
    var answered: [Field] = []
    /// Whether who comes in is judged by the address that a proxy names which is believed, where one does.
    var believesProxies = false
    /// What annotations say in the same way.
    var settings: [Setting] = []

    /// An answer of ours.
    struct Answer: Sendable, Equatable {
        var content: Content
        /// nil is always.
        var condition: RuleCondition?
    }

    enum Content: Sendable, Equatable {
        case page(UInt16)
        case text(UInt16, NginxTemplate, type: String)
        case location(UInt16, NginxTemplate)
        /// nginx's 444.
        case nothing
    }

    /// `allow` or `deny`: the first that applies counts.
    struct AccessLine: Sendable, Equatable {
        var isAllowed: Bool
        /// nil is everybody.
        var network: String?
        /// The methods of `limit_except` that it is not about, the same of all lines; empty is that they are about all.
        var spared: [String] = []
    }

    /// What becomes of a field.
    struct Field: Sendable, Equatable {
        /// A name, or the front of names.
        var name: String
        var change: Change

        enum Change: Sendable, Equatable {
            case set(NginxTemplate)
            /// One more, of answers with the statuses that nginx's `add_header` is about, or of all.
            case add(NginxTemplate, always: Bool)
            case remove
            case removeAll
        }
    }

    /// What an annotation would say.
    struct Setting: Sendable, Equatable {
        var annotation: String
        var value: String
        var line: Int
    }

    /// The statuses that `add_header` without `always` is about.
    static let statuses: [Int64] = [200, 201, 204, 206, 301, 302, 303, 304, 307, 308]

    /// Whether rules of two paths differ.
    var dependsOnPath: Bool {
        (asked + answered).contains { $0.template?.namesIngress ?? false }
            || answers.contains { $0.content.template?.namesIngress ?? false }
    }

    /// Whether it keeps anybody out.
    var guards: Bool { !access.isEmpty || !answers.isEmpty }

    /// What it does, in words.
    var summary: String {
        func named(_ fields: [Field]) -> String { Set(fields.map(\.name)).sorted().joined(separator: ", ") }
        let parts: [(Bool, String)] = [
            (
                !answers.isEmpty,
                answers.count == 1 ? "one rule that answers" : "\(answers.count) rules that answer"
            ),
            (!access.isEmpty, "who may come in"), (rewrite != nil, "the path that servers see"),
            (!asked.isEmpty, "fields of requests (\(named(asked)))"),
            (!hidden.isEmpty, "fields that are taken away (\(hidden.joined(separator: ", ")))"),
            (!answered.isEmpty, "fields of answers (\(named(answered)))"),
            (!settings.isEmpty, settings.map { "\($0.annotation): \"\($0.value)\"" }.joined(separator: ", ")),
        ]
        let said = parts.filter(\.0).map(\.1)
        return said.isEmpty ? "nothing that is not so anyway" : said.joined(separator: "; ")
    }

    // MARK: - Rules

    func first(_ names: TemplateNames) -> [HTTPRule] {
        answers.map { HTTPRule($0.content.action(names), when: $0.condition) }
    }

    /// Refuses whom no earlier line lets in.
    var accessRules: [HTTPRule] {
        var rules: [HTTPRule] = []
        var allowed: [String] = []
        for line in access {
            if line.isAllowed {
                guard let network = line.network else { break }
                allowed.append(network)
                continue
            }
            rules.append(refusal(line, butOf: allowed))
            if line.network == nil { break }
        }
        return rules
    }

    private func refusal(_ line: AccessLine, butOf allowed: [String]) -> HTTPRule {
        var terms: [RuleCondition.Term] = []
        if let source = try? Expression(believesProxies ? .told(.clientAddress) : .ofClient(.source)) {
            if !allowed.isEmpty {
                terms.append(RuleCondition.Term([SampleTest(source, .address(allowed))], isNegated: true))
            }
            if let network = line.network {
                terms.append(RuleCondition.Term([SampleTest(source, .address([network]))]))
            }
        }
        if !line.spared.isEmpty, let method = try? Expression(.ofRequest(.method)) {
            let spared = Matching.text(.exact, line.spared.map { Array($0.utf8) }, ignoresCase: false)
            terms.append(RuleCondition.Term([SampleTest(method, spared)], isNegated: true))
        }
        return HTTPRule(.deny(.page(403)), when: terms.isEmpty ? nil : RuleCondition([terms]))
    }

    func request(_ names: TemplateNames) -> [HTTPRule] {
        let path = rewrite.flatMap { rewrite in
            rewrite.pattern.map {
                let format = FormatString([.text(Array(rewrite.replacement.utf8))])
                return HTTPRule(.change(.replaceTarget(.matchedPath, pattern: $0, format)))
            }
        }
        return [path].compactMap(\.self) + asked.map { $0.rule(names) }
    }

    var response: [HTTPRule] { hidden.map { HTTPRule(.change(.removeFields(.text(.exact, $0)))) } }

    func after(_ names: TemplateNames) -> [HTTPRule] { answered.map { $0.rule(names) } }
}

extension Snippet.Content {
    fileprivate var template: NginxTemplate? {
        switch self {
        case .text(_, let template, _), .location(_, let template): template
        case .page, .nothing: nil
        }
    }

    fileprivate func action(_ names: TemplateNames) -> HTTPAction {
        switch self {
        case .page(let status): return .deny(.page(status))
        case .nothing: return .reject
        case .text(let status, let text, let type):
            return .answer(
                .composed(
                    ComposedPage(status: status, contentType: type, fields: [], body: text.format(names))))
        case .location(let status, let target):
            var redirect = Redirect(.location, to: target.format(names))
            redirect.status = status
            return .redirect(redirect)
        }
    }
}

extension Snippet.Field {
    fileprivate var template: NginxTemplate? {
        switch change {
        case .set(let template), .add(let template, _): template
        case .remove, .removeAll: nil
        }
    }

    fileprivate func rule(_ names: TemplateNames) -> HTTPRule {
        switch change {
        case .set(let template): return HTTPRule(.change(.setField(name, template.format(names))))
        case .add(let template, let always):
            let status = always ? nil : try? Expression(.status)
            let condition = status.map {
                RuleCondition([
                    [RuleCondition.Term([SampleTest($0, .number(Snippet.statuses.map { $0...$0 }))])]
                ])
            }
            return HTTPRule(.change(.addField(name, template.format(names))), when: condition)
        case .remove: return HTTPRule(.change(.removeFields(.text(.exact, name))))
        case .removeAll: return HTTPRule(.change(.removeFields(.text(.prefix, name))))
        }
    }
}
