import Basics
import Model
import Testing
import Wire

@testable import Engine

extension TestRequest: FormatSource {
    /// The address as it is, and one variable that is nothing.
    func write(_ variable: LogVariable, _ flags: FormatFlags, to line: inout ByteWriter) -> Bool {
        switch variable {
        case .clientAddress: line.append(source, as: flags)
        case .clientPort: line.append(Int64(source.port), as: flags)
        case .acceptMilliseconds: line.append(5, as: flags, atLeast: 2)
        case .backend: line.append(("be" as StaticString).view, as: flags)
        case .server: line.append(nil, as: flags)
        case .requestLine: line.append(("GET /\"{#}|\u{7F} X" as StaticString).view, as: flags, .target)
        case .requestCookie: line.append(("a{b}|c\"#\u{1}é" as StaticString).view, as: flags, .field)
        default: return false
        }
        return true
    }

    /// What of its kind is always there.
    func write(_ fact: LineFact, _ flags: FormatFlags, to line: inout ByteWriter) {
        fact.rawValue.withView { line.append($0, as: flags) }
    }
}

@Suite("Compiled formats")
struct CompiledFormatTests {
    private func written(
        _ parts: [FormatString.Part], of request: String = "GET /a HTTP/1.1\nHost: example.org",
        from address: String? = nil, room: Int = 1024, isRecord: Bool = false
    ) -> String? {
        var workspace = SampleWorkspace()
        workspace.reset()
        var source = TestRequest(request)
        if let address { source.source = SocketAddress(address, port: 80) ?? source.source }
        var buffer = Buffer(capacity: room)
        let format = CompiledFormat(FormatString(parts, isRecord: isRecord))
        guard format.append(for: source, to: &buffer, &workspace) else {
            let isEmpty = buffer.isEmpty
            #expect(isEmpty)
            return nil
        }
        let mark = workspace.mark
        #expect(mark == 0)
        return buffer.view.string
    }

    private func text(_ text: String) -> FormatString.Part { .text(Array(text.utf8)) }

    private func sample(
        _ fetch: Fetch, _ converters: [Converter] = [], _ flags: FormatFlags = []
    ) throws -> FormatString.Part { .sample(try Expression(fetch, converters), flags) }

    private func constant(_ text: String, _ flags: FormatFlags) throws -> FormatString.Part {
        try sample(.string(Array(text.utf8)), [], flags)
    }

