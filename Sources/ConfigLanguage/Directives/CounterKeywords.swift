import Model

/// What rules do with counters: `track-sc0`, `sc-inc-gpc` and their like.
enum CounterKeywords {
    /// Wherever rules may stand.
    static let words =
        (0..<CounterRead.most).map { "track-sc\($0)" } + [
            "sc-inc-gpc0", "sc-inc-gpc1", "sc-inc-gpc", "sc-add-gpc", "sc-set-gpt0", "sc-set-gpt",
        ]

    /// The word in front of its parentheses, if it is one of these.
    static func name(of word: Word) -> String? {
        let name = String(word.text.prefix { $0 != "(" })
        return words.contains(name) ? name : nil
    }

    /// Reads what follows a word, whose own arguments stand in parentheses. Without a table that of the section is meant.
    static func action(
        _ word: Word, _ line: inout LineReader, for layers: SampleLayers
    ) throws(Refusal) -> CounterAction {
        let name = String(word.text.prefix { $0 != "(" })
        if name.hasPrefix("track-sc") {
            guard let slot = Int(name.dropFirst("track-sc".count)) else { throw .unexpected(word) }
            let key = try line.expression(for: layers)
            let table =
                line.takes("table") ? try line.take("the name of a table").text : line.surroundings.section
            return .track(slot, key: key, table: TableName(table))
        }
        let numbers = try numbers(word, count: isOfArray(name) ? 2 : 1)
        let (element, slot) = (numbers.count == 2 ? numbers[0] : 0, numbers.last ?? 0)
        switch name {
        case "sc-inc-gpc0": return .add(one, to: .gpc0, element: 0, of: slot)
        case "sc-inc-gpc1": return .add(one, to: .gpc1, element: 0, of: slot)
        case "sc-inc-gpc": return .add(one, to: .gpc, element: element, of: slot)
        case "sc-add-gpc":
            return .add(try value(&line, layers), to: .gpc, element: element, of: slot)
        case "sc-set-gpt0": return .set(.gpt0, element: 0, of: slot, to: try value(&line, layers))
        default: return .set(.gpt, element: element, of: slot, to: try value(&line, layers))
        }
    }

    private static let one = Expression(integer: 1)

    private static func isOfArray(_ name: String) -> Bool { name.hasSuffix("gpc") || name.hasSuffix("gpt") }

    /// A number, or a sample of one.
    private static func value(
        _ line: inout LineReader, _ layers: SampleLayers
    ) throws(Refusal) -> Expression {
        if let word = line.next, let number = UInt32(word.text) {
            line.skip()
            return Expression(integer: Int64(number))
        }
        let word = line.next
        let expression = try line.expression(for: layers)
        guard expression.output.casts(to: .integer) else {
            throw .invalid(word ?? Word(""), expected: "a number, or a sample of one")
        }
        return expression
    }

    /// `(0)`, or `(1,0)`: which element, and of which entry.
    private static func numbers(_ word: Word, count: Int) throws(Refusal) -> [Int] {
        let last = CounterRead.most - 1
        let expected =
            count == 1
            ? "the number of what is tracked in parentheses, from 0 to \(last)"
            : "two numbers in parentheses: the element, and that of what is tracked, from 0 to \(last)"
        // HAProxy takes these without: the first one is meant.
        if count == 1, !word.text.contains("(") { return [0] }
        let parts = word.text.split(separator: "(", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1].hasSuffix(")") else { throw .missing(expected: expected) }
        let numbers = parts[1].dropLast().split(separator: ",", omittingEmptySubsequences: false)
            .compactMap { Int($0) }
        guard numbers.count == count, let slot = numbers.last, (0...last).contains(slot),
            (0..<StickTable.mostElements).contains(numbers[0])
        else { throw .invalid(word, expected: expected) }
        return numbers
    }
}
