/// One file of the tree and what the rules ask about it.
struct SourceFile {
    /// From the root: `Sources/Wire/Loop/EventLoop.swift`.
    let path: String
    let bytes: [UInt8]
    /// Empty if this is no Swift file.
    let tokens: [Token]
    /// The tokens that are not comments.
    let code: [Token]

    init(path: String, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
        tokens = path.hasSuffix(".swift") ? Lexer.tokens(of: bytes) : []
        code = tokens.filter { $0.kind != .comment }
    }

    private var parts: [Substring] { path.split(separator: "/") }

    /// `Wire` for `Sources/Wire/Loop/EventLoop.swift`, `WireTests` for `Tests/WireTests/…`.
    var room: String { parts.count > 2 ? String(parts[1]) : "" }

    /// `Loop` for `Sources/Wire/Loop/EventLoop.swift`; empty for a file at the top of its room.
    var folder: String { parts.count > 3 ? String(parts[2]) : "" }

    /// `EventLoop` for `Sources/Wire/Loop/EventLoop.swift`.
    var stem: String {
        let name = parts.last ?? ""
        return String(name.split(separator: ".").first ?? name)
    }

    /// The type the file is about: `Worker` for `Worker.swift` and for `Worker+Accept.swift`.
    var subject: String { String(stem.split(separator: "+").first ?? "") }

    var isSwift: Bool { path.hasSuffix(".swift") }
    var isSource: Bool { path.hasPrefix("Sources/") }
    var isTest: Bool { path.hasPrefix("Tests/") }

    var text: String { String(decoding: bytes, as: UTF8.self) }
    var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
    var lineCount: Int { bytes.count { $0 == UInt8(ascii: "\n") } }

    /// How an offender is named in a failure.
    func at(_ line: Int, _ what: String = "") -> String {
        what.isEmpty ? "\(path):\(line)" : "\(path):\(line) \(what)"
    }

    /// The places of the given words in the code.
    func places(of words: Set<String>) -> [String] {
        code.filter { $0.kind == .word && words.contains($0.text) }.map { at($0.line, $0.text) }
    }

    /// The modules this file imports, with the line of each import.
    var imports: [(module: String, line: Int)] {
        zip(code, code.dropFirst()).compactMap { word, module in
            word.isWord("import") && module.kind == .word ? (module.text, module.line) : nil
        }
    }
}