    @Test("pieces stand one behind the other")
    func pieces() throws {
        #expect(written([]) == "")
        #expect(
            written([
                text("<"), .variable(.clientAddress, []), text(":"), .variable(.clientPort, []), text("> "),
                try sample(.ofRequest(.path)), try sample(.requestField(FieldPick("host")), [.upper]),
            ]) == "<192.0.2.7:4711> /aEXAMPLE.ORG")
    }

    private func value(
        _ variable: LogVariable, _ name: String? = nil, _ kind: JSONItem.Kind? = nil,
        isHexadecimal: Bool = false
    ) -> FormatString.Part {
        .json(JSONItem(.variable(variable), name: name, kind: kind, isHexadecimal: isHexadecimal))
    }

    private func value(
        _ fetch: Fetch, _ name: String? = nil, _ kind: JSONItem.Kind? = nil
    ) throws -> FormatString.Part { .json(JSONItem(.sample(try Expression(fetch)), name: name, kind: kind)) }

    @Test("a record is an object of JSON: numbers as such, texts in quotes, and null for what is nothing")
    func record() throws {
        #expect(
            written(
                [
                    value(.clientAddress, "ip"), value(.clientPort, "port"), value(.server, "srv"),
                    value(.requestFields, "hr"), value(.requestFieldList, "hrl"),
                    try value(.ofRequest(.path), "path"),
                ], isRecord: true)
                == #"{"ip": "192.0.2.7", "port": 4711, "srv": "", "hr": null, "hrl": null, "path": "/a"}"#)
        #expect(written([], isRecord: true) == "{}")
    }

    @Test("values of JSON stand in a line, and are made what is asked for")
    func valuesOfJSON() throws {
        #expect(
            written([text("["), value(.backend), .blank, value(.clientPort), text("]")]) == #"["be" 4711]"#)
        #expect(written([value(.clientPort, nil, .text)]) == #""4711""#)
        #expect(written([value(.clientPort, nil, .truth)]) == "true")
        #expect(written([value(.clientPort, isHexadecimal: true)]) == #""1267""#)
        #expect(written([value(.serverPort)]) == #""""#)
        #expect(written([try value(.string(Array("a\"b\\c\nd\u{1}é".utf8)))]) == #""a\"b\\c\nd\u0001é""#)
        #expect(written([try value(.string(Array("12".utf8)), nil, .number)]) == "12")
        #expect(written([try value(.string(Array("{\"a\":1}".utf8)), nil, .raw)]) == #"{"a":1}"#)
        #expect(written([try value(.integer(7))]) == "7")
        #expect(written([try value(.integer(7), nil, .text)]) == #""7""#)
        #expect(written([try value(.integer(0), nil, .truth)]) == "false")
        #expect(written([try value(.boolean(true))]) == "true")
        #expect(written([value(.requestLine)]) == #""GET /#22{#23}|#7F X""#)
    }

    @Test("a blank stands neither first nor behind another one, whatever was nothing in between")
    func blanks() {
        #expect(written([.blank, .variable(.backend, [])]) == "be")
        #expect(written([text("a"), .blank, .variable(.requestFields, []), .blank, text("b")]) == "a b")
        #expect(written([text("a"), .blank, .variable(.server, .dashed), .blank, text("b")]) == "a - b")
        #expect(written([text("a"), .blank, .variable(.server, []), .blank, text("b")]) == "a  b")
        #expect(written([text("a"), .blank]) == "a ")
    }

    @Test(
        "what is missing is a dash, nothing, or nothing between quotes",
        arguments: [
            (.dashed, "-"), ([], ""), ([.dashed, .quoted], "\"\""), (.encoded, ""),
            ([.encoded, .dashed], ""), (.quoted, "\"\""),
        ] as [(FormatFlags, String)])
    func missing(flags: FormatFlags, expected: String) throws {
        #expect(written([try sample(.requestField(FieldPick("x")), [], flags)]) == expected)
        #expect(written([try constant("", flags)]) == expected)
    }

    @Test(
        "quotes and escapes",
        arguments: [
            (.quoted, "\"a\"b]\\c\""), (.escaped, "a\\\"b\\]\\\\c"),
            ([.quoted, .escaped], "\"a\\\"b\\]\\\\c\""), ([], "a\"b]\\c"),
            // Messages take no quotes, as in HAProxy.
            ([.encoded, .quoted], "a\"b]\\c"), ([.encoded, .escaped], "a\\\"b\\]\\\\c"),
        ] as [(FormatFlags, String)])
    func quotes(flags: FormatFlags, expected: String) throws {
        #expect(written([try constant("a\"b]\\c", flags)]) == expected)
    }

    @Test("control bytes are encoded, for each place in its way; a line stays one line")
    func encodings() throws {
        #expect(written([try constant("a\r\nb\tc\u{7F}é", .encoded)]) == "a%0D%0Ab\tc%7Fé")
        #expect(written([try constant("a\r\nb\tc\u{7F}é", .dashed)]) == "a#0D#0Ab\tc#7Fé")
        #expect(written([.variable(.requestLine, [])]) == "GET /#22{#23}|#7F X")
        #expect(written([.variable(.requestLine, .quoted)]) == "\"GET /#22{#23}|#7F X\"")
        #expect(written([.variable(.requestCookie, [])]) == "a#7Bb#7D#7Cc#22#23#01#C3#A9")
    }

    @Test("numbers and addresses in hexadecimal")
    func hexadecimal() {
        #expect(written([.variable(.clientPort, .hexadecimal)]) == "1267")
        #expect(written([.variable(.clientPort, .hexadecimal)], from: "10.0.0.1") == "0050")
        #expect(written([.variable(.acceptMilliseconds, .hexadecimal)]) == "05")
        #expect(written([.variable(.clientAddress, .hexadecimal)]) == "C0000207")
        #expect(
            written([.variable(.clientAddress, [.hexadecimal, .quoted])], from: "2001:db8::1")
                == "20010DB8000000000000000000000001")
        #expect(written([.variable(.clientAddress, .quoted)], from: "2001:db8::1") == "\"2001:db8::1\"")
        #expect(written([.variable(.backend, .hexadecimal)]) == "be")
    }

    @Test("numbers of samples stay decimal, whatever the flags: they are texts there")
    func samples() throws {
        #expect(written([try sample(.integer(-17), [], .hexadecimal)]) == "-17")
        #expect(written([try sample(.boolean(true), [], .quoted)]) == "\"1\"")
        #expect(written([try sample(.ofClient(.source), [], .hexadecimal)]) == "192.0.2.7")
    }

    @Test("what does not fit is not written at all")
    func room() throws {
        #expect(written([text("abcdef")], room: 6) == "abcdef")
        #expect(written([text("abcdefg")], room: 6) == nil)
        #expect(written([text("ab"), try constant("cd\ne", .encoded)], room: 6) == nil)
    }

    @Test("hundreds of samples share the workspace")
    func many() throws {
        let parts = try (0..<300).map { _ in
            try sample(
                .string(Array(repeating: 0x41, count: 1000)),
                [
                    .lower, .part(number: 1, delimiters: [0x2E], count: 1, joined: false),
                    .bytes(offset: 0, count: 1),
                ])
        }
        #expect(written(parts) == String(repeating: "a", count: 300))
    }
}
