import Basics
import Model
import Testing
import Wire

@testable import Engine

/// Expected values are what haproxy 2.6.12 gives.
@Suite("Converters")
struct ConverterCodeTests {
    private func convert(_ input: String, _ converters: Converter...) throws -> String? {
        try text(.string(Array(input.utf8)), converters)
    }

    private func part(_ number: Int, _ delimiters: String, _ count: Int, joined: Bool) -> Converter {
        .part(number: number, delimiters: Array(delimiters.utf8), count: count, joined: joined)
    }

    @Test(
        "fields are what stands between single delimiters",
        arguments: [
            ("f1_f2_f3__f5", 5, 1, "f5"), ("f1_f2_f3__f5", 2, 0, "f2_f3__f5"),
            ("f1_f2_f3__f5", 2, 2, "f2_f3"),
            ("f1_f2_f3__f5", -2, 3, "f2_f3_"), ("f1_f2_f3__f5", -3, 0, "f1_f2_f3"),
            ("f1_f2_f3__f5", 4, 1, ""),
            ("f1_f2_f3__f5", 6, 1, nil), ("f1_f2", 4, 1, nil), ("f1_f2__", 3, 1, ""), ("f1_f2_", 2, 5, "f2_"),
            ("f1_f2_", -1, 1, ""), ("__f1_f2", 1, 1, ""), ("", 1, 1, ""), ("", 2, 1, nil), ("a", -1, 1, "a"),
            ("a", -2, 1, nil), ("a_b", .min, 1, nil), ("a_b", .max, 1, nil),
        ] as [(String, Int, Int, String?)])
    func fields(input: String, number: Int, count: Int, expected: String?) throws {
        #expect(try convert(input, part(number, "_", count, joined: false)) == expected)
    }

    @Test(
        "words are what stands between any number of delimiters",
        arguments: [
            ("f1_f2_f3__f5", 4, 1, "f5"), ("f1_f2_f3__f5", 3, 2, "f3__f5"), ("f1_f2_f3__f5", 3, 1, "f3"),
            ("f1_f2_f3__f5", -2, 3, "f1_f2_f3"), ("f1_f2_f3__f5", -3, 0, "f1_f2"), ("__f1_f2", 1, 1, "f1"),
            ("__f1_f2", 3, 1, ""), ("f1__f2__", 2, 0, "f2__"), ("f1__f2__", -2, 0, "f1"),
            ("f1__f2__", 2, 5, "f2__"), ("f1__f2__f3", 2, 5, "f2__f3"),
            ("__f1__f2__f3__", -1, 5, "__f1__f2__f3"), ("__f1__f2__f3__", -1, 1, "f3"), ("", 1, 1, ""),
            ("__", 1, 1, ""),
        ] as [(String, Int, Int, String)])
    func words(input: String, number: Int, count: Int, expected: String) throws {
        #expect(try convert(input, part(number, "_", count, joined: true)) == expected)
    }

    @Test("any of several delimiters separates")
    func delimiters() throws {
        #expect(try convert("a b\tc", part(2, " \t", 1, joined: false)) == "b")
        #expect(try convert("a \t c", part(2, " \t", 1, joined: true)) == "c")
    }

    @Test(
        "JSON escapes what can not stand between its quotation marks",
        arguments: [
            ("a/b\"c\\\n\u{1}", JSONInput.ascii, "a\\/b\\\"c\\\\\\n\\u0001"), ("é", .ascii, "\\u00c3\\u00a9"),
            ("é€", .utf8, "\\u00e9\\u20ac"), ("", .utf8, ""),
        ])
    func json(input: String, kind: JSONInput, expected: String) throws {
        #expect(try convert(input, .json(kind)) == expected)
    }

    @Test("bytes that are no UTF-8 are no sample, or left out")
    func brokenUTF8() throws {
        for bytes in [
            [0x61, 0xC3], [0xFF, 0x61], [0xE2, 0x82, 0x61], [0xC0, 0x80, 0x61], [0xED, 0xA0, 0x80, 0x61],
        ] as [[UInt8]] {
            #expect(try text(.string(bytes), [.json(.utf8)]) == nil)
            #expect(try text(.string(bytes), [.json(.utf8s)]) == "a")
        }
    }

    private struct LooseText {
        let bytes: [UInt8]
        /// As `utf8`, `utf8s`, `utf8p` and `utf8ps`.
        let found: [String?]

        init(_ bytes: [UInt8], _ found: String?...) { (self.bytes, self.found) = (bytes, found) }
    }

