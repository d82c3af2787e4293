import Model

/// Conditions: `if`, `unless` and what stands behind them.
extension SectionText {
    /// The most words of a test that stands in the condition itself.
    private static let mostInline = 10

    /// The words of a condition behind so many others. What is asked in several ways, or at length, is an ACL in front.
    mutating func words(of condition: RuleCondition, behind count: Int) -> [Word] {
        let first: Word = condition.isNegated ? "unless" : "if"
        let mentions = context.mentions
        let inline = [first] + terms(of: condition, inline: true)
        if count + inline.count <= Lexer.mostWords { return inline }
        context.mentions = mentions
        return [first] + terms(of: condition, inline: false)
    }

    private mutating func terms(of condition: RuleCondition, inline: Bool) -> [Word] {
        var words: [Word] = condition.alternatives.isEmpty ? ["{", "bool(0)", "}"] : []
        for (number, alternative) in condition.alternatives.enumerated() {
            if number > 0 { words.append("or") }
            if alternative.isEmpty { words += ["{", "bool(1)", "}"] }
            for term in alternative { words += self.words(of: term, inline: inline) }
        }
        return words
    }

    private mutating func words(of term: RuleCondition.Term, inline: Bool) -> [Word] {
        let mark = term.isNegated ? "!" : ""
        if term.tests.isEmpty { return ["\(mark){", "bool(0)", "}"] }
        if inline, term.tests.count == 1 {
            let mentions = context.mentions
            let words = TestSpelling.words(term.tests[0], context)
            if words.count <= SectionText.mostInline, !words.contains(where: { $0.text == "}" }) {
                return ["\(mark){"] + words + ["}"]
            }
            context.mentions = mentions
        }
        return [Word(mark + list(term.tests).text)]
    }
}
