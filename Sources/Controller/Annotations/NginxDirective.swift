/// One directive of a text in nginx's language: its words, and its block if it has one. Nothing is looked up and nothing is run.
struct NginxDirective: Equatable {
    /// The name and what it is given, without quotation marks.
    var words: [String]
    /// Where it begins, counted from 1.
    var line: Int
    /// nil is a directive that ends with `;`.
    var block: [NginxDirective]?

    var name: String { words.first ?? "" }
    var values: ArraySlice<String> { words.dropFirst() }

    /// Bounds of a text, so that reading one costs nothing to speak of.
    static let longest = 65_536
    static let most = 512
    static let deepest = 8

    /// Reads a text: all of it, or what is wrong with which line.
    static func read(_ text: String) throws(SnippetFlaw) -> [NginxDirective] {
        guard text.utf8.count <= longest else { throw SnippetFlaw(1, "the text is longer than 64 KiB") }
        var reader = NginxReader(text)
        return try reader.directives(depth: 0)
    }
}

/// Why a text of nginx's configuration is not taken.
struct SnippetFlaw: Error, Equatable {
    /// Counted from 1.
    var line: Int
    var message: String

    init(_ line: Int, _ message: String) { (self.line, self.message) = (line, message) }

    /// The whole of it in words.
    var sentence: String { "line \(line): \(message)" }
}

/// nginx's way of making words of a text (`ngx_conf_read_token`).
private struct NginxReader {
    private let bytes: [UInt8]
    private var at = 0
    private var line = 1
    private var count = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    private enum Token: Equatable {
        case word([UInt8], line: Int)
        case semicolon
        case opens
        case closes
        case end
    }

    mutating func directives(depth: Int) throws(SnippetFlaw) -> [NginxDirective] {
        var found: [NginxDirective] = []
        var words: [String] = []
        var start = line
        while true {
            let token = try next(isFirst: words.isEmpty)
            switch token {
            case .word(let word, let place):
                if words.isEmpty { start = place }
                words.append(String(decoding: word, as: UTF8.self))
            case .semicolon, .opens:
                guard !words.isEmpty else { throw SnippetFlaw(line, "there is no directive before it") }
                count += 1
                guard count <= NginxDirective.most, depth < NginxDirective.deepest else {
                    throw SnippetFlaw(line, "there is too much of it")
                }
                let block = token == .opens ? try directives(depth: depth + 1) : nil
                found.append(NginxDirective(words: words, line: start, block: block))
                words = []
            case .closes, .end:
                guard words.isEmpty else { throw SnippetFlaw(start, "\"\(words[0])\" has no end") }
                guard (token == .end) == (depth == 0) else {
                    throw SnippetFlaw(line, token == .end ? "a block has no end" : "} closes nothing")
                }
                return found
            }
        }
    }

    private mutating func next(isFirst: Bool) throws(SnippetFlaw) -> Token {
        skipBlanks()
        guard at < bytes.count else { return .end }
        switch bytes[at] {
        case UInt8(ascii: ";"): return take(.semicolon)
        case UInt8(ascii: "{"): return take(.opens)
        case UInt8(ascii: "}"):
            guard isFirst else { throw SnippetFlaw(line, "} stands within a directive") }
            return take(.closes)
        case UInt8(ascii: "\""), UInt8(ascii: "'"): return try quoted()
        default: return plain()
        }
    }

    private mutating func take(_ token: Token) -> Token {
        at += 1
        return token
    }

    /// Blanks, and comments where a word could begin.
    private mutating func skipBlanks() {
        while at < bytes.count {
            if bytes[at] == UInt8(ascii: "#") {
                while at < bytes.count, bytes[at] != UInt8(ascii: "\n") { at += 1 }
            } else if NginxReader.isBlank(bytes[at]) {
                if bytes[at] == UInt8(ascii: "\n") { line += 1 }
                at += 1
            } else {
                return
            }
        }
    }

    private mutating func quoted() throws(SnippetFlaw) -> Token {
        let (mark, start) = (bytes[at], line)
        var word: [UInt8] = []
        at += 1
        while at < bytes.count, bytes[at] != mark { takeByte(to: &word) }
        guard at < bytes.count else { throw SnippetFlaw(start, "a quotation mark is not closed") }
        at += 1
        if at < bytes.count, !NginxReader.isBlank(bytes[at]), !";{)".utf8.contains(bytes[at]) {
            throw SnippetFlaw(line, "something stands right behind a quotation mark")
        }
        return .word(word, line: start)
    }

    private mutating func plain() -> Token {
        let start = line
        var word: [UInt8] = []
        while at < bytes.count {
            let byte = bytes[at]
            // `${name}` is a variable, and `{` alone begins a block.
            let isOfVariable = byte == UInt8(ascii: "{") && word.last == UInt8(ascii: "$")
            if NginxReader.isBlank(byte) || byte == UInt8(ascii: ";") { break }
            if byte == UInt8(ascii: "{"), !isOfVariable { break }
            takeByte(to: &word)
        }
        return .word(word, line: start)
    }

    /// A backslash takes itself away before quotation marks and another one, and stays before all that nginx does not know.
    private mutating func takeByte(to word: inout [UInt8]) {
        let byte = bytes[at]
        if byte == UInt8(ascii: "\n") { line += 1 }
        at += 1
        guard byte == UInt8(ascii: "\\"), at < bytes.count else { return word.append(byte) }
        let next = bytes[at]
        at += 1
        switch next {
        case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "\\"): word.append(next)
        case UInt8(ascii: "t"): word.append(9)
        case UInt8(ascii: "r"): word.append(13)
        case UInt8(ascii: "n"): word.append(10)
        default:
            if next == UInt8(ascii: "\n") { line += 1 }
            word += [byte, next]
        }
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (9...13).contains(byte) }
}
