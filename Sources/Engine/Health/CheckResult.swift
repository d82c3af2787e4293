/// How one check ended.
struct CheckResult: Equatable, Sendable {
    var status: CheckStatus
    /// The protocol's own status, 0 for none.
    var code = 0
    /// What more there is to say: mostly the server's words, made printable.
    var info = ""

    init(_ status: CheckStatus, code: Int = 0, info: String = "") {
        self.status = status
        self.code = code
        self.info = CheckResult.printable(info)
    }

    /// The reason as HAProxy's log lines have it.
    func reason(milliseconds: Int?) -> String {
        var text = status.meaning
        if status.hasCode { text += ", code: \(code)" }
        if !info.isEmpty { text += ", info: \"\(info)\"" }
        if let milliseconds { text += ", check duration: \(milliseconds)ms" }
        return text
    }

    /// Servers choose these bytes: they must not break a log line, nor fill the log.
    private static func printable(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            let isPlain = (0x20...0x7E).contains(scalar.value) && scalar != "\"" && scalar != "<"
            let piece = isPlain ? String(scalar) : "<\(String(scalar.value, radix: 16, uppercase: true))>"
            guard result.utf8.count + piece.utf8.count <= 128 else { break }
            result += piece
        }
        return result
    }
}
