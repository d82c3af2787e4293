import Model

/// Reads what one ACL line asks: an expression and what its sample is compared with.
struct TestReader {
    let surroundings: Surroundings
    /// What is to be warned about.
    private(set) var warnings: [String] = []

    init(_ surroundings: Surroundings) { self.surroundings = surroundings }

    /// Reads words such as `hdr_beg(host) -i www.`: one test for what stands there, and one for each file.
    mutating func test(_ words: ArraySlice<Word>) throws(Refusal) -> [SampleTest] {
        guard let first = words.first else {
            throw .missing(expected: "a sample such as path or hdr(host), and what it is compared with,")
        }
        var (word, suffix): (Word, PatternReader.Method?) = (first, nil)
        if let (shorter, method) = TestReader.withoutMethod(first) { (word, suffix) = (shorter, method) }
        let reader = ExpressionReader(surroundings, layers: SampleLayers(rawValue: .max))
        let expression = try reader.expression(word)
        var patterns = PatternReader(surroundings)
        patterns.method = suffix ?? PatternReader.Method(expression.output)
        var rest = words.dropFirst()
        if DottedVersion.isMeant(by: expression) { rest = ArraySlice(rest.map(DottedVersion.numbers)) }
        let matchings = try patterns.read(rest)
        warnings += patterns.warnings
        if let input = patterns.method?.input, !expression.output.casts(to: input) {
            throw .conflict(
                "'\(first.text)' at column \(first.column) gives a sample of type \(expression.output.rawValue), "
                    + "which can not be compared as \(patterns.method?.rawValue ?? "")")
        }
        return matchings.map { SampleTest(expression, $0) }
    }

    /// What `path_beg` and its like stand for: a fetch and a way to compare.
    private static func withoutMethod(_ word: Word) -> (Word, PatternReader.Method)? {
        let name = word.text.prefix { $0 != "(" && $0 != "," }
        guard FetchTable.byName[String(name)] == nil, let bar = name.lastIndex(of: "_"),
            let method = PatternReader.Method(rawValue: String(name[name.index(after: bar)...])),
            let known = bases[String(name[..<bar])], method != .found, method != .bool, method != .int,
            method != .ip, method != .bin, method != .str
        else { return nil }
        return (Word(Array((known + word.text.dropFirst(name.count)).utf8), column: word.column), method)
    }

    private static let bases = [
        "base": "base", "cook": "cook", "hdr": "hdr", "path": "path", "url": "url", "urlp": "urlp",
        "ssl_fc_sni": "ssl_fc_sni",
    ]
}
