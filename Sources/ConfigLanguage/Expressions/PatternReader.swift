import Model

/// Reads what samples are compared with: the words behind the expression of an ACL.
struct PatternReader {
    let surroundings: Surroundings
    /// How samples are compared unless `-m` says something else; nil if the expression does not tell.
    var method: Method?
    private var ignoresCase = false
    private var patterns: [Word] = []
    private var files: [Word] = []
    private var isMap = false
    private var id: Int?
    /// What is to be warned about.
    private(set) var warnings: [String] = []

    /// HAProxy's match methods.
    enum Method: String, CaseIterable {
        case found, bool, int, ip, bin, len, str, beg, end, sub, dir, dom, reg

        /// What samples have to become for it.
        var input: SampleType? {
            switch self {
            case .found: nil
            case .bool: .boolean
            case .int: .integer
            case .ip: .address
            case .bin: .binary
            case .len, .str, .beg, .end, .sub, .dir, .dom, .reg: .string
            }
        }

        /// How lists are asked; nil if this has no patterns.
        var way: PatternUse.Method? {
            switch self {
            case .found, .bool: nil
            case .int: .number
            case .ip: .address
            case .bin: .binary
            case .len: .length
            case .reg: .regex
            case .str, .beg, .end, .sub, .dir, .dom: TextMatch(rawValue: rawValue).map { .text($0) }
            }
        }

        /// What fits a type by itself.
        init?(_ type: SampleType) {
            switch type {
            case .boolean: self = .bool
            case .integer: self = .int
            case .address: self = .ip
            case .string, .method: self = .str
            case .binary, .any: return nil
            }
        }
    }

    init(_ surroundings: Surroundings) { self.surroundings = surroundings }

    /// Reads flags and patterns: what stands in the line, and each file.
    mutating func read(_ words: ArraySlice<Word>) throws(Refusal) -> [Matching] {
        patterns += try flags(words)
        guard let method else {
            throw .missing(expected: "'-m' and how bytes are compared, as in '-m bin' or '-m str',")
        }
        guard let way = method.way, !files.isEmpty else { return [try own(method)] }
        let lists = try lists(PatternUse(way, ignoresCase: ignoresCase && method.input == .string))
        return patterns.isEmpty ? lists : try lists + [own(method)]
    }

    private func lists(_ use: PatternUse) throws(Refusal) -> [Matching] {
        let reader = PatternFileReader(
            files: surroundings.patterns, read: surroundings.read, isPattern: surroundings.isPattern)
        var all: [Matching] = []
        for file in files {
            let name = PatternListName(file.text)
            if let id, let other = surroundings.patterns.other(than: name, with: id) {
                throw .conflict("'-u \(id)': it is the number of '\(other)' already")
            }
            try reader.enter(file, use, asMap: isMap, id: id)
            all.append(.list(name, use))
        }
        return all
    }

    private func number(_ word: Word) throws(Refusal) -> Int {
        guard let number = Int(word.text), number >= 0 else {
            throw .invalid(word, expected: "a number of at least 0")
        }
        return number
    }

    private mutating func own(_ method: Method) throws(Refusal) -> Matching {
        switch method {
        case .found, .bool:
            // HAProxy takes them without a word.
            if let word = patterns.first {
                warnings.append(
                    "'\(word.text)' and what follows it have no effect: it is true or false by itself")
            }
            return method == .found ? .found : .truth
        case .int: return .number(try ranges())
        case .len: return .length(try ranges())
        case .ip:
            var networks: [String] = []
            for word in patterns { networks.append(try network(word)) }
            return warned(.address(networks))
        case .bin: return warned(.binary(try binaries()))
        case .reg:
            for word in patterns where !surroundings.isPattern(word.text) {
                throw .invalid(word, expected: "a regular expression")
            }
            return warned(.regex(patterns.map(\.text), ignoresCase: ignoresCase))
        case .str, .beg, .end, .sub, .dir, .dom:
            let match = TextMatch(rawValue: method.rawValue) ?? .exact
            return warned(.text(match, patterns.map(\.bytes), ignoresCase: ignoresCase))
        }
    }

    private mutating func warned(_ matching: Matching) -> Matching {
        if patterns.isEmpty, files.isEmpty {
            warnings.append(
                "without a pattern it never matches; '-m found' asks whether there is something at all")
        }
        return matching
    }

    // MARK: Flags

