import Testing

@testable import ConfigLanguage

@Suite("Lines")
struct LineSplitterTests {
    private func lines(_ text: String) -> [String] {
        var splitter = LineSplitter(Array(text.utf8))
        var result: [String] = []
        while let (number, bytes) = splitter.next() {
            result.append("\(number):\(String(decoding: bytes, as: UTF8.self))")
        }
        return result
    }

    @Test(
        "lines end at a newline, with or without a carriage return, or with the file",
        arguments: [
            ("", []), ("a", ["1:a"]), ("a\n", ["1:a"]), ("a\r\nb", ["1:a", "2:b"]),
            ("\n\na", ["1:", "2:", "3:a"]),
        ])
    func plain(text: String, expected: [String]) { #expect(lines(text) == expected) }

    @Test(
        "a backslash at the end joins the next line, unless it is escaped, in single quotes or in a comment",
        arguments: [
            ("a \\\n b\nc", ["1:a  b", "3:c"]), ("a\\\r\nb", ["1:ab"]), ("a\\\n\\\nb", ["1:ab"]),
            ("a\\\\\nb", ["1:a\\\\", "2:b"]), ("# a \\\nb", ["1:# a \\", "2:b"]),
            ("'a\\\nb'", ["1:'a\\", "2:b'"]),
            ("\"a\\\nb\"", ["1:\"ab\""]), ("a\\", ["1:a"]), ("a '#' \\\nb", ["1:a '#' b"]),
        ])
    func continued(text: String, expected: [String]) { #expect(lines(text) == expected) }
}
