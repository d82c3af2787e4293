/// One line of a proxy section: from its first words to the function that reads it.
enum ProxyLine {
    /// Reads the line into the section, or says why not.
    static func read(_ reader: inout LineReader, _ proxy: inout Proxy) throws(Refusal) {
        switch reader.next?.text {
        case "no", "default":
            let word = try reader.take("a keyword")
            try negated(word, &reader, &proxy)
        case "option":
            reader.skip()
            try option(&reader, &proxy, prefix: nil)
        default: try keyword(&reader, &proxy)
        }
    }

    private static func negated(_ word: Word, _ reader: inout LineReader, _ proxy: inout Proxy)
        throws(Refusal)
    {
        switch reader.next?.text {
        case "option":
            reader.skip()
            try option(&reader, &proxy, prefix: word.text)
        case "log" where word.text == "no":
            reader.skip()
            if reader.next != nil { throw .conflict("'no log' does not expect arguments") }
            proxy.logging.targets = []
        case let next:
            throw .conflict(
                "'\(word.text)' stands in front of 'option' and 'log' only, not of '\(next ?? "nothing")'")
        }
    }

    private static func option(
        _ reader: inout LineReader, _ proxy: inout Proxy, prefix: String?
    ) throws(Refusal) {
        reader.subject = "option"
        let word = try reader.take("an option")
        let name = word.text
        reader.subject = "option \(name)"
        guard let option = DirectiveTable.options[name] else { throw unread(option: word) }
        if let sections = KeywordSections.options[name] {
            guard try stands(in: sections, &reader, proxy) else { return }
        }
        guard prefix == nil || option.canBeNegated else {
            throw .conflict("'no' and 'default' can not stand in front of it")
        }
        try option.apply(prefix == nil, &reader, &proxy)
    }

    private static func unread(option word: Word) -> Refusal {
        if let instead = RemovedKeywords.table["option \(word.text)"] {
            return .conflict("HAProxy has given it up; today one writes '\(instead)'")
        }
        if KeywordSections.options[word.text] != nil {
            return .unsupported(
                "option \(word.text)", instead: RefusedKeywords.reasons["option \(word.text)"])
        }
        let candidates = DirectiveTable.options.keys.sorted() + KeywordSections.options.keys.sorted()
        return .unknown(word, nearest: Suggestion.nearest(to: word.text, among: candidates))
    }

    private static func keyword(_ reader: inout LineReader, _ proxy: inout Proxy) throws(Refusal) {
        if let name = called(reader), let directive = DirectiveTable.proxy[name] {
            reader.subject = name
            reader.skip()
            guard try stands(in: KeywordSections.proxy[name] ?? [], &reader, proxy) else { return }
            return try directive.apply(&reader, &proxy)
        }
        let known = KeywordSections.longestKeyword(reader.rest) { KeywordSections.proxy[$0] != nil }
        let own = KeywordSections.longestKeyword(reader.rest) { DirectiveTable.proxy[$0] != nil }
        let candidates: [(name: String, count: Int)] = [own, known].compactMap { $0 }
        guard let (name, count) = candidates.max(by: { $0.count < $1.count }) else {
            throw unread(reader, proxy)
        }
        reader.subject = name
        reader.skip(count)
        guard let directive = DirectiveTable.proxy[name] else {
            throw .unsupported(name, instead: RefusedKeywords.reasons[name])
        }
        if let sections = KeywordSections.proxy[name] {
            guard try stands(in: sections, &reader, proxy) else { return }
        }
        try directive.apply(&reader, &proxy)
    }

    /// `http-check set-var(check.x)`: the word, which its function takes, ends where its arguments begin.
    private static func called(_ reader: LineReader) -> String? {
        let words = reader.rest.prefix(2).map(\.text)
        guard words.count == 2, ["http-check", "tcp-check"].contains(words[0]), words[1].contains("(") else {
            return nil
        }
        return "\(words[0]) \(words[1].prefix { $0 != "(" })"
    }

    private static func unread(_ reader: LineReader, _ proxy: Proxy) -> Refusal {
        guard let word = reader.next else { return .missing(expected: "a keyword") }
        if let instead = RemovedKeywords.table[word.text] {
            return .conflict("HAProxy has given it up; today one writes '\(instead)'")
        }
        // `http-check set-var(check.x)`: the word ends where its arguments begin.
        let bare = reader.rest.prefix(2).map { $0.text.prefix { $0 != "(" } }.joined(separator: " ")
        if reader.rest.count > 1, KeywordSections.proxy[bare] != nil {
            return .unsupported(bare, instead: RefusedKeywords.reasons[bare])
        }
        let here = KeywordSections.proxyNames.filter {
            KeywordSections.proxy[$0]?.contains(proxy.kind) == true
        }
        let whole = reader.rest.prefix(2).map(\.text).joined(separator: " ")
        // `timeout clinet`: the first word is right.
        if here.contains(where: { $0.hasPrefix("\(word.text) ") }) {
            let nearest = Suggestion.nearest(
                to: whole, among: here.filter { $0.hasPrefix("\(word.text) ") })
            guard reader.rest.count > 1 else { return .missing(expected: "what '\(word.text)' is about") }
            return .unknown(Word(whole, column: word.column), nearest: nearest)
        }
        let firsts = here.compactMap { $0.split(separator: " ").first.map(String.init) }
        return .unknown(
            word, nearest: Suggestion.nearest(to: word.text, among: firsts + KnownKeywords.sections.sorted()))
    }

    /// Whether the line counts here: some keywords are only warned about in a section of the other side.
    private static func stands(
        in sections: SectionSet, _ reader: inout LineReader, _ proxy: Proxy
    ) throws(Refusal) -> Bool {
        if sections.contains(proxy.kind) { return true }
        if proxy.kind == .defaults { throw .conflict("it can not stand in 'defaults'") }
        let isFatal = ["server", "server-template", "default-server"].contains(reader.subject)
        let side = proxy.kind == .frontend ? "servers" : "clients"
        guard !isFatal else { throw .conflict("a \(proxy.kind.word) has no \(side)") }
        var sentence = "ignored, as a \(proxy.kind.word) has no \(side)"
        if reader.subject == "maxconn" { sentence += "; perhaps 'fullconn' is meant" }
        reader.warn(sentence)
        reader.skipRest()
        return false
    }
}
