/// One line of `global`.
enum GlobalLine {
    /// Reads the line into the settings, or says why not. `setenv` and its kin count from the next line on.
    static func read(
        _ reader: inout LineReader, _ global: inout GlobalSettings, _ environment: inout [String: String]
    ) throws(Refusal) {
        if try changesEnvironment(&reader, &environment) { return }
        let isNegated = reader.takes("no")
        let known = KeywordSections.longestKeyword(reader.rest) {
            DirectiveTable.global[$0] != nil || KnownKeywords.global.contains($0)
        }
        guard let (name, count) = known else { throw unread(reader) }
        reader.subject = isNegated ? "no \(name)" : name
        reader.skip(count)
        // `no log`, `no busy-polling`, `no insecure-…`: off is what they are here.
        if isNegated {
            if name == "strict-limits" { global.isStrict = false }
            if name == "log" {
                (global.logging.targets, global.logging.profiled, global.logging.ringed) = ([], [], [])
            }
            return reader.skipRest()
        }
        guard let directive = DirectiveTable.global[name] else {
            throw .unsupported(name, instead: instead[name])
        }
        try directive.apply(&reader, &global)
    }

    private static let instead = [
        "lua-load": Suggestion.noLua,
        "lua-load-per-thread": Suggestion.noLua,
        "lua-prepend-path": "there is no Lua here",
    ]

    private static func changesEnvironment(
        _ reader: inout LineReader, _ environment: inout [String: String]
    ) throws(Refusal) -> Bool {
        switch reader.subject {
        case "setenv", "presetenv":
            reader.skip()
            let name = try reader.take("the name of a variable").text
            let value = try reader.takeSecret("its value").text
            if reader.subject == "setenv" || environment[name] == nil { environment[name] = value }
        case "unsetenv":
            reader.skip()
            while let word = reader.takeIfAny() { environment[word.text] = nil }
        case "resetenv":
            reader.skip()
            let kept = Set(reader.rest.map(\.text))
            reader.skipRest()
            environment = environment.filter { kept.contains($0.key) }
        default: return false
        }
        return true
    }

    private static func unread(_ reader: LineReader) -> Refusal {
        guard let word = reader.next else { return .missing(expected: "a keyword") }
        return .unknown(
            word, nearest: Suggestion.nearest(to: word.text, among: KnownKeywords.global.sorted()))
    }
}
