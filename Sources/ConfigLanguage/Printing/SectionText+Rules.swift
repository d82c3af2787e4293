import Model

/// `http-request`, `http-response` and their like.
extension SectionText {
    /// Where a rule stands.
    enum RulePlace: String {
        case content = "tcp-request content"
        case request = "http-request"
        case redirect = ""
        case response = "http-response"
        case answerContent = "tcp-response content"
        case afterResponse = "http-after-response"

        /// What its refusals answer if nothing is said.
        var usualStatus: UInt16 { self == .request ? 403 : 502 }

        fileprivate var words: [Word] { rawValue.split(separator: " ").map { Word(String($0)) } }
    }

    /// All rules of a section called `name`.
    mutating func add(_ rules: HTTPRules, of name: String) {
        for rule in rules.content { add(rule, .content, of: name) }
        for rule in rules.request { add(rule, .request, of: name) }
        for rule in rules.redirects { add(rule, .redirect, of: name) }
        if !rules.answerContent.isEmpty, rules.answerDelay > 0 {
            add("tcp-response", "inspect-delay", TimeSpelling.word(rules.answerDelay))
        }
        for rule in rules.answerContent { add(rule, .answerContent, of: name) }
        for rule in rules.response { add(rule, .response, of: name) }
        for rule in rules.afterResponse { add(rule, .afterResponse, of: name) }
    }

    /// One of them.
    mutating func add(_ rule: HTTPRule, _ place: RulePlace, of name: String) {
        switch rule.action {
        case .monitor(let failing): addMonitor(rule, failing)
        case .service(.statistics(let page)): add(page, of: name)
        default:
            if rule.action.isOfMatchedPath {
                remark("the next rule sees the path as it was sent, not decoded as routes see it")
            }
            guard let words = words(of: rule.action, place, name) else {
                return remark("\(place == .redirect ? "redirect" : place.rawValue): \(rule.action.unsaid)")
            }
            add(place.words + words, when: rule.condition)
        }
    }

    private mutating func addMonitor(_ rule: HTTPRule, _ failing: [RuleCondition]) {
        guard case .text(_, let uris, _)? = rule.condition?.alternatives.first?.first?.tests.first?.matching,
            let uri = uris.first
        else { return remark("an answer to whoever asks whether we are there has no address") }
        add("monitor-uri", Word(uri, column: 1))
        for condition in failing { add(["monitor", "fail"], when: condition) }
    }

    mutating func words(of action: HTTPAction, _ place: RulePlace, _ name: String) -> [Word]? {
        switch action {
        case .allow: return [place == .content || place == .answerContent ? "accept" : "allow"]
        case .reject: return ["reject"]
        case .closeServer: return ["close"]
        case .silentDrop: return ["silent-drop"]
        case .deny(let answer): return refusal("deny", answer, place.usualStatus)
        case .tarpit(let answer): return refusal("tarpit", answer, 500)
        case .answer(let answer):
            if let words = AnswerSpelling.answer(answer, self) { return ["return"] + words }
            remark("the answer of the next rule can not be written in a line")
            return ["return", "status", "\(answer.status)"]
        case .redirect(let redirect):
            return AnswerSpelling.words(redirect, isLiteral: place == .redirect, self).map {
                ["redirect"] + $0
            }
        case .authenticate(let realm): return realm == name ? ["auth"] : ["auth", "realm", Word(realm)]
        case .change(let change): return words(of: change)
        case .normalize(let normalizer):
            return ["normalize-uri"] + normalizer.rawValue.split(separator: " ").map { Word(String($0)) }
        case .variable(let change): return words(of: change)
        case .patterns(let edit): return words(of: edit)
        case .count(let action): return words(of: action)
        case .capture(let expression, let slot) where place == .content:
            return words(ofCapture: expression, at: slot)
        case .capture(let expression, let slot): return ["capture", word(expression), "id", "\(slot)"]
        case .setStatus(let status, let reason):
            return ["set-status", "\(status)"] + (reason.isEmpty ? [] : ["reason", Word(reason)])
        case .repeatNothing: return ["disable-l7-retry"]
        case .setStrictness(let isOn): return ["strict-mode", isOn ? "on" : "off"]
        case .setLogLevel(let level): return ["set-log-level", Word(level?.name ?? "silent")]
        case .log: return ["do-log"]
        case .limitBandwidth(let limit): return words(of: limit)
        case .adjust(let setting): return words(of: setting)
        case .setSource(let expression): return ["set-src", word(expression)]
        case .setSourcePort(let expression): return ["set-src-port", word(expression)]
        case .setDestination(let expression): return ["set-dst", word(expression)]
        case .setDestinationPort(let expression): return ["set-dst-port", word(expression)]
        case .earlyHint(let name, let format): return ["early-hint", Word(name), word(format, for: .message)]
        case .setTimeout(let change): return words(of: change)
        case .resolve(let query): return words(of: query)
        case .waitForBody(let wait):
            return ["wait-for-body"] + (wait.time.map { ["time", TimeSpelling.word($0)] } ?? [])
                + (wait.least > 0 ? ["at-least", "\(wait.least)"] : [])
        case .service(.prometheus): return ["use-service", "prometheus-exporter"]
        case .service(.statistics), .monitor: return nil
        }
    }

    func words(of query: NameQuery) -> [Word] {
        let family = query.prefersV4 ? ",ipv4" : ""
        return ["do-resolve(\(query.variable),\(query.resolvers)\(family))", word(query.name)]
    }

