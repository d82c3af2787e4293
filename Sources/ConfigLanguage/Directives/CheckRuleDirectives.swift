import Model

/// What `http-check` and `tcp-check` have in common: variables, formats and expressions of checks.
enum CheckRuleDirectives {
    /// What can be had in checks over HTTP and over TCP.
    static let http: SampleLayers = [.backend, .server, .response, .check]
    static let tcp: SampleLayers = [.backend, .server, .answerPayload, .check]

    static let table = VariableKeywords.names.flatMap { name in
        [
            Directive("http-check \(name)") { line, proxy throws(Refusal) in
                let change = try change(&line, http)
                proxy.check.beginRules()
                proxy.check.addHTTP(change)
            },
            Directive("tcp-check \(name)") { line, proxy throws(Refusal) in
                let change = try change(&line, tcp)
                proxy.check.beginRules()
                proxy.check.steps.append(.change(change))
            },
        ]
    }

    private static func change(
        _ line: inout LineReader, _ layers: SampleLayers
    ) throws(Refusal) -> VariableChange {
        guard let word = line.next, VariableKeywords.name(of: word) != nil else {
            throw .missing(expected: "a variable in parentheses, such as (check.name),")
        }
        line.skip()
        let change = try VariableKeywords.change(word, &line, of: layers)
        guard [.check, .process].contains(change.variable.scope) else {
            throw .invalid(
                word, expected: "a variable of the check, check.name, or of the process, proc.name")
        }
        switch change {
        case .set(_, _, let expression): try refuseStrangers(in: [expression])
        case .setText(_, _, let format): try refuseStrangers(in: format.expressions)
        case .unset: break
        }
        return change
    }

    /// A format of a check.
    static func format(_ line: inout LineReader, _ layers: SampleLayers) throws(Refusal) -> FormatString {
        let format = try line.format(for: .value, layers)
        try refuseStrangers(in: format.expressions)
        return format
    }

    /// An expression of a check.
    static func expression(_ line: inout LineReader, _ layers: SampleLayers) throws(Refusal) -> Expression {
        let expression = try line.expression(for: layers)
        try refuseStrangers(in: [expression])
        return expression
    }

    /// Refuses what workers alone know.
    private static func refuseStrangers(in expressions: [Expression]) throws(Refusal) {
        for expression in expressions
        where !isKnown(expression.fetch) || !expression.converters.allSatisfy(isKnown) {
            throw .unsupported("\(expression) in checks", instead: "var(proc.name) can be read there")
        }
    }

    private static func isKnown(_ fetch: Fetch) -> Bool {
        switch fetch {
        case .boolean, .integer, .string, .binary, .address, .random, .date, .uuid, .variable, .backendName,
            .serverName, .answerPayload, .status, .answerField, .answerFieldCount, .answerCookie,
            .answerCookieCount:
            true
        default: false
        }
    }

    private static func isKnown(_ converter: Converter) -> Bool {
        switch converter {
        case .table, .map, .capture: false
        default: true
        }
    }
}

extension FormatString {
    /// The expressions in it.
    fileprivate var expressions: [Expression] {
        parts.compactMap { part in
            guard case .sample(let expression, _) = part else { return nil }
            return expression
        }
    }

    /// Its text, if it is nothing else.
    var plainText: String? {
        var bytes: [UInt8] = []
        for part in parts {
            guard case .text(let text) = part else { return nil }
            bytes += text
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
