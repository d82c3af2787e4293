import Model

/// `source` and `tcp-ut` of servers.
extension SectionText {
    static func words(of source: ServerSource) -> [Word] {
        var words: [Word] = []
        if !source.address.isEmpty || source.foreign != nil || !source.interface.isEmpty {
            let host = source.address.isEmpty ? "0.0.0.0" : source.address
            var ports = source.ports.map { ":\($0.lowerBound)" } ?? ""
            if let range = source.ports, range.count > 1 { ports += "-\(range.upperBound)" }
            let isBracketed = host.contains(":") && !ports.isEmpty
            words += ["source", Word((isBracketed ? "[\(host)]" : host) + ports)]
        }
        if let foreign = source.foreign { words += ["usesrc", Word(foreign.rawValue)] }
        if !source.interface.isEmpty { words += ["interface", Word(source.interface)] }
        if source.patience > 0 { words += ["tcp-ut", TimeSpelling.word(source.patience)] }
        return words
    }
}
