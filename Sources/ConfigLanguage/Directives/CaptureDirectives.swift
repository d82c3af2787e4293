import Model

/// `capture`, `declare capture` and `unique-id-…`.
enum CaptureDirectives {
    static let table = [
        Directive("capture request header") { line, proxy throws(Refusal) in
            let name = try line.take("a field's name").text
            proxy.frontend.captures.request.append(.init(name, length: try length(&line)))
        },
        Directive("capture response header") { line, proxy throws(Refusal) in
            let name = try line.take("a field's name").text
            proxy.frontend.captures.response.append(.init(name, length: try length(&line)))
        },
        Directive("capture cookie") { line, proxy throws(Refusal) in
            let name = try line.take("the beginning of a cookie's name").text
            proxy.frontend.captures.cookie = .init(name, length: try length(&line))
        },
        Directive("declare capture") { line, proxy throws(Refusal) in
            let isAnswer = try line.choice(["request": false, "response": true])
            let slot = Captures.Slot(nil, length: try length(&line))
            if isAnswer {
                proxy.frontend.captures.response.append(slot)
            } else {
                proxy.frontend.captures.request.append(slot)
            }
        },
        Directive("unique-id-format") { line, proxy throws(Refusal) in
            proxy.frontend.uniqueID.format = try line.format(for: .identifier, [.connection, .request])
        },
        Directive("unique-id-header") { line, proxy throws(Refusal) in
            let word = try line.take("a field's name")
            guard ErrorPage.isFieldName(word.text), word.bytes.count <= 255 else {
                throw .invalid(word, expected: "the name of a header field")
            }
            proxy.frontend.uniqueID.field = word.text
        },
    ]

    /// Behind `http-request capture` or, with places that are declared alone, `http-response capture`.
    static func action(_ line: inout LineReader, isAnswer: Bool, _ proxy: inout Proxy) throws(Refusal)
        -> HTTPAction
    {
        let expression = try line.expression(for: SampleLayers(rawValue: .max))
        let word = try line.take(isAnswer ? "id" : "len or id")
        switch word.text {
        case "len" where !isAnswer:
            guard proxy.kind != .backend else {
                throw .unsupported("capture … len in a backend", instead: "'id' of a declared one is")
            }
            let length = try line.number(in: 1...65_535, "a number of bytes from 1 to 65535")
            proxy.frontend.captures.request.append(.init(nil, length: length))
            return .capture(expression, slot: proxy.frontend.captures.request.count - 1)
        case "id":
            let slot = try line.number(in: 0...65_535, "a number of a declared capture")
            let count = (isAnswer ? proxy.frontend.captures.response : proxy.frontend.captures.request).count
            guard proxy.kind == .backend || slot < count else {
                throw .conflict("there is no capture \(slot) above this line; 'declare capture' makes one")
            }
            return .capture(expression, slot: slot)
        default: throw .invalid(word, expected: isAnswer ? "id" : "len or id")
        }
    }

    private static func length(_ line: inout LineReader) throws(Refusal) -> Int {
        let word = try line.take("len")
        guard word.text == "len" else { throw .invalid(word, expected: "len") }
        return try line.number(in: 1...65_535, "a number of bytes from 1 to 65535")
    }
}