    private static let looseTexts = [
        LooseText([0xC3, 0xA9], "\\u00e9", "\\u00e9", "\\u00e9", "\\u00e9"),
        LooseText([0xF0, 0x91, 0x81, 0x81, 0x62], nil, "b", nil, "b"),
        LooseText([0xC0, 0xAF, 0x78], nil, "x", "\\/x", "\\/x"),
        LooseText([0xE0, 0x80, 0xAF, 0x78], nil, "x", "\\/x", "\\/x"),
        LooseText([0xE2, 0x28, 0xA1], nil, "(", nil, "("),
        LooseText([0xED, 0xA0, 0x80], nil, "", nil, ""),
        LooseText([0xEF, 0xBF, 0xBE], nil, "", nil, ""),
        LooseText([0xF8, 0x88, 0x80, 0x80, 0x80, 0x7A], nil, "z", nil, "z"),
        LooseText([0xF8, 0x80, 0x80, 0x80, 0xAF, 0x71], nil, "q", "\\/q", "\\/q"),
        LooseText([0xFC, 0x84, 0x80, 0x80, 0x80, 0x80, 0x71], nil, "q", nil, "q"),
        LooseText([0xC1, 0xBF], nil, "", "\\u007f", "\\u007f"),
        LooseText([0x80, 0x81], nil, "", nil, ""),
    ]

    @Test("characters of too many bytes, beyond four digits, and that are none, as HAProxy takes them")
    func looseUTF8() throws {
        for row in Self.looseTexts {
            let found = try [JSONInput.utf8, .utf8s, .utf8p, .utf8ps].map {
                try text(.string(row.bytes), [.json($0)])
            }
            #expect(found == row.found, "\(row.bytes)")
        }
    }

    @Test(
        "host and port are told apart",
        arguments: [
            ("a.b:80", "a.b", "80"), ("a.b", "a.b", "0"), ("[::1]:8080", "[::1]", "8080"),
            ("[::1]", "[::1]", "0"),
            ("a:", "a", "0"), ("a:b", "a:b", "0"), ("", "", "0"),
        ])
    func hostPort(input: String, host: String, port: String) throws {
        #expect(try convert(input, .hostOnly) == host)
        #expect(try convert(input, .portOnly) == port)
    }

    @Test(
        "bytes beyond the end are left out",
        arguments: [(2, 3, "cde"), (2, nil, "cdef"), (9, nil, ""), (4, 9, "ef"), (6, nil, ""), (0, 0, "")]
            as [(Int, Int?, String)])
    func bytes(offset: Int, count: Int?, expected: String) throws {
        #expect(try convert("abcdef", .bytes(offset: offset, count: count)) == expected)
    }

    @Test("letters of ASCII change their case, nothing else does")
    func cases() throws {
        #expect(try convert("aZ[`{@é1", .lower) == "az[`{@é1")
        #expect(try convert("aZ[`{@é1", .upper) == "AZ[`{@é1")
        #expect(try convert("abc", .lower) == "abc")
    }

    @Test("trimming, joining, choosing, counting")
    func texts() throws {
        #expect(try convert("  a b ", .trim(bytes: [32], isLeft: true)) == "a b ")
        #expect(try convert("__ab__", .trim(bytes: Array("_".utf8), isLeft: false)) == "__ab")
        #expect(try convert("aa", .trim(bytes: Array("a".utf8), isLeft: false)) == "")
        #expect(try convert("abc", .trim(bytes: [], isLeft: true)) == "abc")
        #expect(try convert("abc", .concat(Array("x".utf8), nil, Array("y".utf8))) == "abcxy")
        #expect(try convert("5", .choose(whenTrue: [65], whenFalse: [66])) == "A")
        #expect(try convert("x", .choose(whenTrue: [65], whenFalse: [66])) == "B")
        #expect(try convert("", .choose(whenTrue: [65], whenFalse: [66])) == nil)
        #expect(try convert("abc", .length) == "3")
    }

