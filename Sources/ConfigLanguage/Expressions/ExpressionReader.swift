import Model

/// Reads expressions.
struct ExpressionReader {
    /// Whether a text is a regular expression.
    let isPattern: @Sendable (String) -> Bool
    /// What can be had where the expression stands.
    let layers: SampleLayers
    /// The section where it stands.
    var section = ""
    /// Whether a text is the name of a hash function.
    var isDigest: @Sendable (String) -> Bool = { _ in true }
    /// Where maps are; nil if there are no files.
    var patterns: PatternFileReader?
    /// The process's variables.
    var environment: [String: String] = [:]

    /// Reads one word as a whole expression.
    func expression(_ word: Word) throws(Refusal) -> Expression {
        let calls = try SampleCall.steps(of: word)
        let fetch = try fetch(calls[0])
        var converters: [Converter] = []
        for call in calls.dropFirst() { converters.append(try converter(call)) }
        let expression: Expression
        do {
            expression = try Expression(fetch, converters)
        } catch {
            throw mismatch(error, calls)
        }
        guard layers.isSuperset(of: expression.needs) else {
            throw .conflict(
                "'\(calls[0].name)' at column \(calls[0].column) is not known here: it needs "
                    + expression.needs.subtracting(layers).description)
        }
        return expression
    }

    private func mismatch(_ flaw: ExpressionFlaw, _ calls: [SampleCall]) -> Refusal {
        switch flaw {
        case .mismatch(let place, let found, let expected):
            .conflict(
                "'\(calls[place + 1].name)' at column \(calls[place + 1].column) takes a sample of type "
                    + "\(expected.rawValue), and '\(calls[place].name)' gives one of type \(found.rawValue)")
        }
    }

    private func fetch(_ call: SampleCall) throws(Refusal) -> Fetch {
        try read(call, FetchTable.byName, known: KnownSamples.fetches)
    }

    private func converter(_ call: SampleCall) throws(Refusal) -> Converter {
        try read(call, ConverterTable.byName, known: KnownSamples.converters)
    }

    private func read<Value>(
        _ call: SampleCall, _ table: [String: @Sendable (inout ArgumentReader) throws(Refusal) -> Value],
        known: Set<String>
    ) throws(Refusal) -> Value {
        guard let read = table[call.name] else {
            if known.contains(call.name), let reason = AbsentSamples.reason(call.name) {
                throw .unsupported(call.name, instead: reason)
            }
            throw Suggestion.refusal(
                of: call.word, known: known, here: table.keys.sorted(), called: call.name)
        }
        var arguments = ArgumentReader(call, isPattern: isPattern, in: section)
        arguments.patterns = patterns
        arguments.isDigest = isDigest
        arguments.environment = environment
        let value = try read(&arguments)
        try arguments.end()
        return value
    }
}

extension ExpressionReader {
    /// A reader of expressions in these surroundings.
    init(_ surroundings: Surroundings, layers: SampleLayers) {
        self.init(isPattern: surroundings.isPattern, layers: layers, section: surroundings.section)
        isDigest = surroundings.isDigest
        environment = surroundings.environment
        patterns = PatternFileReader(
            files: surroundings.patterns, read: surroundings.read, isPattern: surroundings.isPattern)
    }
}
