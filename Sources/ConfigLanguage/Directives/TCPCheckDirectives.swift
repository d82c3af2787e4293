import Model

/// `tcp-check`: what is sent and what must come.
enum TCPCheckDirectives {
    static let table = [
        Directive("tcp-check connect") { line, proxy throws(Refusal) in
            proxy.check.beginRules()
            guard proxy.check.steps.allSatisfy(\.isQuiet), proxy.check.tcpConnection == nil else {
                throw .unsupported("a second connection", instead: "one of a check is")
            }
            proxy.check.tcpConnection = try CheckConnectionDraft.read(&line)
            proxy.check.steps.append(.connect)
        },
        Directive("tcp-check send") { line, proxy throws(Refusal) in
            let bytes = try line.takeSecret("a text").bytes
            try skipComment(&line)
            add(.send(bytes), &proxy)
        },
        Directive("tcp-check send-binary") { line, proxy throws(Refusal) in
            let bytes = try hexadecimal(line.takeSecret("bytes in hexadecimal"))
            try skipComment(&line)
            add(.send(bytes), &proxy)
        },
        Directive("tcp-check send-lf") { line, proxy throws(Refusal) in
            line.keepSecret()
            let format = try CheckRuleDirectives.format(&line, CheckRuleDirectives.tcp)
            try skipComment(&line)
            add(.sendFormat(format, isHexadecimal: false), &proxy)
        },
        Directive("tcp-check send-binary-lf") { line, proxy throws(Refusal) in
            line.keepSecret()
            let format = try CheckRuleDirectives.format(&line, CheckRuleDirectives.tcp)
            try skipComment(&line)
            add(.sendFormat(format, isHexadecimal: true), &proxy)
        },
        Directive("tcp-check expect") { line, proxy throws(Refusal) in
            add(.expect(try expectation(&line)), &proxy)
        },
        Directive("tcp-check comment") { line, proxy throws(Refusal) in
            add(.comment(try line.take("a comment").text), &proxy)
            line.skipRest()
        },
    ]

    private static func add(_ step: TCPCheckStep, _ proxy: inout Proxy) {
        proxy.check.beginRules()
        proxy.check.steps.append(step)
    }

    private static func skipComment(_ line: inout LineReader) throws(Refusal) {
        if line.takes("comment") { _ = try line.take("a comment") }
    }

    private static func expectation(_ line: inout LineReader) throws(Refusal) -> TCPExpectation {
        var reader = ExpectationReader(of: CheckRuleDirectives.tcp)
        var (text, isHexadecimal) = ("", false)
        let words = "string, rstring, string-lf, binary, rbinary or binary-lf"
        let kind = try reader.read(&line, words) { word, line throws(Refusal) -> TCPExpectation.Kind? in
            text = line.next?.text ?? ""
            switch word.text {
            case "string": return .bytes(try line.take("a text").bytes)
            case "binary":
                isHexadecimal = true
                return .bytes(try hexadecimal(line.take("bytes in hexadecimal")))
            case "rstring": return .pattern(try HealthDirectives.pattern(&line))
            case "rbinary": return .hexadecimalPattern(try HealthDirectives.pattern(&line))
            case "string-lf", "binary-lf":
                let format = try CheckRuleDirectives.format(&line, CheckRuleDirectives.tcp)
                return .format(format, isHexadecimal: word.text == "binary-lf")
            case "custom": throw .conflict("'custom' is for checks that HAProxy makes itself")
            default: return nil
            }
        }
        var expectation = TCPExpectation(
            kind, text: text, isNegated: reader.isNegated, atLeast: reader.atLeast)
        (expectation.wording, expectation.isHexadecimal) = (reader.wording, isHexadecimal)
        return expectation
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

extension TCPCheckStep {
    /// Whether it needs no connection.
    fileprivate var isQuiet: Bool {
        switch self {
        case .change, .comment: true
        case .connect, .send, .sendFormat, .expect: false
        }
    }
}
