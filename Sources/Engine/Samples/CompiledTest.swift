import Basics
import Model
import Wire

/// `Model.SampleTest` as workers ask it.
struct CompiledTest: ~Copyable {
    private let expression: CompiledExpression
    private let kind: Kind
    private let texts: TextSet
    private let numbers: SortedRanges<Int64>
    private let v4: SortedRanges<UInt32>
    private let v6: SortedRanges<UInt128>
    private let patterns: FixedArray<Unmanaged<RegularExpression>>
    private let owned: [RegularExpression]

    enum Kind {
        case found, truth, number, length, address, regex, binary
        case text(TextMatch)
        /// By number; what samples become for it.
        case list(UInt64, SampleType)
    }

    init(_ test: SampleTest) {
        expression = CompiledExpression(test.expression)
        var (list, isFolded): ([[UInt8]], Bool) = ([], false)
        var ranges: [ClosedRange<Int64>] = []
        var networks: [Network] = []
        var regexes: [RegularExpression] = []
        switch test.matching {
        case .found: kind = .found
        case .truth: kind = .truth
        case .text(let match, let texts, let ignoresCase):
            (kind, list, isFolded) = (.text(match), texts, ignoresCase)
        case .binary(let texts): (kind, list) = (.binary, texts)
        case .number(let wanted): (kind, ranges) = (.number, wanted)
        case .length(let wanted): (kind, ranges) = (.length, wanted)
        case .address(let wanted): (kind, networks) = (.address, wanted.compactMap { Network($0) })
        case .list(let name, let use):
            kind = .list(PatternDirectory.number(of: name, use), use.method.input)
        case .regex(let wanted, let ignoresCase):
            kind = .regex
            regexes = wanted.compactMap { RegularExpression($0, ignoresCase: ignoresCase) }
        }
        texts = TextSet(list, ignoresCase: isFolded)
        numbers = SortedRanges(ranges)
        v4 = SortedRanges(networks.compactMap(\.v4Range))
        v6 = SortedRanges(networks.compactMap(\.v6Range))
        owned = regexes
        patterns = FixedArray(count: regexes.count) { Unmanaged.passUnretained(regexes[$0]) }
    }

    /// Whether a sample there is matches.
    func holds<Source: SampleSource & ~Copyable>(
        for source: borrowing Source, _ workspace: inout SampleWorkspace
    ) -> Bool {
        var cursor = SampleCursor.each
        let mark = workspace.mark
        repeat {
            if let sample = expression.sample(of: source, &cursor, &workspace),
                matches(sample, source, &workspace)
            {
                return true
            }
            workspace.rewind(to: mark)
        } while cursor.hasMore
        return false
    }

    private func matches<Source: SampleSource & ~Copyable>(
        _ sample: Sample, _ source: borrowing Source, _ workspace: inout SampleWorkspace
    ) -> Bool {
        switch kind {
        case .list(let list, let input):
            let wanted = sample.cast(to: input, &workspace)
            return wanted.flatMap { source.find($0, in: list, &workspace) } != nil
        case .found: return true
        case .truth: return sample.truth == true
        case .number: return sample.number.map { numbers.contains($0) } ?? false
        case .length:
            return sample.text(&workspace).map { numbers.contains(Int64($0.count)) } ?? false
        case .address: return sample.address.map { contains($0) } ?? false
        case .binary: return sample.key(&workspace).map { texts.contains($0) } ?? false
        case .regex: return sample.text(&workspace).map { matchesPattern($0, &workspace) } ?? false
        case .text(let match): return sample.text(&workspace).map { compare($0, match) } ?? false
        }
    }

    /// Whether a text is as one of its texts.
    func matches(text: ByteView) -> Bool {
        if case .text(let match) = kind { compare(text, match) } else { false }
    }

    /// Whether a number is in one of its ranges.
    func matches(number: Int64) -> Bool { numbers.contains(number) }

    private func compare(_ text: ByteView, _ match: TextMatch) -> Bool {
        switch match {
        case .exact: texts.contains(text)
        case .prefix: texts.containsPrefix(of: text)
        case .suffix: texts.containsSuffix(of: text)
        case .substring: texts.isPart(of: text, between: nil)
        case .directory: texts.isPart(of: text, between: ("/?" as StaticString).view)
        case .domain: texts.isPart(of: text, between: ("/?.:" as StaticString).view)
        }
    }

    /// Whether an address is in one of its networks.
    func contains(_ address: SocketAddress) -> Bool {
        address.v4Number.map { v4.contains($0) } ?? v6.contains(address.v6Number)
    }

    /// Whether one of its regular expressions matches.
    func matchesPattern(_ text: ByteView, _ workspace: inout SampleWorkspace) -> Bool {
        var groups = MatchGroups()
        for i in 0..<patterns.count where workspace.find(patterns[i], in: text, &groups) == .found {
            return true
        }
        return false
    }
}
