import Model

/// `stick on`, `stick match`, `stick store-request`, `stick store-response`.
enum StickDirectives {
    static let table = actions.map { name, action in
        Directive("stick \(name)") { line, proxy throws(Refusal) in try add(action, &line, &proxy) }
    }

    /// What may stand behind `stick`.
    static let actions: KeyValuePairs<String, StickRule.Action> = [
        "on": .matchAndStore, "match": .match, "store-request": .store, "store-response": .storeAnswer,
    ]

    private static func add(
        _ action: StickRule.Action, _ line: inout LineReader, _ proxy: inout Proxy
    ) throws(Refusal) {
        let layers: SampleLayers =
            action == .storeAnswer
            ? [.connection, .backend, .server, .response] : .choosingServer.union(.payload)
        let key = try line.expression(for: layers)
        var table: String?
        if line.takes("table") { table = try line.take("the name of a table").text }
        let condition = try line.condition(proxy.accessLists)
        proxy.stickRules.append(
            StickDraft(
                rule: StickRule(action, key, in: TableName(table ?? proxy.name), when: condition),
                line: SourceLocation(file: line.line.file, line: line.line.number)))
    }
}
