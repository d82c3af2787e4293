import Model

/// What stands behind `redirect` and `http-request redirect`.
enum RedirectKeywords {
    /// Behind the keyword of its own the target is a text as it stands.
    static func redirect(_ line: inout LineReader, isLiteral: Bool = false) throws(Refusal) -> Redirect {
        var found: Redirect?
        var (status, cookie) = (UInt16(302), String?.none)
        var (dropsQuery, appendsSlash, ignoresEmpty) = (false, false, false)
        while let word = line.next, word.text != "if", word.text != "unless" {
            line.skip()
            switch word.text {
            case "location", "prefix", "scheme":
                guard let kind = Redirect.Kind(rawValue: word.text) else { throw .unexpected(word) }
                guard line.next?.bytes.isEmpty == false else { throw .missing(expected: "where to") }
                found =
                    isLiteral
                    ? Redirect(kind, to: try line.take("where to").text)
                    : Redirect(kind, to: try line.format(for: .message, SampleLayers(rawValue: .max)))
            case "code": status = try self.status(&line)
            case "drop-query": dropsQuery = true
            case "append-slash": appendsSlash = true
            case "ignore-empty": ignoresEmpty = true
            case "set-cookie": cookie = try line.take("a cookie: NAME=value").text + setting
            case "clear-cookie": cookie = try line.take("a cookie's name").text + clearing
            case "set-cookie-fmt", "keep-query": throw .unsupported("redirect \(word.text)", instead: nil)
            default:
                let words = [
                    "location", "prefix", "scheme", "code", "drop-query", "append-slash", "ignore-empty",
                    "set-cookie", "clear-cookie",
                ]
                throw .unknown(word, nearest: Suggestion.nearest(to: word.text, among: words))
            }
        }
        guard var redirect = found else {
            throw .missing(expected: "location, prefix or scheme, and where to,")
        }
        (redirect.status, redirect.cookie) = (status, cookie)
        (redirect.dropsQuery, redirect.appendsSlash) = (dropsQuery, appendsSlash)
        redirect.ignoresEmpty = ignoresEmpty
        if let flaw = redirect.flaw { throw .conflict(flaw) }
        return redirect
    }

    /// What stands behind a cookie that is set, and behind one that is cleared.
    static let (setting, clearing) = ("; path=/;", "; path=/; Max-Age=0;")

    private static func status(_ line: inout LineReader) throws(Refusal) -> UInt16 {
        let expected = "one of 301, 302, 303, 307 and 308"
        let word = try line.take(expected)
        guard let status = UInt16(word.text), Redirect.statuses.contains(status) else {
            throw .invalid(word, expected: expected)
        }
        return status
    }
}
