import Testing

@testable import Controller

@Suite("Texts in nginx's language")
struct NginxDirectiveTests {
    @Test(
        "words are made as nginx makes them",
        arguments: [
            ("a b;", ["a", "b"]), ("a\tb\r\n c ;", ["a", "b", "c"]),
            ("a 'b c' \"d;e\";", ["a", "b c", "d;e"]),
            ("# why\na b; # and", ["a", "b"]), ("a b#c;", ["a", "b#c"]),
            (#"a "b\"c\\" 'd\'e';"#, ["a", "b\"c\\", "d'e"]),
            (#"a \.b\d;"#, ["a", #"\.b\d"#]), (#"a "x\ty";"#, ["a", "x\ty"]), ("a ${b}c;", ["a", "${b}c"]),
            ("a \"\";", ["a", ""]), ("a ~* (b|c);", ["a", "~*", "(b|c)"]),
            ("a \"(b)\");", ["a", "(b)", ")"]),
            ("a }b;", nil), ("a b}c;", ["a", "b}c"]), ("é ü;", ["é", "ü"]),
        ])
    func words(text: String, expected: [String]?) throws {
        let found = try? NginxDirective.read(text)
        #expect(found?.first?.words == expected)
        #expect(expected == nil || found?.count == 1)
    }

    @Test("blocks hold directives, and lines are counted")
    func blocks() throws {
        let found = try NginxDirective.read("a;\n\nif ($b = c) {\n  d e;\n  f;\n}\ng \"x\ny\";\nh;")
        #expect(found.map(\.name) == ["a", "if", "g", "h"])
        #expect(found.map(\.line) == [1, 3, 7, 9])
        #expect(found[1].words == ["if", "($b", "=", "c)"])
        #expect(found[1].block?.map(\.line) == [4, 5])
        #expect(found[0].block == nil)
        #expect(try NginxDirective.read("a { }").first?.block == [])
        #expect(try NginxDirective.read(" \n# only this").isEmpty)
    }

    @Test(
        "what is not whole is a flaw of its line",
        arguments: [
            ("a", 1), ("a;\nb c", 2), ("a \"b;", 1), ("\n'", 2), ("}", 1), ("a {", 1), ("a {\nb; }\n}", 3),
            (";", 1), ("{ }", 1),
            ("a \"b\"c;", 1), ("a { b }", 1), ("a b }", 1), ("\\", 1),
        ])
    func flaws(text: String, line: Int) {
        #expect(throws: SnippetFlaw.self) { try NginxDirective.read(text) }
        do throws(SnippetFlaw) { _ = try NginxDirective.read(text) } catch { #expect(error.line == line) }
    }

    @Test("a text has bounds")
    func bounds() {
        let many = String(repeating: "a;", count: NginxDirective.most + 1)
        let deep = String(repeating: "a {", count: 1_000)
        for text in [many, deep, String(repeating: "x", count: 70_000)] {
            #expect(throws: SnippetFlaw.self) { try NginxDirective.read(text) }
        }
    }

    @Test("every front of a text, and every text with a byte of another, is read or refused")
    func total() {
        let text =
            "if ($a ~ \"b\\\"{2}\") { return 301 'https://${host}/'; }\n# c\nadd_header X \"y z\" always;"
        let bytes = Array(text.utf8)
        for count in 0...bytes.count {
            _ = try? NginxDirective.read(String(decoding: bytes[..<count], as: UTF8.self))
            for other in [0, 9, 10, 34, 35, 39, 59, 92, 123, 125, 255] where count < bytes.count {
                var changed = bytes
                changed[count] = UInt8(other)
                _ = try? SnippetReader.read(String(decoding: changed, as: UTF8.self))
            }
        }
    }
}
