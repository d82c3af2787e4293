import Model

/// Reads `if` and `unless` with what follows: names of ACLs and anonymous ones in braces, `!`, `or` and `||`.
struct ConditionReader {
    let lists: AccessLists
    let surroundings: Surroundings
    /// What is to be warned about.
    private(set) var warnings: [String] = []

    init(_ lists: AccessLists, _ surroundings: Surroundings) {
        self.lists = lists
        self.surroundings = surroundings
    }

    /// Reads the rest of a line; nil if there is none.
    mutating func condition(_ words: ArraySlice<Word>) throws(Refusal) -> RuleCondition? {
        guard let first = words.first else { return nil }
        guard first.text == "if" || first.text == "unless" else {
            throw .invalid(first, expected: "if, unless, or the end of the line")
        }
        var rest = words.dropFirst()
        var alternatives: [[RuleCondition.Term]] = [[]]
        while let word = rest.first {
            if word.text == "or" || word.text == "||" {
                guard alternatives.last?.isEmpty == false, rest.count > 1 else {
                    throw .missing(expected: "a condition on either side of '\(word.text)'")
                }
                alternatives.append([])
                rest = rest.dropFirst()
            } else {
                alternatives[alternatives.count - 1].append(try term(&rest))
            }
        }
        guard alternatives.last?.isEmpty == false else {
            throw .missing(expected: "a condition behind '\(first.text)'")
        }
        return RuleCondition(alternatives, isNegated: first.text == "unless")
    }

    private mutating func term(_ rest: inout ArraySlice<Word>) throws(Refusal) -> RuleCondition.Term {
        var isNegated = false
        while let word = rest.first, word.text.hasPrefix("!") {
            isNegated.toggle()
            rest = rest.dropFirst()
            if word.bytes.count > 1 {
                rest = [Word(Array(word.bytes.dropFirst()), column: word.column + 1)] + rest
            }
        }
        guard let word = rest.popFirst() else { throw .missing(expected: "a condition behind '!'") }
        if word.text == "{" { return RuleCondition.Term(try anonymous(&rest), isNegated: isNegated) }
        guard let tests = lists[word.text] else {
            if lists.isRefused(word.text) { return RuleCondition.Term([], isNegated: isNegated) }
            throw unknown(word)
        }
        return RuleCondition.Term(tests, isNegated: isNegated)
    }

    private func unknown(_ word: Word) -> Refusal {
        if word.text.hasPrefix("{") { return .invalid(word, expected: "a blank behind '{'") }
        let nearest = Suggestion.nearest(to: word.text, among: lists.names)
        return .conflict(
            "no ACL is called '\(word.text)' at column \(word.column)"
                + (nearest.map { "; did you mean '\($0)'?" } ?? ""))
    }

    private mutating func anonymous(_ rest: inout ArraySlice<Word>) throws(Refusal) -> [SampleTest] {
        guard let end = rest.firstIndex(where: { $0.text == "}" }) else {
            throw .missing(expected: "'}' with a blank in front of it")
        }
        var reader = TestReader(surroundings)
        let tests = try reader.test(rest[rest.startIndex..<end])
        warnings += reader.warnings
        rest = rest[(end + 1)...]
        return tests
    }
}
