import Model

/// `do-resolve(VARIABLE,RESOLVERS[,ipv4|ipv6]) NAME`.
enum NameQueryKeywords {
    static let name = "do-resolve"

    /// Reads it from its word and what stands behind it.
    static func query(_ word: Word, _ line: inout LineReader) throws(Refusal) -> NameQuery {
        guard let call = try SampleCall.steps(of: word).first else { throw .unexpected(word) }
        var arguments = ArgumentReader(call, isPattern: line.surroundings.isPattern)
        let variable = try arguments.variable()
        let resolvers = try arguments.take("the name of a resolvers section")
        var prefersV4 = false
        if let family = arguments.takeIfAny() {
            guard ["ipv4", "ipv6"].contains(family.text) else {
                throw .invalid(family, expected: "ipv4 or ipv6")
            }
            prefersV4 = family.text == "ipv4"
        }
        try arguments.end()
        let name = try line.expression(for: SampleLayers(rawValue: .max))
        return NameQuery(of: name, into: variable, by: resolvers.text, prefersV4: prefersV4)
    }
}
