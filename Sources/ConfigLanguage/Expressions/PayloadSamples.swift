import Model

/// `req.payload`, `req.payload_lv`, `req.len` and `req.rdp_cookie`: of the bytes with which a connection of mode tcp begins. `res.` for `req.`: of those
/// of its server.
enum PayloadSamples {
    /// What an expression may begin with, by all names of it.
    static let fetches: [(String, FetchTable.Reader)] = [
        ("req.payload payload", { arguments throws(Refusal) in .payload(try bytes(&arguments)) }),
        ("req.payload_lv payload_lv", { arguments throws(Refusal) in .payload(try prefixed(&arguments)) }),
        ("req.len req_len", { _ in .payload(.length) }),
        (
            "req.rdp_cookie rdp_cookie req_rdp_cookie",
            { arguments in .desktopCookie(arguments.takeIfAny()?.text ?? "", isCount: false) }
        ),
        (
            "req.rdp_cookie_cnt rdp_cookie_cnt req_rdp_cookie_cnt",
            { arguments in .desktopCookie(arguments.takeIfAny()?.text ?? "", isCount: true) }
        ),
        ("res.payload", { arguments throws(Refusal) in .answerPayload(try bytes(&arguments)) }),
        ("res.payload_lv", { arguments throws(Refusal) in .answerPayload(try prefixed(&arguments)) }),
        ("res.len", { _ in .answerPayload(.length) }),
    ]

    private static func bytes(_ arguments: inout ArgumentReader) throws(Refusal) -> PayloadRead {
        let offset = try place(&arguments, "where the bytes begin")
        return .bytes(offset: offset, count: try place(&arguments, "how many there are, or 0 for all"))
    }

    /// No more than HAProxy's buffer.
    private static func place(_ arguments: inout ArgumentReader, _ what: String) throws(Refusal) -> Int {
        try arguments.integer(in: 0...16_384, "\(what), 0 to 16384")
    }

    private static func prefixed(_ arguments: inout ArgumentReader) throws(Refusal) -> PayloadRead {
        let offset = try place(&arguments, "where the length stands")
        let length = try arguments.integer(in: 1...16_384, "of how many bytes it is")
        guard let word = arguments.takeIfAny() else {
            return .prefixed(offset: offset, length: length, start: 0, isRelative: true)
        }
        let isRelative = word.text.hasPrefix("+") || word.text.hasPrefix("-")
        guard let start = Int(word.text), (-16_384...16_384).contains(start) else {
            throw .invalid(
                word, expected: "where the bytes begin, with + or - counted from behind the length")
        }
        return .prefixed(offset: offset, length: length, start: start, isRelative: isRelative)
    }
}
