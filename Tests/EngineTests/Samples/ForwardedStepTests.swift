import Model
import Testing

@testable import Engine

/// Expected values are those of HAProxy's manual and sources.
@Suite("The field Forwarded, languages and moments in expressions")
struct ForwardedStepTests {
    private func convert(_ input: String, _ converter: Converter) throws -> String? {
        try text(.string(Array(input.utf8)), [converter])
    }

    @Test(
        "what HAProxy trusts",
        arguments: [
            ("for=127.0.0.1;proto=http", true), ("proto=custom", false), ("proto=https", true), ("", false),
            ("for=\"127.0.0.1:9999\"", true), ("for=127.0.0.1:9999", false), ("for=\"[::1]:1\";by=_x", true),
            ("for=[::1]", false), ("for=\"[::1]\"", true), ("for=\"[::1\"", false), ("for=unknown", true),
            ("for=_", false), ("for=_a.b-c_d", true), ("for=_a:_b", false), ("for=\"_a:_b\"", true),
            ("host=h.test", true), ("host=\"h.test:81\"", true), ("host=h.test:81", false),
            ("host=\"h:0\"", false),
            ("host=\"h:65536\"", false), ("for=1.2.3.4;for=1.2.3.4", false),
            ("for=1.2.3.4,for=1.2.3.5", false),
            ("for=1.2.3.4; proto=http", false), ("secret=x", false), ("for=\"1.2.3.4", false),
            ("For=1.2.3.4", false),
            ("for=1.2.3", false), ("proto=\"http\"", false), ("for=\"1.2.3.4:x\"", false),
        ])
    func valid(input: String, isValid: Bool) throws {
        #expect(try convert(input, .forwarded(.isValid)) == (isValid ? "1" : "0"))
    }

    @Test("its parts, of what is valid alone")
    func parts() throws {
        let input = "proto=https;host=\"haproxy.org:80\";for=\"127.0.0.1:9999\";by=\"[2001:db8::1]:_p\""
        #expect(try convert(input, .forwarded(.scheme)) == "https")
        #expect(try convert(input, .forwarded(.host)) == "haproxy.org:80")
        #expect(try convert(input, .forwarded(.node)) == "127.0.0.1:9999")
        #expect(try convert(input, .forwarded(.by)) == "[2001:db8::1]:_p")
        #expect(try convert("proto=http", .forwarded(.host)) == nil)
        #expect(try convert(input + ";x=y", .forwarded(.host)) == "haproxy.org:80")
        #expect(try convert("proto=http;x=y", .forwarded(.scheme)) == nil)
    }

    @Test(
        "names and ports of nodes",
        arguments: [
            ("127.0.0.1:9999", "127.0.0.1", "9999"),
            ("[ab:cd:ff:ff:ff:ff:ff:ff]:9998", "ab:cd:ff:ff:ff:ff:ff:ff", "9998"),
            ("_name:_port", "_name", "_port"), ("unknown", "unknown", nil), ("x", nil, nil), ("", nil, nil),
            ("1.2.3.4:0", nil, nil),
        ] as [(String, String?, String?)])
    func nodes(input: String, name: String?, port: String?) throws {
        #expect(try convert(input, .forwarded(.nodeName)) == name)
        #expect(try convert(input, .forwarded(.nodePort)) == port)
    }

    @Test("they are written as the field has them")
    func written() throws {
        #expect(try text(.address("ab::1"), [.forwarded(.writtenName)]) == "[ab::1]")
        #expect(try text(.address("1.2.3.4"), [.forwarded(.writtenName)]) == "1.2.3.4")
        #expect(try convert("test", .forwarded(.writtenName)) == "_test")
        #expect(try convert("", .forwarded(.writtenName)) == "unknown")
        #expect(try convert("a b", .forwarded(.writtenName)) == nil)
        #expect(try text(.integer(12), [.forwarded(.writtenPort)]) == "12")
        #expect(try convert("test", .forwarded(.writtenPort)) == "_test")
        #expect(try convert("", .forwarded(.writtenPort)) == nil)
    }

    @Test(
        "the language that is liked best",
        arguments: [
            ("fr;q=0.5, en;q=0.8, es", "es"), ("fr;q=0.5, en;q=0.8", "en"), ("de", "other"), ("", "other"),
            ("en-US, fr;q=0.9", "en"), ("fr;q=0, de", "other"), ("fr;q=0.5,en;q=0.5", "fr"), ("FR", "other"),
            ("fr ; q = 0.3 , en;q=0.2", "fr"), ("fr;q=x", "fr"), ("french", "other"), ("fr;q=0.001", "fr"),
        ])
    func languages(input: String, expected: String) throws {
        let converter = Converter.language(Array("es;fr;en".utf8), else: Array("other".utf8))
        #expect(try convert(input, converter) == expected)
        if expected == "other" {
            #expect(try convert(input, .language(Array("es;fr;en".utf8), else: nil)) == nil)
        }
    }

    @Test("a variant that is listed is meant itself")
    func variants() throws {
        let converter = Converter.language(Array("en-GB;en".utf8), else: nil)
        #expect(try convert("en-GB", converter) == "en-GB")
        #expect(try convert("en-US", converter) == "en")
    }

    @Test(
        "parts of a second",
        arguments: [
            (1_690_189_982_196, MomentRead.Unit.milliseconds, "%H:%M:%S.%3N", 0, "09:13:02.196"),
            (1_690_189_982_196, .milliseconds, "%N|%6N|%1N", 0, "196000000|196000|1"),
            (1_690_189_982_196_045, .microseconds, "%S.%6N", 0, "02.196045"),
            (1_500, .milliseconds, "%%N %s", 0, "%N 1"),
            (1_500, .milliseconds, "%3N", -1_000, "500"), (-500, .milliseconds, "%s %3N", 0, "-1 500"),
            (0, .milliseconds, "", 0, ""), (0, .milliseconds, "%", 0, "%"),
        ] as [(Int64, MomentRead.Unit, String, Int64, String)])
    func moments(number: Int64, unit: MomentRead.Unit, format: String, offset: Int64, expected: String) throws
    {
        let moment = MomentFormat(format, of: unit, offset: offset, isLocal: false)
        #expect(try text(.integer(number), [.moment(moment)]) == expected)
    }

    @Test("any bytes are read")
    func anything() throws {
        var seed: UInt64 = 7
        for length in 0..<200 {
            let bytes = (0..<length % 40).map { _ in
                seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return Array("for=by\"host:;proto[]_.0129http".utf8)[Int(seed >> 59) % 30]
            }
            for part in ForwardedPart.allCases {
                _ = try text(.string(bytes), [.forwarded(part)])
            }
            _ = try text(.string(bytes), [.language(bytes, else: nil)])
        }
    }
}