    private func words(of change: TimeoutChange) -> [Word] {
        switch change.time {
        case .fixed(let time): ["set-timeout", Word(change.kind.rawValue), TimeSpelling.word(time)]
        case .sample(let expression): ["set-timeout", Word(change.kind.rawValue), word(expression)]
        }
    }

    /// A refusal stays one, whatever it answers.
    private mutating func refusal(_ word: Word, _ answer: RuleAnswer, _ usual: UInt16) -> [Word] {
        if let words = AnswerSpelling.refusal(answer, usual: usual, self) { return [word] + words }
        remark("the answer of the next rule can not be written in a line")
        return [word, "status", "\(answer.status)"]
    }

    // MARK: What goes on

    private func words(of change: MessageChange) -> [Word]? {
        switch change {
        case .addField(let name, let format): return ["add-header", Word(name), word(format, for: .message)]
        case .setField(let name, let format): return ["set-header", Word(name), word(format, for: .message)]
        case .removeFields(let names): return removal(names).map { ["del-header"] + $0 }
        case .replaceField(let name, let pattern, let format, let isEachValue):
            return [
                isEachValue ? "replace-value" : "replace-header", Word(name), Word(pattern),
                word(format, for: .message),
            ]
        case .setMethod(let format): return ["set-method", word(format, for: .message)]
        case .setTarget(.matchedPath, let format): return ["set-path", word(format, for: .message)]
        case .replaceTarget(.matchedPath, let pattern, let format):
            return ["replace-path", Word(pattern), word(format, for: .message)]
        case .setTarget(let part, let format):
            return ["set-\(part.rawValue)", word(format, for: .message)]
        case .replaceTarget(let part, let pattern, let format):
            return ["replace-\(part.rawValue)", Word(pattern), word(format, for: .message)]
        }
    }

    private func removal(_ names: FieldNames) -> [Word]? {
        switch names {
        case .text(.exact, let name) where ErrorPage.isFieldName(name): [Word(name)]
        case .text(.exact, let name): [Word(name), "-m", "str"]
        case .text(.prefix, let name): [Word(name), "-m", "beg"]
        case .text(.suffix, let name): [Word(name), "-m", "end"]
        case .text(.substring, let name): [Word(name), "-m", "sub"]
        case .regex(let pattern): [Word(pattern), "-m", "reg"]
        case .text: nil
        }
    }

    /// Behind a keyword of rules, or behind `global`'s own.
    func words(of change: VariableChange) -> [Word] {
        switch change {
        case .set(let variable, let conditions, let expression):
            return ["set-var(\(variable)\(SectionText.text(conditions)))", word(expression)]
        case .setText(let variable, let conditions, let format):
            return ["set-var-fmt(\(variable)\(SectionText.text(conditions)))", word(format, for: .value)]
        case .unset(let variable): return ["unset-var(\(variable))"]
        }
    }

    private static func text(_ conditions: VariableConditions) -> String {
        VariableConditions.words.filter { conditions.contains($0.value) }.map { ",\($0.key)" }.joined()
    }

    private func words(of edit: PatternEdit) -> [Word] {
        let isMap = context.configuration.patterns[edit.list]?.isMap ?? false
        let file = ArgumentSpelling.text(edit.list.description)
        switch edit {
        case .set(_, let key, let value):
            return ["set-map(\(file))", word(key, for: .value), word(value, for: .value)]
        case .add(_, let key): return ["add-acl(\(file))", word(key, for: .value)]
        case .remove(_, let key):
            return [isMap ? "del-map(\(file))" : "del-acl(\(file))", word(key, for: .value)]
        }
    }

    /// Of `tcp-request` too.
    func words(of action: CounterAction) -> [Word] {
        switch action {
        case .track(let slot, let key, let table):
            return ["track-sc\(slot)", word(key), "table", Word(table.description)]
        case .add(let amount, .gpc, let element, let slot):
            let isOne = amount == Expression(integer: 1)
            return isOne
                ? ["sc-inc-gpc(\(element),\(slot))"] : ["sc-add-gpc(\(element),\(slot))", number(amount)]
        case .add(_, let kind, _, let slot): return ["sc-inc-\(kind.rawValue)(\(slot))"]
        case .set(.gpt, let element, let slot, let value):
            return ["sc-set-gpt(\(element),\(slot))", number(value)]
        case .set(let kind, _, let slot, let value):
            return ["sc-set-\(kind.rawValue)(\(slot))", number(value)]
        }
    }

    /// An expression that may be a number as it is.
    func number(_ expression: Expression) -> Word {
        guard case .integer(let value) = expression.fetch, expression.converters.isEmpty,
            UInt32(exactly: value) != nil
        else { return word(expression) }
        return "\(value)"
    }
}

extension RuleAnswer {
    fileprivate var status: UInt16 {
        switch self {
        case .page(let status), .own(_, loggedAs: let status): status
        case .composed(let page): page.status
        }
    }
}

extension HTTPAction {
    fileprivate var isOfMatchedPath: Bool {
        switch self {
        case .change(.setTarget(.matchedPath, _)), .change(.replaceTarget(.matchedPath, _, _)): true
        default: false
        }
    }

    /// What it does that no word says.
    fileprivate var unsaid: String {
        switch self {
        case .redirect: "a redirection sets a cookie in a way that no word does"
        default: "a rule that no word says"
        }
    }
}
