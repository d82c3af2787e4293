/// One word, sign or comment of a Swift file.
struct Token {
    enum Kind { case word, sign, number, string, comment }

    let kind: Kind
    let text: String
    /// From 1.
    let line: Int
    /// Whether white space (or the start of the file) stands before it.
    let followsSpace: Bool
    /// Whether it is the first one of its line.
    let startsLine: Bool

    func isWord(_ words: String...) -> Bool { kind == .word && words.contains(text) }
    func isSign(_ sign: String) -> Bool { kind == .sign && text == sign }
}
