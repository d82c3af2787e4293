import Model

/// What servers are told of where a request comes from.
extension SectionText {
    /// Of a backend. What the front of a `listen` says alike has been said.
    mutating func add(_ told: ToldFields, beside frontend: Frontend?) {
        if let source = told.source, source != frontend?.forwarding.appended { add(source) }
        if let destination = told.destination, destination != frontend?.forwarding.appendedDestination {
            add(destination)
        }
        if let field = told.forwarded { add(field) }
        if let name = told.serverName { add("http-send-name-header", Word(name)) }
        add("option", "h1-case-adjust-bogus-server", if: !told.fieldNames.isEmpty)
    }

    /// `option forwardfor` or `option originalto`.
    mutating func add(_ appended: AppendedAddress) {
        var words: [Word] = ["option", appended.kind == .source ? "forwardfor" : "originalto"]
        for network in appended.exceptions { words += ["except", Word(network)] }
        if appended.header != appended.kind.header { words += ["header", Word(appended.header)] }
        if appended.onlyIfAbsent { words.append("if-none") }
        add(words)
    }

    private mutating func add(_ field: ForwardedField) {
        var words: [Word] = ["option", "forwarded"]
        if field.saysScheme { words.append("proto") }
        let parts: [(String, ForwardedField.Part?)] = [
            ("host", field.host), ("by", field.by?.name), ("by_port", field.by?.port),
            ("for", field.node?.name), ("for_port", field.node?.port),
        ]
        for (name, part) in parts {
            switch part {
            case .own?: words.append(Word(name))
            case .sample(let expression)?: words += [Word("\(name)-expr"), word(expression)]
            case nil: break
            }
        }
        add(words)
    }
}
