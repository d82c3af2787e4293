import Model
import Testing

@testable import ConfigLanguage

@Suite("Formats of the configuration language")
struct FormatReaderTests {
    private func read(_ text: String, _ place: FormatReader.Place = .log) throws -> FormatString {
        let expressions = ExpressionReader(isPattern: { _ in true }, layers: [.connection, .backend])
        return try FormatReader(expressions, for: place).format(Word(text, column: 12))
    }

    private func refusal(_ text: String, _ place: FormatReader.Place = .log) -> String? {
        do {
            _ = try read(text, place)
            return nil
        } catch {
            return (error as? Refusal)?.sentence
        }
    }

    private func text(_ text: String) -> FormatString.Part { .text(Array(text.utf8)) }

    @Test("variables, texts and samples")
    func pieces() throws {
        #expect(
            try read("%ci:%cp [%tr]").parts == [
                .variable(.clientAddress, .dashed), text(":"), .variable(.clientPort, .dashed), .blank,
                text("["), .variable(.requestDate, .dashed), text("]"),
            ])
        #expect(
            try read("a%[src]b", .message).parts == [
                text("a"), .sample(try Expression(.ofClient(.source)), .encoded), text("b"),
            ])
        #expect(try read("").parts == [])
    }

    @Test("a doubled percent sign is one, and joins the text around it")
    func percent() throws {
        #expect(try read("100%%", .message).parts == [text("100%")])
        #expect(try read("%%%%a%%", .message).parts == [text("%%a%")])
        #expect(try read("%%ci", .message).parts == [text("%ci")])
    }

    @Test("blanks in a row are one in logs, and stay in messages")
    func blanks() throws {
        #expect(try read("a   b").parts == [text("a"), .blank, text("b")])
        #expect(try read("a   b", .message).parts == [text("a   b")])
        #expect(try read("a   b", .identifier).parts == [text("a"), .blank, text("b")])
        #expect(try read("a\t b").parts == [text("a\t"), .blank, text("b")])
    }

    @Test(
        "flags are added and taken away",
        arguments: [
            ("%{+Q}ci", [.dashed, .quoted]), ("%{+Q,+E}ci", [.dashed, .quoted, .escaped]),
            ("%{+X}ci", [.dashed, .hexadecimal]), ("%{-M}ci", []), ("%{}ci", .dashed),
            ("%{+Q,-Q}ci", .dashed), ("%{+E,-E,+X,-X}ci", .dashed),
        ] as [(String, FormatFlags)])
    func flags(text: String, expected: FormatFlags) throws {
        #expect(try read(text).parts == [.variable(.clientAddress, expected)])
    }

    @Test("the flags of %o are those of all that follows")
    func global() throws {
        #expect(
            try read("%ci%{+Q}o%ci%{-Q,+X}cp%[src]%{-Q}o%ci").parts == [
                .variable(.clientAddress, .dashed), .variable(.clientAddress, [.dashed, .quoted]),
                .variable(.clientPort, [.dashed, .hexadecimal]),
                .sample(try Expression(.ofClient(.source)), [.dashed, .quoted]),
                .variable(.clientAddress, .dashed),
            ])
    }

    @Test(
        "brackets, blanks and quotes within parentheses belong to the expression",
        arguments: [
            ("%[str(])]", "]"), ("%[str(a b)]", "a b"), ("%[str(\")\")]", ")"), ("%[str('a]b')]", "a]b"),
            ("%[str(\\\")]", "\""), ("%[str(\"a\\\"]\")]", "a\"]"),
        ])
    func brackets(text: String, expected: String) throws {
        #expect(
            try read(text).parts == [.sample(try Expression(.string(Array(expected.utf8))), .dashed)])
    }

    @Test("places differ in what is missing and what is encoded")
    func places() throws {
        #expect(try read("%ci", .log).parts == [.variable(.clientAddress, .dashed)])
        #expect(try read("%ci", .message).parts == [.variable(.clientAddress, .encoded)])
        #expect(try read("%ci", .identifier).parts == [.variable(.clientAddress, .encoded)])
        #expect(try read("%ci", .value).parts == [.variable(.clientAddress, [])])
    }

    @Test("every variable of HAProxy 3.2 is known", arguments: LogVariable.allCases)
    func variables(variable: LogVariable) throws {
        #expect(try read("<%\(variable.rawValue)>").parts[1] == .variable(variable, .dashed))
    }

    @Test("what a format is read from can be read again")
    func canonical() throws {
        for text in [
            "%ci:%cp [%tr] %ft %b/%s 100%% %{+Q}r", "%{+Q,+X,+E}ci %{-M}b %[src,lower]", "%{+E}[src] x",
        ] {
            let format = try read(text)
            #expect(format.description == text)
            #expect(try read(format.description) == format)
        }
        let field = try read("a  %{+M}[src]%ci%%", .message)
        #expect(try read(field.description, .message) == field)
    }

    @Test("items with names are the members of an object of JSON, and nothing else is")
    func record() throws {
        let format = try read("%ci %{+json}o %(client)ci, %cp %(a-b_1:str){+X,+Q}cp %(net:bool)[src]")
        #expect(format.isRecord)
        #expect(
            format.parts == [
                .json(JSONItem(.variable(.clientAddress), name: "client")),
                .json(JSONItem(.variable(.clientPort), name: "a-b_1", kind: .text, isHexadecimal: true)),
                .json(JSONItem(.sample(try Expression(.ofClient(.source))), name: "net", kind: .truth)),
            ])
        #expect(format.description == "%{+json}o %(client)ci %(a-b_1:str){+X}cp %(net:bool)[src]")
        #expect(try read(format.description) == format)
    }

    @Test("a value of JSON stands among texts, and names are for objects")
    func itemsOfJSON() throws {
        let format = try read("[%{+json}ci] %(:sint){+json,+X}[src] %(name)ci")
        #expect(!format.isRecord)
        #expect(
            format.parts == [
                text("["), .json(JSONItem(.variable(.clientAddress))), text("]"), .blank,
                .json(
                    JSONItem(.sample(try Expression(.ofClient(.source))), kind: .number, isHexadecimal: true)),
                .blank, .variable(.clientAddress, .dashed),
            ])
        #expect(format.description == "[%{+json}ci] %(:sint){+json,+X}[src] %ci")
        #expect(try read(format.description) == format)
        #expect(try read("%{+json}o%{-json}o%(a)ci") == FormatString([.variable(.clientAddress, .dashed)]))
        #expect(refusal("%{+json}ci", .message) != nil)
    }

    @Test(
        "mistakes are said as HAProxy says them, with the column",
        arguments: [
            (
                "%ci %foo",
                "no such format variable 'foo' at column 17. If you wanted to emit the '%' character verbatim, you need to use '%%'"
            ),
            (
                "%cix",
                "no such format variable 'cix' at column 13. If you wanted to emit the '%' character verbatim, you need to use '%%'"
            ),
            (
                "100% ",
                "unexpected variable name near ' ' at column 16. Maybe you want to write a single '%', use the syntax '%%'"
            ),
            (
                "%5",
                "unexpected variable name near '5' at column 13. Maybe you want to write a single '%', use the syntax '%%'"
            ),
            ("a%", "truncated line after '%' at column 13"),
            ("%{+Q,-X ci x", "truncated line after '+Q,-X ci x' at column 14"),
            ("%{+Q} x", "parse argument modifier without variable name near '%{+Q}' at column 12"),
            ("%{+Q}", "parse argument modifier without variable name near '%{+Q}' at column 12"),
            ("%[src x", "expected ']' after 'src', but found ' ' at column 17"),
            ("%[src", "missing ']' after 'src' at column 17"),
            ("%[str(a", "missing ']' after 'str(a' at column 19"),
            (
                "%{+Z}ci",
                "'+Z' at column 14: expected some of +Q, +X, +E, +M and +json, or with '-', between commas"
            ),
            (
                "%{Q}ci",
                "'Q' at column 14: expected some of +Q, +X, +E, +M and +json, or with '-', between commas"
            ),
            ("%{+cbor}o", "'%{+cbor}' exists in HAProxy but not here yet; '%{+json}' is"),
            (
                "%{+json}o %ci",
                "'%{+json}o' writes what has a name, as in '%(client)ci', and nothing here has one"
            ),
            ("%(a b)ci", "invalid character in custom name near ' ' at column 15"),
            (
                "%(a:ip)ci",
                "unexpected output type 'ip' at column 16. Supported types are: str, sint, bool, raw"
            ),
            ("%(a", "truncated line after 'a' at column 12"),
            ("%(a)", "truncated line after '%' at column 12"),
            ("%[foo(1)] x", "unknown keyword 'foo' at column 14"),
            ("%[src,foo]", "unknown keyword 'foo' at column 18"),
            ("%ci %[path]", "'path' at column 18 is not known here: it needs a request"),
            ("%[]", "a sample such as req.hdr(host) or src is missing"),
        ])
    func mistakes(text: String, expected: String) throws {
        let sentence = try #require(refusal(text))
        #expect(sentence.hasPrefix(expected), "\(sentence)")
    }
}
