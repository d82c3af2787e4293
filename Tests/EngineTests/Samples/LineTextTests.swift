import Basics
import Model
import Testing

@testable import Engine

@Suite("Texts in lines as nginx writes them")
struct LineTextTests {
    private func written(_ text: [UInt8]?, _ flags: FormatFlags) -> String {
        var buffer = Buffer(capacity: 256)
        buffer.write { line in
            guard let text else { return line.append(nil, as: flags) }
            text.withView { line.append($0, as: flags) }
        }
        return buffer.view.string
    }

    @Test(
        "what could be taken for something else is written in hexadecimal",
        arguments: [
            ("plain /a?b=c", "plain /a?b=c"), ("a\"b", #"a\x22b"#), (#"a\b"#, #"a\x5Cb"#),
            ("a\nb", #"a\x0Ab"#),
            ("\u{7F}", #"\x7F"#), ("ü", #"\xC3\xBC"#), ("", ""), ("\"", #"\x22"#),
            ("a\"\"b\"", #"a\x22\x22b\x22"#),
        ])
    func slashed(text: String, expected: String) {
        #expect(written(Array(text.utf8), .slashed) == expected)
    }

    @Test(
        "or as JSON has it",
        arguments: [
            ("a\"b", #"a\"b"#), (#"a\b"#, #"a\\b"#), ("\n\r\t\u{8}\u{C}", #"\n\r\t\b\f"#),
            ("\u{1F}", #"\u001F"#),
            ("ü", "ü"), ("\u{7F}", "\u{7F}"),
        ])
    func json(text: String, expected: String) {
        #expect(written(Array(text.utf8), .json) == expected)
    }

    @Test("or as it is")
    func verbatim() {
        #expect(written(Array("a\"\\\n".utf8), .verbatim) == "a\"\\\n")
    }

    @Test("what is not there is a dash, and nothing in JSON or as it is")
    func absent() {
        #expect(written(nil, .slashed) == "-")
        #expect(written(nil, .json) == "")
        #expect(written(nil, .verbatim) == "")
    }

    @Test(
        "seconds have three digits behind the point",
        arguments: [
            (0, "0.000"), (5, "0.005"), (42, "0.042"), (1_999, "1.999"), (60_000, "60.000"), (-1, "0.000"),
        ])
    func seconds(milliseconds: Int64, expected: String) {
        var buffer = Buffer(capacity: 64)
        buffer.write { $0.append(seconds: milliseconds) }
        #expect(buffer.view.string == expected)
    }

    @Test(
        "a pool's name as ingress-nginx has it",
        arguments: [
            ("default/web:80", "default-web-80", "web", "80"), ("a/b:8080~ingress", "a-b-8080", "b", "8080"),
            ("a/b:5432:PROXY", "a-b-5432", "b", "5432"), ("servers", "servers", "servers", ""),
        ])
    func places(name: String, whole: String, service: String, port: String) {
        name.withView { name in
            let place = ServicePlace(name)
            #expect(place.service.string == service)
            #expect(place.port.string == port)
            var buffer = Buffer(capacity: 64)
            buffer.write { place.write(to: &$0) }
            #expect(buffer.view.string == whole)
        }
    }
}