    @Test(
        "regsub replaces the first match or all of them",
        arguments: [
            ("abcabc", "b", "x", "", "axcabc"), ("abcabc", "b", "x", "g", "axcaxc"),
            ("abcabc", "B", "x", "gi", "axcaxc"), ("abcabc", "B", "x", "", "abcabc"),
            ("abcabc", "(a)(b)", "<\\2-\\1>", "g", "<b-a>c<b-a>c"),
            ("abcabc", "x*", "-", "g", "-a-b-c-a-b-c-"),
            ("abc", "^", "-", "g", "-abc"), ("abc", "$", "-", "g", "abc--"), ("aaa", "a", "", "g", ""),
            ("", "^$", "x", "g", "x"), ("", "a", "x", "g", ""), ("abc", "(x)?b", "[\\1]", "", "a[]c"),
            ("abc", "b", "\\\\", "", "a\\c"), ("abc", "b", "\\", "", "a\\c"), ("abc", "b", "\\9", "", "ac"),
            ("abc", "b", "\\0\\0", "", "abbc"), ("a.b", "\\.", "\\.", "", "a.b"),
        ])
    func replacements(input: String, pattern: String, by: String, flags: String, expected: String) throws {
        let rule = RegexReplacement(
            pattern, by: Array(by.utf8), isGlobal: flags.contains("g"), ignoresCase: flags.contains("i"))
        #expect(try convert(input, .regexReplace(rule)) == expected)
    }

    @Test("a regular expression that takes too long gives nothing, and is counted")
    func overrun() throws {
        var workspace = SampleWorkspace()
        workspace.reset()
        let input = [UInt8](repeating: UInt8(ascii: "a"), count: 60) + Array("!".utf8)
        let compiled = CompiledExpression(
            try Expression(.string(input), [.regexReplace(RegexReplacement("^(a+)+$", by: []))]))
        #expect(compiled.sample(of: TestRequest("GET / HTTP/1.1\nHost: a"), &workspace) == nil)
        #expect(workspace.overruns == 1)
    }

    @Test("what finds no room gives nothing")
    func room() throws {
        let long = [UInt8](repeating: UInt8(ascii: "A"), count: 40_000)
        #expect(try text(.string(long), [.hex]) == nil)
        #expect(try text(.string(long), [.lower])?.utf8.count == 40_000)
        #expect(try text(.string(long), [.lower, .upper]) == nil)
        let rule = RegexReplacement("", by: long, isGlobal: true)
        #expect(try convert("abc", .regexReplace(rule)) == nil)
    }

    @Test(
        "URLs",
        arguments: [
            ("%41+b?c+d", false, "A+b?c d"), ("%41+b", true, "A b"), ("%4g", false, nil), ("a%2", false, nil),
            ("%", false, nil), ("%%41", false, nil), ("", false, ""), ("%7E%e9", true, "~\u{FFFD}"),
        ] as [(String, Bool, String?)])
    func urls(input: String, isForm: Bool, expected: String?) throws {
        #expect(try convert(input, .decodeURL(isForm: isForm)) == expected)
    }

    @Test("everything but unreserved characters is escaped")
    func escapes() throws {
        #expect(try convert("a b/c?d=é~-._Z9", .encodeURL) == "a%20b%2Fc%3Fd%3D%C3%A9~-._Z9")
    }

    @Test(
        "base64 of either alphabet",
        arguments: [
            ("", "", ""), ("a", "YQ==", "YQ"), ("ab", "YWI=", "YWI"), ("abc", "YWJj", "YWJj"),
            ("ab??>>", "YWI/Pz4+", "YWI_Pz4-"),
        ])
    func base64(plain: String, usual: String, ofURLs: String) throws {
        #expect(try convert(plain, .base64(isURL: false)) == usual)
        #expect(try convert(plain, .base64(isURL: true)) == ofURLs)
        #expect(try convert(usual, .fromBase64(isURL: false)) == plain)
        #expect(try convert(ofURLs, .fromBase64(isURL: true)) == plain)
    }

