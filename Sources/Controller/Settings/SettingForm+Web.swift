// What is written about addresses of the Web.
extension SettingForm where Value == String {
    /// An absolute URL, `http://` or `https://`, with a host.
    static var url: SettingForm {
        SettingForm(type: "URL", expectation: "a URL that begins with http:// or https://") { text, _ in
            let lower = text.lowercased()
            guard let scheme = ["http://", "https://"].first(where: { lower.hasPrefix($0) }) else {
                return nil
            }
            let rest = text.dropFirst(scheme.count)
            guard let first = rest.first, !"/?#:".contains(first), isPlain(text) else { return nil }
            return text
        }
    }

    /// An absolute URL or a path: whatever may stand in a `Location` field. A `$` is refused: it was a variable once.
    static var location: SettingForm {
        SettingForm(type: "URL", expectation: "a URL or a path without blanks, quotes, braces or $") {
            text, _ in
            !text.isEmpty && text.utf8.count <= 4_096 && isPlain(text) ? text : nil
        }
    }

    /// One that begins with `http://` or `https://`, or with `/`.
    static var pathOrURL: SettingForm {
        SettingForm(type: "URL", expectation: "a URL that begins with http:// or https://, or a path") {
            text, dialect in
            SettingForm.path.read(text, as: dialect) ?? SettingForm.url.read(text, as: dialect)
        }
    }

    private static func isPlain(_ text: String) -> Bool {
        text.utf8.allSatisfy { byte in
            byte > 0x20 && byte < 0x7F && !"$\"'`\\{}<>^|".utf8.contains(byte)
        }
    }
}

extension SettingForm where Value == UInt16 {
    /// A status code, one of some.
    static func status(_ codes: [UInt16]) -> SettingForm {
        let list = codes.map { "\($0)" }.joined(separator: ", ")
        return SettingForm(type: "status", expectation: "one of \(list)") { text, _ in
            SettingText.number(text).flatMap { number in codes.first { Int($0) == number } }
        }
    }
}
