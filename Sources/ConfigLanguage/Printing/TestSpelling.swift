import Model

/// What one test of an ACL asks, as words: the other way round than `TestReader` and `PatternReader`.
enum TestSpelling {
    /// With so many patterns a line still has room for what stands in front of them.
    private static let mostPatterns = 56

    /// The same as tests that fit in a line each.
    static func parts(_ test: SampleTest) -> [SampleTest] {
        func cut<Pattern>(_ patterns: [Pattern], _ matching: ([Pattern]) -> Matching) -> [SampleTest] {
            guard patterns.count > mostPatterns else { return [test] }
            return stride(from: 0, to: patterns.count, by: mostPatterns).map { start in
                let end = min(patterns.count, start + mostPatterns)
                return SampleTest(test.expression, matching(Array(patterns[start..<end])))
            }
        }
        return switch test.matching {
        case .found, .truth, .list: [test]
        case .text(let match, let patterns, let ignoresCase):
            cut(patterns) { .text(match, $0, ignoresCase: ignoresCase) }
        case .regex(let patterns, let ignoresCase): cut(patterns) { .regex($0, ignoresCase: ignoresCase) }
        case .number(let ranges): cut(ranges) { .number($0) }
        case .length(let ranges): cut(ranges) { .length($0) }
        case .address(let networks): cut(networks) { .address($0) }
        case .binary(let patterns): cut(patterns) { .binary($0) }
        }
    }

    /// Its words: expression, flags, patterns.
    static func words(_ test: SampleTest, _ context: PrintContext) -> [Word] {
        context.mention(test.expression)
        let method = PatternReader.Method(test.matching)
        let expression = test.expression
        var words: [Word] = [Word(context.spelled(expression))]
        if method != PatternReader.Method(expression.output) { words += ["-m", Word(method.rawValue)] }
        switch test.matching {
        case .found, .truth: return words
        case .list(let name, let use):
            context.mention(name, use)
            return words + flags(of: name, use, context) + ["-f", Word(name.description)]
        case .text(_, let patterns, let ignoresCase):
            return words + (ignoresCase ? ["-i"] : []) + guarded(patterns.map { Word($0, column: 1) })
        case .regex(let patterns, let ignoresCase):
            return words + (ignoresCase ? ["-i"] : []) + guarded(patterns.map { Word($0) })
        case .number(let all) where DottedVersion.isMeant(by: test.expression):
            return words + ranges(all).map(DottedVersion.text)
        case .number(let all), .length(let all): return words + ranges(all)
        case .address(let networks): return words + networks.map { Word($0) }
        case .binary(let patterns): return words + patterns.map { Word(HexDigits.text($0)) }
        }
    }

    /// `-i`, and `-M` for a file with values.
    static func flags(of name: PatternListName, _ use: PatternUse, _ context: PrintContext) -> [Word] {
        let list = context.configuration.patterns[name]
        let hasValues = list.map { $0.isMap || $0.entries.contains { !$0.value.isEmpty } } ?? false
        return (use.ignoresCase ? ["-i"] : []) + (hasValues ? ["-M"] : [])
    }

    /// What looks like a flag stands behind the end of flags.
    private static func guarded(_ patterns: [Word]) -> [Word] {
        patterns.first?.bytes.first == UInt8(ascii: "-") ? ["--"] + patterns : patterns
    }

    private static func ranges(_ ranges: [ClosedRange<Int64>]) -> [Word] {
        let words = ranges.map { range -> Word in
            if range.lowerBound == range.upperBound { return "\(range.lowerBound)" }
            if range.upperBound == .max, range.lowerBound != .min { return "\(range.lowerBound):" }
            return range.lowerBound == .min
                ? ":\(range.upperBound)" : "\(range.lowerBound):\(range.upperBound)"
        }
        // Behind a flag alone a negative number is one.
        guard words.first?.bytes.first == UInt8(ascii: "-") else { return words }
        return ["eq"] + words
    }
}

extension PatternReader.Method {
    /// How a test compares.
    init(_ matching: Matching) {
        switch matching {
        case .found: self = .found
        case .truth: self = .bool
        case .text(let match, _, _): self = Self(rawValue: match.rawValue) ?? .str
        case .regex: self = .reg
        case .number: self = .int
        case .length: self = .len
        case .address: self = .ip
        case .binary: self = .bin
        case .list(_, let use): self = Self.allCases.first { $0.way == use.method } ?? .str
        }
    }
}
