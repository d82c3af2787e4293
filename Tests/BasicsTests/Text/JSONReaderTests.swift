import Basics
import Testing

@Suite("Reading JSON")
struct JSONReaderTests {
    @Test("a text is read in the order it stands")
    func walk() throws {
        let text = Array(#" { "a" : [ 1 , -2 ] , "b" : { "c" : "x" } , "d" : true , "e" : null } "#.utf8)
        var reader = JSONReader(text.span)
        var seen: [String] = []
        try reader.openObject()
        while let key = try reader.nextKey() {
            switch key {
            case "a":
                try reader.openList()
                while try reader.nextElement() { seen.append("\(try reader.integer())") }
            case "b":
                try reader.openObject()
                while let key = try reader.nextKey() { seen.append(try key.string() + (try reader.string())) }
            case "d": seen.append("\(try reader.booleanOrNull() == true)")
            default: try reader.skipValue()
            }
        }
        try reader.finish()
        #expect(seen == ["1", "-2", "cx", "true"])
    }

    @Test("null reads as nothing of any kind")
    func null() throws {
        let text = Array("[null,null,null,null,null,null]".utf8)
        var reader = JSONReader(text.span)
        try reader.openList()
        #expect(try reader.nextElement())
        try reader.openObject()
        #expect(try reader.nextKey() == nil)
        #expect(try reader.nextElement())
        try reader.openList()
        #expect(try reader.nextElement() == false)
        #expect(try reader.nextElement() && reader.stringOrNull() == nil)
        #expect(try reader.nextElement() && reader.integerOrNull() == nil)
        #expect(try reader.nextElement() && reader.booleanOrNull() == nil)
        #expect(try reader.nextElement() && reader.string() == "")
        #expect(try reader.nextElement() == false)
        try reader.finish()
    }

    @Test(
        "escapes stand for their characters",
        arguments: [
            (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"), (#""\u0041\u00e9\u20AC""#, "Aé€"),
            (#""a\ud83d\ude00b""#, "a😀b"), (#""\u0000""#, "\0"), (#""é€😀""#, "é€😀"), (#""""#, ""),
            (#""a long string without anything special""#, "a long string without anything special"),
            (#""12345678\"12345678""#, "12345678\"12345678"), (#""\u003ca\u003E""#, "<a>"),
        ])
    func escapes(text: String, expected: String) throws {
        let bytes = Array(text.utf8)
        var reader = JSONReader(bytes.span)
        #expect(try reader.string() == expected)
        try reader.finish()
        var skipper = JSONReader(bytes.span)
        try skipper.skipValue()
        try skipper.finish()
    }

    @Test(
        "what is no string is an error, where it is wrong",
        arguments: [
            (#""\x""#, JSONError(.malformedEscape, at: 1)),
            (#""\u12g4""#, JSONError(.malformedEscape, at: 1)),
            (#""a\ud83d""#, JSONError(.malformedEscape, at: 2)),
            (#""\ude00\ud83d""#, JSONError(.malformedEscape, at: 1)),
            (#""\ud83d\u0041""#, JSONError(.malformedEscape, at: 1)),
            ("\"a\nb\"", JSONError(.controlCharacter, at: 2)),
            ("\"1234567\0\"", JSONError(.controlCharacter, at: 8)),
            ("\"abc", JSONError(.unexpectedEnd, at: 4)),
            ("\"\\", JSONError(.unexpectedEnd, at: 2)), ("\"\\u00", JSONError(.unexpectedEnd, at: 5)),
            ("7", JSONError(.mismatch(expected: .string, found: .number), at: 0)),
            ("'a'", JSONError(.unexpectedByte, at: 0)), ("", JSONError(.unexpectedEnd, at: 0)),
        ])
    func badStrings(text: String, error: JSONError) {
        #expect(throws: error) {
            let bytes = Array(text.utf8)
            var reader = JSONReader(bytes.span)
            _ = try reader.string()
        }
    }

    @Test(
        "bytes that are not UTF-8 are an error",
        arguments: [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xE2, 0x82]]
            as [[UInt8]])
    func badUTF8(bytes: [UInt8]) {
        #expect(throws: JSONError(.malformedUTF8, at: 1)) {
            let text = [0x22] + bytes + [0x22]
            var reader = JSONReader(text.span)
            _ = try reader.string()
        }
    }

    @Test(
        "integers are read to the ends of 64 bits",
        arguments: [
            ("0", 0), ("-0", 0), ("9223372036854775807", Int.max), ("-9223372036854775808", Int.min),
            ("80 ", 80),
        ])
    func integers(text: String, expected: Int) throws {
        let bytes = Array(text.utf8)
        var reader = JSONReader(bytes.span)
        #expect(try reader.integer() == expected)
    }

    @Test(
        "what is no integer is an error, never a rounded one",
        arguments: [
            "9223372036854775808", "-9223372036854775809", "99999999999999999999999999999", "1.0", "1e3",
            "01", "-", "+1",
            ".5", "1.", "1e", "0x10", "NaN", "--1",
        ])
    func badIntegers(text: String) {
        #expect(throws: JSONError.self) {
            let bytes = Array(text.utf8)
            var reader = JSONReader(bytes.span)
            _ = try reader.integer()
            try reader.finish()
        }
    }

    @Test(
        "skipping accepts what JSON is",
        arguments: [
            "{}", "[]", "[[],{}]", #"{"a":[1,2.5e-3,{"b":null}],"c":"\u0041","d":false}"#, "-1.5E+3", " [ ] ",
            #"{"a":{"a":{}}, "b" : [ [ [ ] ] ] }"#,
        ])
    func skipping(text: String) throws {
        let bytes = Array(text.utf8)
        var reader = JSONReader(bytes.span)
        try reader.skipValue()
        try reader.finish()
    }

    @Test(
        "skipping refuses what JSON is not",
        arguments: [
            "", "{", "[", "}", "]", "[1,]", "[,1]", "[1 2]", "{,}", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#,
            #"{1:2}"#,
            #"{"a":1 "b":2}"#, "[1}", #"{"a":1]"#, "tru", "nul", "truth", "1 2", "\"", #"["\q"]"#, "[1]]",
            "\u{FEFF}{}", "\0",
        ])
    func badSkipping(text: String) {
        #expect(throws: JSONError.self) {
            let bytes = Array(text.utf8)
            var reader = JSONReader(bytes.span)
            try reader.skipValue()
            try reader.finish()
        }
    }

    @Test("containers may be nested 64 deep and no deeper, read or skipped")
    func depth() throws {
        for (depth, isFine) in [(64, true), (65, false), (100_000, false)] {
            let text =
                Array(String(repeating: "[", count: depth).utf8)
                + Array(String(repeating: "]", count: depth).utf8)
            var skipper = JSONReader(text.span)
            let skipped: Void? = try? skipper.skipValue()
            #expect((skipped != nil) == isFine)
            var reader = JSONReader(text.span)
            var opened = 0
            while opened < depth, (try? reader.openList()) != nil, (try? reader.nextElement()) != nil {
                opened += 1
            }
            #expect(opened == min(depth, 64))
        }
    }

    @Test("a key with escapes is the key it stands for")
    func escapedKey() throws {
        let text = Array(#"{"na\u006de":"x"}"#.utf8)
        var reader = JSONReader(text.span)
        try reader.openObject()
        guard let key = try reader.nextKey() else {
            Issue.record("no key")
            return
        }
        switch key {
        case "name": #expect(try reader.string() == "x")
        default: Issue.record("not matched")
        }
    }

    @Test("a copy of the reader is a place to come back to")
    func checkpoint() throws {
        let text = Array(#"["a",2]"#.utf8)
        var reader = JSONReader(text.span)
        try reader.openList()
        _ = try reader.nextElement()
        let start = reader
        #expect(throws: JSONError.self) { try JSONReaderTests.integer(start) }
        #expect(try reader.string() == "a")
    }

    private static func integer(_ reader: consuming JSONReader) throws -> Int {
        try reader.integer()
    }

    @Test(
        "a place is named as Kubernetes names fields",
        arguments: [
            (#"{"spec":{"rules":[{},{"host":7}]}}"#, "7", "spec.rules[1].host"),
            (#"{"data":{"tls.key":7}}"#, "7", "data[tls.key]"), (#"{"a":1,"b":7}"#, "7", "b"), ("7", "7", ""),
            (#"[[1],[2,7]]"#, "7", "[1][1]"), (#"{"a":{"b":[1,7"#, "7", "a.b[1]"),
        ])
    func paths(text: String, mark: Character, expected: String) throws {
        let offset = try #require(text.firstIndex(of: mark)).utf16Offset(in: text)
        #expect(JSONPath.of(offset, in: Array(text.utf8).span) == expected)
    }

    @Test("a path is found for any offset of any text")
    func anyPath() {
        let text = Array(#"{"a":[{"b":"\u00e9"},2],"c":{"d":null}}"#.utf8)
        for end in 0...text.count {
            for offset in -1...end + 1 { _ = JSONPath.of(offset, in: Array(text[..<end]).span) }
        }
    }
}
