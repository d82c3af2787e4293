import Model

/// Conditions for people, in the words of haproxy.cfg where there are some.
enum ConditionText {
    static func of(_ condition: RuleCondition) -> String {
        let text = condition.alternatives.map { $0.map(term).joined(separator: " and ") }.joined(
            separator: " or ")
        return condition.isNegated ? "not (\(text))" : text
    }

    private static func term(_ term: RuleCondition.Term) -> String {
        let tests = term.tests.map(test).joined(separator: " or ")
        guard term.isNegated else { return tests }
        return "not \(term.tests.count == 1 ? tests : "(\(tests))")"
    }

    private static func test(_ test: SampleTest) -> String {
        let what = test.expression.description
        return switch test.matching {
        case .found: "\(what) is there"
        case .truth: what
        case .text(let match, let patterns, _):
            "\(what) \(verb(match)) \(list(patterns.map { String(decoding: $0, as: UTF8.self) }))"
        case .regex(let patterns, _): "\(what) matches \(list(patterns))"
        case .number(let ranges): "\(what) is \(list(ranges.map(range)))"
        case .length(let ranges): "\(what) is \(list(ranges.map(range))) long"
        case .address(let networks): "\(what) is in \(list(networks))"
        case .binary: "\(what) is among bytes"
        case .list(let name, _): "\(what) is in \(name)"
        }
    }

    private static func verb(_ match: TextMatch) -> String {
        switch match {
        case .exact: "is"
        case .prefix: "begins with"
        case .suffix: "ends with"
        case .substring, .directory, .domain: "has"
        }
    }

    private static func range(_ range: ClosedRange<Int64>) -> String {
        range.lowerBound == range.upperBound
            ? "\(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
    }

    /// A few of them: a list may have thousands.
    private static func list(_ words: [String]) -> String {
        let shown = words.prefix(4).map { $0.isEmpty ? "empty" : $0 }.joined(separator: ", ")
        return words.count > 4 ? "\(shown) and \(words.count - 4) more" : shown
    }
}
