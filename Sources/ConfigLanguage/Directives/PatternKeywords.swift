import Model

/// `set-map`, `del-map`, `add-acl` and `del-acl` in rules.
enum PatternKeywords {
    static let names = ["set-map", "del-map", "add-acl", "del-acl"]

    /// Reads a rule's action from its word, `set-map(file)`, and what stands behind it.
    static func edit(_ word: Word, _ line: inout LineReader) throws(Refusal) -> PatternEdit {
        guard let call = try SampleCall.steps(of: word).first else { throw .unexpected(word) }
        var arguments = ArgumentReader(call, isPattern: line.surroundings.isPattern)
        let name = PatternListName(try arguments.take("a file of patterns").text)
        try arguments.end()
        let all = SampleLayers(rawValue: .max)
        let key = try line.format(for: .value, all)
        switch call.name {
        case "set-map": return .set(name, key: key, value: try line.format(for: .value, all))
        case "add-acl": return .add(name, key: key)
        default: return .remove(name, key: key)
        }
    }
}
