import Model

/// What stands between the parentheses of `if`: one variable, and what it is compared with.
struct SnippetCondition {
    let terms: [RuleCondition.Term]
    /// What `$1` to `$9` are behind it.
    let groups: [String: NginxTemplate]

    /// Reads one. `variables` are those that the text has set.
    init(_ values: ArraySlice<String>, line: Int, knowing variables: [String: NginxTemplate])
        throws(SnippetFlaw)
    {
        let words = try SnippetCondition.unwrapped(values, line: line)
        guard let variable = words.first, variable.hasPrefix("$"),
            let read = SnippetCondition.expression(variable, variables)
        else {
            throw SnippetFlaw(line, "\"\(words.first ?? "")\" is no variable that a condition is known about")
        }
        switch words.count {
        case 1:
            (terms, groups) = (
                [
                    RuleCondition.Term([SampleTest(read, .length([1...Int64(Int32.max)]))]),
                    RuleCondition.Term(
                        [SampleTest(read, .text(.exact, [[0x30]], ignoresCase: false))], isNegated: true),
                ], [:]
            )
        case 3:
            (terms, groups) = try SnippetCondition.compare(read, words[1], words[2], line: line)
        default: throw SnippetFlaw(line, "the condition is not known")
        }
    }

    private static func unwrapped(_ values: ArraySlice<String>, line: Int) throws(SnippetFlaw) -> [String] {
        var words = Array(values)
        guard let first = words.first, first.hasPrefix("("), let last = words.last, last.hasSuffix(")"),
            words.count > 1 || first.count > 2
        else { throw SnippetFlaw(line, "a condition stands between ( and )") }
        words[0].removeFirst()
        words[words.count - 1].removeLast()
        if words.first?.isEmpty == true { words.removeFirst() }
        if words.last?.isEmpty == true, words.count != 3 || first == "(" { words.removeLast() }
        return words
    }

    /// `$uri` is compared as routes are: decoded, without doubled slashes.
    static func expression(_ word: String, _ variables: [String: NginxTemplate] = [:]) -> Expression? {
        if ["$uri", "${uri}", "$document_uri"].contains(word) { return uri }
        return NginxTemplate(word, knowing: variables)?.onlyExpression
    }

    static let uri = try? Expression(
        .ofRequest(.path),
        [
            .decodeURL(isForm: false),
            .regexReplace(RegexReplacement("//+", by: [UInt8(ascii: "/")], isGlobal: true)),
        ])

    private static func compare(
        _ read: Expression, _ sign: String, _ text: String, line: Int
    ) throws(SnippetFlaw) -> ([RuleCondition.Term], [String: NginxTemplate]) {
        let isNegated = sign.hasPrefix("!")
        switch sign {
        case "=", "!=":
            guard !text.contains("$") else { throw SnippetFlaw(line, "it compares with a variable") }
            // What is not there is empty to nginx.
            guard !text.isEmpty else {
                let isThere = SampleTest(read, .length([1...Int64(Int32.max)]))
                return ([RuleCondition.Term([isThere], isNegated: !isNegated)], [:])
            }
            let test = SampleTest(read, .text(.exact, [Array(text.utf8)], ignoresCase: false))
            return ([RuleCondition.Term([test], isNegated: isNegated)], [:])
        case "~", "~*", "!~", "!~*":
            guard let pattern = SnippetPattern(text, ignoresCase: sign.hasSuffix("*")) else {
                throw SnippetFlaw(line, "\"\(text)\" is no expression that is known here")
            }
            let test = SampleTest(read, .regex([pattern.text], ignoresCase: pattern.ignoresCase))
            return (
                [RuleCondition.Term([test], isNegated: isNegated)], isNegated ? [:] : pattern.groups(of: read)
            )
        default: throw SnippetFlaw(line, "\"\(sign)\" compares nothing that is known here")
        }
    }
}

extension SnippetPattern {
    /// What its groups are of what an expression reads.
    func groups(of read: Expression) -> [String: NginxTemplate] {
        var groups: [String: NginxTemplate] = [:]
        for number in 1...9 {
            let replacement = RegexReplacement(whole, by: Array("\\\(number)".utf8), ignoresCase: ignoresCase)
            guard let group = try? Expression(read.fetch, read.converters + [.regexReplace(replacement)])
            else {
                continue
            }
            groups["\(number)"] = NginxTemplate(group)
        }
        return groups
    }
}
