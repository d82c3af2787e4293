import Testing

@testable import ConfigLanguage

@Suite("Lexer")
struct LexerTests {
    private let variables = ["NAME": "value", "LIST": " one  two three ", "EMPTY": "", "_X1": "y"]

    private func lex(_ line: String) throws(LexicalError) -> [Word] {
        try Lexer.words(of: Array(line.utf8)) { name in
            switch name {
            case ".LINE": .value("7")
            case _ where name.hasPrefix("."): .unknown
            default: variables[name].map { .value($0) } ?? .unset
            }
        }
    }

    @Test(
        "words are cut, quoted and escaped as HAProxy does",
        arguments: [
            ("", []), ("   \t ", []), ("# a comment", []), ("a b", ["a", "b"]), ("  a\t\tb  ", ["a", "b"]),
            ("a #b", ["a"]), ("a#b", ["a"]), ("a\\#b", ["a#b"]), (#"a\ b"#, ["a b"]), (#"a\\b"#, [#"a\b"#]),
            (#"a\"b\'c"#, [#"a"b'c"#]), (#"a\nb\rc\td"#, ["a\nb\rc\td"]), (#"\x41\x62\x7a"#, ["Abz"]),
            (#"\.(png|gif)$"#, [#"\.(png|gif)$"#]), (#"\1"#, [#"\1"#]), (#"a\"#, [#"a\"#]),
            (#""a b""#, ["a b"]), (#""a#b""#, ["a#b"]), (#""it's""#, ["it's"]), (#""a\"b""#, [#"a"b"#]),
            (#""a\\b""#, [#"a\b"#]), (#""a\.b""#, [#"a\.b"#]), (#""\$NAME""#, ["$NAME"]),
            (#""a\ b""#, ["a b"]),
            ("'a b'", ["a b"]), (#"'a\ b'"#, [#"a\ b"#]), (#"'a"b'"#, [#"a"b"#]), ("'$NAME'", ["$NAME"]),
            ("'a#b'", ["a#b"]), (#"'\x41'"#, [#"\x41"#]),
            (#"a"b c"'d e'f"#, ["ab cd ef"]), (#""""#, [""]), ("''", [""]), (#"a "" b"#, ["a", "", "b"]),
            (#"a"""#, ["a"]), ("''''", [""]), (#""a""#, ["a"]),
            ("$NAME", ["$NAME"]), (#"$"#, ["$"]), ("${NAME}", ["${NAME}"]), (#"\$NAME"#, [#"\$NAME"#]),
        ])
    func words(line: String, expected: [String]) throws {
        #expect(try lex(line).map(\.text) == expected)
    }

    @Test(
        "variables count inside double quotes alone",
        arguments: [
            (#""$NAME""#, ["value"]), (#""${NAME}""#, ["value"]), (#""a${NAME}b""#, ["avalueb"]),
            (#""$NAME.b""#, ["value.b"]), (#""$_X1""#, ["y"]), (#""$NONE""#, [""]), (#""${NONE}""#, [""]),
            (#""${NONE-default}""#, ["default"]), (#""${NAME-default}""#, ["value"]),
            (#""${EMPTY-default}""#, [""]), (#""${NONE-}""#, [""]), (#""${NONE-a b}""#, ["a b"]),
            (#""${LIST}""#, [" one  two three "]), (#""${LIST[*]}""#, ["one", "two", "three"]),
            (#"a "${NONE[*]}" b"#, ["a", "b"]), (#"a "${EMPTY[*]}" b"#, ["a", "b"]),
            (#""${NONE[*]-x y}""#, ["x", "y"]), (#""x${LIST[*]}y""#, ["x", "one", "two", "three", "y"]),
            (#""$.LINE""#, ["7"]), (#""${.LINE}""#, ["7"]),
        ])
    func variables(line: String, expected: [String]) throws {
        #expect(try lex(line).map(\.text) == expected)
    }

    @Test(
        "what can not be read says why and at which column",
        arguments: [
            (#"a "b"#, LexicalError.Reason.openQuote, 3), ("a 'b", .openQuote, 3), (#"a\xg0"#, .hex, 2),
            (#"a\x4"#, .hex, 2), (#""$1""#, .variableName, 3), (#""$""#, .variableName, 3),
            (#""${NAME""#, .brace, 3), (#""${NAME-x""#, .brace, 3), (#""${NAME[1]}""#, .expansion, 8),
            (#""$.NOTHING""#, .variableName, 2), ("a\u{0}b", .zero, 2),
        ])
    func errors(line: String, reason: LexicalError.Reason, column: Int) {
        #expect(throws: LexicalError(reason, column: column)) { try lex(line) }
    }

    @Test("a line has 64 words at most")
    func manyWords() throws {
        let line = Array(repeating: "w", count: 64).joined(separator: " ")
        #expect(try lex(line).count == 64)
        #expect(throws: LexicalError(.tooManyWords, column: 129)) { try lex(line + " w") }
    }

    @Test("a word knows where it begins, its quote included")
    func columns() throws {
        #expect(try lex(#"  bind "a b" 'c'd  e"#).map(\.column) == [3, 8, 14, 20])
    }

    @Test("a word keeps bytes that are no text")
    func bytes() throws {
        #expect(try lex(#"\xff\x00"#).map(\.bytes) == [[0xFF, 0]])
    }

    @Test("random lines of what has a meaning never trap", arguments: 0..<20)
    func random(seed: UInt64) {
        var numbers = Numbers(state: seed &* 7_919 &+ 1)
        let pieces = [
            "\"", "'", "\\", "$", "{", "}", "[*]", "-", "#", " ", "x", "41", "NAME", "LIST", ".", "\t", "\r",
            "\n",
            "\u{0}", "é", "\\x", "${", "$NAME", "\"${LIST[*]}\"",
        ]
        for _ in 0..<2_000 {
            let line = (0..<numbers.next(30)).map { _ in pieces[numbers.next(pieces.count)] }.joined()
            let words = (try? lex(line)) ?? []
            #expect(words.count <= 64)
        }
    }
}

/// Numbers that look random and are the same in every run.
struct Numbers {
    var state: UInt64

    /// One of 0..<bound.
    mutating func next(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(truncatingIfNeeded: (state >> 33) % UInt64(bound))
    }
}