    private mutating func flags(_ words: ArraySlice<Word>) throws(Refusal) -> ArraySlice<Word> {
        var rest = words
        while let word = rest.first, word.text.hasPrefix("-"), word.text.utf8.count > 1 {
            // Numbers may be negative.
            if method == .int, Int64(word.text) != nil { return rest }
            rest = rest.dropFirst()
            switch word.text {
            case "--": return rest
            case "-i": ignoresCase = true
            case "-n": break
            case "-M": isMap = true
            case "-u": id = try number(try argument(of: word, &rest))
            case "-m": try setMethod(try argument(of: word, &rest))
            case "-f": files.append(try argument(of: word, &rest))
            default: throw .invalid(word, expected: "-i, -f, -m, -M, -n, -u, or '--' in front of patterns")
            }
        }
        return rest
    }

    private func argument(of flag: Word, _ rest: inout ArraySlice<Word>) throws(Refusal) -> Word {
        guard let word = rest.popFirst() else { throw .missing(expected: "what '\(flag.text)' is about") }
        return word
    }

    private mutating func setMethod(_ word: Word) throws(Refusal) {
        guard let wanted = Method(rawValue: word.text) else {
            throw .invalid(
                word, expected: "one of \(Method.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        method = wanted
    }

    // MARK: Patterns

    /// `5`, `1:3`, `:3`, `8:`, and behind one of `eq ge gt le lt` numbers alone.
    private mutating func ranges() throws(Refusal) -> [ClosedRange<Int64>] {
        var ranges: [ClosedRange<Int64>] = []
        var comparison = "eq"
        var isPending = false
        for word in patterns {
            if ["eq", "ge", "gt", "le", "lt"].contains(word.text) {
                (comparison, isPending) = (word.text, true)
                continue
            }
            ranges += try range(word, comparison)
            isPending = false
        }
        if isPending { throw .missing(expected: "a number behind '\(comparison)'") }
        if ranges.isEmpty, files.isEmpty, patterns.isEmpty {
            warnings.append(
                "without a pattern it never matches; '-m found' asks whether there is something at all")
        }
        return ranges
    }

    private static let expectedNumber = "a number, a range such as 1:3, or one of eq, ge, gt, le, lt"

    /// `5`, `1:3`, `:3` or `8:`.
    static func range(_ word: Word) throws(Refusal) -> ClosedRange<Int64> {
        guard word.text.contains(":") else {
            guard let number = Int64(word.text) else { throw .invalid(word, expected: expectedNumber) }
            return number...number
        }
        let ends = word.text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard word.text.utf8.count > 1,
            let low = ends[0].isEmpty ? .min : Int64(ends[0]),
            let high = ends[1].isEmpty ? .max : Int64(ends[1]), low <= high
        else { throw .invalid(word, expected: expectedNumber) }
        return low...high
    }

    private func range(_ word: Word, _ comparison: String) throws(Refusal) -> [ClosedRange<Int64>] {
        if comparison == "eq" { return [try PatternReader.range(word)] }
        guard let number = Int64(word.text) else {
            throw .invalid(word, expected: PatternReader.expectedNumber)
        }
        switch comparison {
        case "ge": return [number...Int64.max]
        case "gt": return number == .max ? [] : [number + 1...Int64.max]
        case "le": return [Int64.min...number]
        default: return number == .min ? [] : [Int64.min...number - 1]
        }
    }

    private func network(_ word: Word) throws(Refusal) -> String {
        let expected = "an IPv4 or IPv6 address, with or without a prefix"
        let parts = word.text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let host = String(parts[0])
        let isV6 = AddressSyntax.isAddress(host, isV6: true)
        guard isV6 || AddressSyntax.isAddress(host, isV6: false) else {
            guard parts.count == 1, let address = surroundings.resolve(host) else {
                throw .invalid(word, expected: expected)
            }
            return address
        }
        guard parts.count == 2 else { return host }
        if isV6 {
            guard let prefix = try? Units.number(parts[1]), prefix <= 128 else {
                throw .invalid(word, expected: expected)
            }
            return word.text
        }
        guard let mask = AddressSyntax.mask(String(parts[1])), mask == 0 || (~mask & (~mask &+ 1)) == 0 else {
            throw .invalid(word, expected: expected)
        }
        return "\(host)/\(mask.nonzeroBitCount)"
    }

    private func binaries() throws(Refusal) -> [[UInt8]] {
        var all: [[UInt8]] = []
        for word in patterns {
            guard let bytes = HexDigits.bytes(word.text) else {
                throw .invalid(word, expected: "pairs of hexadecimal digits")
            }
            all.append(bytes)
        }
        return all
    }
}
