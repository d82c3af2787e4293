import Model

/// `tcp-check`: what is sent and what must come.
enum TCPCheckDirectives {
    static let table = [
        Directive("tcp-check connect") { line, proxy throws(Refusal) in
            proxy.check.beginRules()
            guard proxy.check.steps.isEmpty, proxy.check.tcpConnection == nil else {
                throw .unsupported("a second connection", instead: "one of a check is")
            }
            proxy.check.tcpConnection = try CheckConnectionDraft.read(&line)
            proxy.check.steps.append(.connect)
        },
        Directive("tcp-check send") { line, proxy throws(Refusal) in
            let bytes = try line.take("a text").bytes
            try skipComment(&line)
            add(.send(bytes), &proxy)
        },
        Directive("tcp-check send-binary") { line, proxy throws(Refusal) in
            let bytes = try hexadecimal(line.take("bytes in hexadecimal"))
            try skipComment(&line)
            add(.send(bytes), &proxy)
        },
        Directive("tcp-check expect") { line, proxy throws(Refusal) in
            add(.expect(try expectation(&line)), &proxy)
        },
        Directive("tcp-check comment") { line, _ in line.skipRest() },
    ]

    private static func add(_ step: TCPCheckStep, _ proxy: inout Proxy) {
        proxy.check.beginRules()
        proxy.check.steps.append(step)
    }

    private static func skipComment(_ line: inout LineReader) throws(Refusal) {
        if line.takes("comment") { _ = try line.take("a comment") }
    }

    private static func expectation(_ line: inout LineReader) throws(Refusal) -> TCPExpectation {
        var atLeast = 0
        try HealthDirectives.skipOptions(&line)
        if line.takes("min-recv") {
            atLeast = try line.number(in: 0...16_384, "a number of bytes")
            try HealthDirectives.skipOptions(&line)
        }
        let isNegated = line.takes("!")
        let word = try line.take("string, rstring or binary")
        let text = line.next?.text ?? ""
        let kind: TCPExpectation.Kind
        switch word.text {
        case "string": kind = .bytes(try line.take("a text").bytes)
        case "binary": kind = .bytes(try hexadecimal(line.take("bytes in hexadecimal")))
        case "rstring": kind = .pattern(try HealthDirectives.pattern(&line))
        case "rbinary", "string-lf", "binary-lf", "custom":
            throw .unsupported("tcp-check expect \(word.text)", instead: nil)
        default: throw .invalid(word, expected: "string, rstring or binary")
        }
        try HealthDirectives.skipOptions(&line)
        return TCPExpectation(kind, text: text, isNegated: isNegated, atLeast: atLeast)
    }

    private static func hexadecimal(_ word: Word) throws(Refusal) -> [UInt8] {
        let digits = Array(word.text.utf8).map { digit -> UInt8? in
            Character(UnicodeScalar(digit)).hexDigitValue.map { UInt8($0) }
        }
        guard digits.count % 2 == 0, !digits.isEmpty else {
            throw .invalid(word, expected: "bytes in hexadecimal")
        }
        var bytes: [UInt8] = []
        for i in stride(from: 0, to: digits.count, by: 2) {
            guard let high = digits[i], let low = digits[i + 1] else {
                throw .invalid(word, expected: "bytes in hexadecimal")
            }
            bytes.append(high << 4 | low)
        }
        return bytes
    }
}
