import Model

/// `map`, `map_beg_int` and their like: values by patterns, from a file.
enum MapSamples {
    /// What may stand behind the first step of an expression.
    static let converters: [(String, ConverterTable.Reader)] =
        [reader("map", .text(.exact), .text)]
        + methods.flatMap { method -> [(String, ConverterTable.Reader)] in
            let own = [reader("map_\(method.name)", method, .text)]
            guard method != .groups else { return own }
            return own
                + [PatternUse.Output.number, .address].map {
                    reader("map_\(method.name)_\($0.rawValue)", method, $0)
                }
        }

    private static let methods: [PatternUse.Method] =
        TextMatch.allCases.map { .text($0) } + [.regex, .groups, .number, .address]

    private static func reader(
        _ name: String, _ method: PatternUse.Method, _ output: PatternUse.Output
    ) -> (String, ConverterTable.Reader) {
        (
            name,
            { arguments throws(Refusal) in
                let file = try arguments.take("a file of patterns and values")
                let fallback = arguments.takeIfAny()
                if let fallback, !PatternFileReader.isValue(fallback.bytes, output) {
                    throw .invalid(fallback, expected: output == .number ? "a whole number" : "an address")
                }
                let use = PatternUse(method, output: output)
                try arguments.patternFiles().enter(file, use, asMap: true)
                return .map(MapLookup(PatternListName(file.text), use, fallback: fallback?.bytes))
            }
        )
    }
}
