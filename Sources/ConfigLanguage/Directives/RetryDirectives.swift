import Model

/// `retries`, `retry-on`, `option redispatch`.
enum RetryDirectives {
    static let table = [
        Directive("retries") { line, proxy throws(Refusal) in
            proxy.backend.retries = try line.number(in: 0...1_000, "a number of retries")
        },
        Directive("retry-on") { line, proxy throws(Refusal) in proxy.backend.retryOn = try conditions(&line)
        },
    ]

    static let options = [
        ProxyOption("redispatch", canBeNegated: true) { isOn, line, proxy throws(Refusal) in
            // Without a number, the last retry alone.
            let interval = isOn && line.next != nil ? try interval(&line) : -1
            proxy.backend.redispatch = isOn && interval != 0
            proxy.backend.redispatchInterval = interval
        }
    ]

    private static func interval(_ line: inout LineReader) throws(Refusal) -> Int {
        let word = try line.take("an interval")
        guard let value = Int(word.text), (-1_000...1_000).contains(value) else {
            throw .invalid(word, expected: "a number")
        }
        return value
    }

    private static func conditions(_ line: inout LineReader) throws(Refusal) -> RetryConditions {
        let expected =
            "conn-failure, empty-response, junk-response, response-timeout, 0rtt-rejected, a status, "
            + "all-retryable-errors or none"
        guard line.next != nil else { throw .missing(expected: expected) }
        let count = line.rest.count
        var conditions: RetryConditions = []
        while let word = line.takeIfAny() {
            guard let condition = RetryConditions(word: word.text) else {
                throw .invalid(word, expected: expected)
            }
            guard word.text != "none" || count == 1 else { throw .conflict("'none' stands alone") }
            conditions.formUnion(condition)
        }
        return conditions
    }
}
