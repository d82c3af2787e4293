import Model

/// `stick on`, `stick match`, `stick store-request`, `stick store-response`.
enum StickDirectives {
    static let table = [
        Directive("stick on") { line, proxy throws(Refusal) in try add(.matchAndStore, &line, &proxy) },
        Directive("stick match") { line, proxy throws(Refusal) in try add(.match, &line, &proxy) },
        Directive("stick store-request") { line, proxy throws(Refusal) in try add(.store, &line, &proxy) },
        Directive("stick store-response") { line, proxy throws(Refusal) in
            try add(.storeAnswer, &line, &proxy)
        },
    ]

    private static func add(
        _ action: StickRule.Action, _ line: inout LineReader, _ proxy: inout Proxy
    ) throws(Refusal) {
        let layers: SampleLayers =
            action == .storeAnswer ? [.connection, .backend, .server, .response] : .choosingServer
        let key = try line.expression(for: layers)
        var table: String?
        if line.takes("table") { table = try line.take("the name of a table").text }
        if let word = line.next, word.text == "if" || word.text == "unless" {
            throw .unsupported("\(line.subject) … \(word.text)", instead: nil)
        }
        proxy.stickRules.append(
            StickDraft(
                rule: StickRule(action, key, in: TableName(table ?? proxy.name)),
                line: SourceLocation(file: line.line.file, line: line.line.number)))
    }
}