    @Test("what is no base64 gives nothing", arguments: ["!!", "YQ", "Y", "Y===", "YQ=Q", "YWI_"])
    func noBase64(input: String) throws { #expect(try convert(input, .fromBase64(isURL: false)) == nil) }

    @Test("hexadecimal digits")
    func hex() throws {
        #expect(try convert("abc", .hex) == "616263")
        #expect(try convert("ff", .fromHex) == "255")
        #expect(try convert("g1", .fromHex) == nil)
        #expect(try convert("-1", .fromHex) == nil)
        #expect(try text(.integer(258), [.hex]) == "0000000000000102")
        #expect(try text(.boolean(true), [.hex]) == "0000000000000001")
        #expect(try text(.ofClient(.source), [.hex]) == "C0000207")
    }

    @Test(
        "hashes are HAProxy's numbers",
        arguments: [
            (.function(.crc32, hasAvalanche: false), "891568578"),
            (.function(.crc32, hasAvalanche: true), "930845320"),
            (.function(.djb2, hasAvalanche: false), "193485963"),
            (.function(.sdbm, hasAvalanche: false), "807794786"),
            (.function(.wt6, hasAvalanche: false), "2483038440"),
            (.castagnoli(hasAvalanche: false), "910901175"), (.xxh32(seed: 0), "852579327"),
            (.xxh32(seed: 5), "1562728233"), (.xxh64(seed: 0), "4952883123889572249"),
        ] as [(SampleHash, String)])
    func hashes(hash: SampleHash, expected: String) throws {
        #expect(try convert("abc", .hash(hash)) == expected)
    }

    @Test("hashes of stripes: published values of xxHash")
    func stripes() throws {
        let text = "Nobody inspects the spammish repetition"
        #expect(try convert(text, .hash(.xxh32(seed: 0))) == "\(0xE229_3B2F)")
        #expect(try convert(text, .hash(.xxh64(seed: 0))) == "\(Int64(bitPattern: 0xFBCE_A83C_8A37_8BF1))")
    }

    @Test(
        "numbers are held within 64 bits",
        arguments: [
            (5, .add, 3, 8), (.max, .add, 1, .max), (.min, .add, -1, .min), (.min, .sub, 1, .min),
            (7, .sub, 9, -2), (.max, .sub, -1, .max), (7, .mul, 9, 63), (.max, .mul, -2, .min),
            (.min, .mul, -1, .max), (5, .div, 0, .max), (.min, .div, -1, .max), (-7, .div, 2, -3),
            (5, .mod, 0, 0), (-7, .mod, 3, -1), (.min, .mod, -1, 0), (12, .and, 10, 8), (12, .or, 3, 15),
            (12, .xor, 10, 6),
        ] as [(Int64, Arithmetic, Int64, Int64)])
    func arithmetic(left: Int64, operation: Arithmetic, right: Int64, expected: Int64) throws {
        #expect(try text(.integer(left), [.arithmetic(operation, right)]) == "\(expected)")
    }

    @Test("one number alone")
    func unary() throws {
        #expect(try text(.integer(.min), [.negate]) == "\(Int64.max)")
        #expect(try text(.integer(5), [.complement]) == "-6")
        #expect(try text(.integer(-5), [.isOdd]) == "1")
        #expect(try text(.integer(-5), [.isEven]) == "0")
        #expect(try text(.integer(5), [.isZero]) == "0")
        #expect(try text(.integer(5), [.truth]) == "1")
    }

    @Test(
        "texts are numbers as far as their digits go",
        arguments: [
            ("5x", "5"), ("x5", "0"), ("", nil), ("-5", "-5"), ("+7", "7"), ("-", "0"),
            ("99999999999999999999", "\(Int64.max)"), ("-99999999999999999999", "\(Int64.min)"),
        ] as [(String, String?)])
    func numbers(input: String, expected: String?) throws {
        #expect(try convert(input, .arithmetic(.add, 0)) == expected)
    }

    @Test(
        "networks of addresses",
        arguments: [
            ("10.1.2.3", "10.1.0.0"), ("nonsense", nil), ("10.1.2", nil), ("10.1.2.256", nil),
            ("1.2.3.4.5", nil),
            ("10..2.3", nil), (".1.2.3", nil), ("2001:db8:1:2::1", "2001:db8:1::"),
            ("::ffff:10.1.2.3", "10.1.0.0"),
            ("", nil),
        ] as [(String, String?)])
    func masks(input: String, expected: String?) throws {
        #expect(try convert(input, .mask(v4: 0xFFFF_0000, v6: 48)) == expected)
    }

    @Test("without a prefix for IPv6 there is no network of one; every prefix works")
    func prefixes() throws {
        #expect(try text(.address("2001:db8::1"), [.mask(v4: 0, v6: nil)]) == nil)
        #expect(try text(.address("ffff:ffff:ffff:ffff:ffff::"), [.mask(v4: 0, v6: 0)]) == "::")
        #expect(try text(.address("1:2:3:4:5:6:7:8"), [.mask(v4: 0, v6: 128)]) == "1:2:3:4:5:6:7:8")
        #expect(try text(.address("1:2:3:4:5:6:7:8"), [.mask(v4: 0, v6: 80)]) == "1:2:3:4:5::")
        #expect(try text(.integer(16_909_060), [.mask(v4: 0xFFFF_FF00, v6: nil)]) == "1.2.3.0")
    }

    @Test("keys are bytes: numbers eight of them, addresses four or sixteen")
    func keys() throws {
        #expect(try key(.string([1, 2])) == "0102")
        #expect(try key(.integer(258)) == "0000000000000102")
        #expect(try key(.ofClient(.source)) == "C0000207")
        #expect(try key(.address("2001:db8::1")) == "20010DB8000000000000000000000001")
        #expect(try key(.ofRequest(.path)) == "2F61")
    }
}
