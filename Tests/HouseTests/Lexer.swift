/// Splits Swift source into tokens: enough to tell code from comments and strings, and words from signs.
///
/// Signs are one character each. Strings become one token without their text, but the code inside `\( )` is
/// split like all other code. Literals of regular expressions are not known: this tree has none.
struct Lexer {
    private let bytes: [UInt8]
    private var position = 0
    private var line = 1
    private var lastTokenLine = 0
    private var followsSpace = true
    private var tokens: [Token] = []

    static func tokens(of bytes: [UInt8]) -> [Token] {
        var lexer = Lexer(bytes: bytes)
        lexer.scan(untilClosingParenthesis: false)
        return lexer.tokens
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private func peek(_ ahead: Int = 0) -> UInt8 {
        position + ahead < bytes.count ? bytes[position + ahead] : 0
    }

    private mutating func scan(untilClosingParenthesis isNested: Bool) {
        var depth = 0
        while position < bytes.count {
            let byte = peek()
            if isNested, depth == 0, byte == UInt8(ascii: ")") { return }
            if byte == UInt8(ascii: "(") { depth += 1 }
            if byte == UInt8(ascii: ")") { depth -= 1 }
            scanOne(byte)
        }
    }

    private mutating func scanOne(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\n"):
            line += 1
            position += 1
            followsSpace = true
        case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"):
            position += 1
            followsSpace = true
        case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "/"): lineComment()
        case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "*"): blockComment()
        case UInt8(ascii: "\""): string(hashes: 0)
        case UInt8(ascii: "#") where startsRawString: rawString()
        case UInt8(ascii: "`"):
            position += 1
            take(.word) { $0 != UInt8(ascii: "`") }
            position += 1
        case UInt8(ascii: "0")...UInt8(ascii: "9"): take(.number, while: Lexer.isWordByte)
        case _ where Lexer.isWordByte(byte): take(.word, while: Lexer.isWordByte)
        default:
            append(.sign, from: position, to: position + 1)
            position += 1
        }
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...: true
        default: false
        }
    }

    private mutating func take(_ kind: Token.Kind, while matches: (UInt8) -> Bool) {
        let start = position
        while position < bytes.count, matches(bytes[position]) { position += 1 }
        append(kind, from: start, to: position)
    }

    private mutating func append(_ kind: Token.Kind, from start: Int, to end: Int) {
        append(kind, String(decoding: bytes[start..<end], as: UTF8.self), line: line)
    }

    private mutating func append(_ kind: Token.Kind, _ text: String, line: Int) {
        tokens.append(
            Token(
                kind: kind, text: text, line: line, followsSpace: followsSpace,
                startsLine: line != lastTokenLine))
        lastTokenLine = line
        followsSpace = false
    }

    private mutating func lineComment() {
        take(.comment) { $0 != UInt8(ascii: "\n") }
    }

    private mutating func blockComment() {
        let (start, firstLine) = (position, line)
        var depth = 0
        repeat {
            if peek() == UInt8(ascii: "/"), peek(1) == UInt8(ascii: "*") {
                depth += 1
                position += 1
            } else if peek() == UInt8(ascii: "*"), peek(1) == UInt8(ascii: "/") {
                depth -= 1
                position += 1
            } else if peek() == UInt8(ascii: "\n") {
                line += 1
            }
            position += 1
        } while depth > 0 && position < bytes.count
        let end = min(position, bytes.count)
        append(.comment, String(decoding: bytes[start..<end], as: UTF8.self), line: firstLine)
    }

    private var startsRawString: Bool {
        var ahead = 0
        while peek(ahead) == UInt8(ascii: "#") { ahead += 1 }
        return peek(ahead) == UInt8(ascii: "\"")
    }

    private mutating func rawString() {
        var hashes = 0
        while peek() == UInt8(ascii: "#") {
            hashes += 1
            position += 1
        }
        string(hashes: hashes)
    }

    /// From the opening quote to behind the closing one (and its hashes).
    private mutating func string(hashes: Int) {
        append(.string, "", line: line)
        let quotes = peek(1) == UInt8(ascii: "\"") && peek(2) == UInt8(ascii: "\"") ? 3 : 1
        position += quotes
        while position < bytes.count {
            if closes(quotes: quotes, hashes: hashes) {
                position += quotes + hashes
                return
            }
            if peek() == UInt8(ascii: "\\"), hasHashes(hashes, at: 1) {
                escape(hashes: hashes)
            } else {
                if peek() == UInt8(ascii: "\n") { line += 1 }
                position += 1
            }
        }
    }

    private mutating func escape(hashes: Int) {
        position += 1 + hashes
        guard peek() == UInt8(ascii: "(") else {
            if peek() == UInt8(ascii: "\n") { line += 1 }
            position += 1
            return
        }
        position += 1
        scan(untilClosingParenthesis: true)
        position += 1
    }

    private func closes(quotes: Int, hashes: Int) -> Bool {
        for i in 0..<quotes where peek(i) != UInt8(ascii: "\"") { return false }
        return hasHashes(hashes, at: quotes)
    }

    private func hasHashes(_ count: Int, at ahead: Int) -> Bool {
        for i in 0..<count where peek(ahead + i) != UInt8(ascii: "#") { return false }
        return true
    }
}
