/// One word of a line, its quotes and escapes resolved.
struct Word: Sendable, Equatable {
    /// What it is, byte for byte; `\xNN` may say anything.
    let bytes: [UInt8]
    /// The same as text; bytes that are no UTF-8 are replaced.
    let text: String
    /// Where it begins in its line, from 1.
    let column: Int

    /// A word from its bytes.
    init(_ bytes: [UInt8], column: Int) {
        self.bytes = bytes
        text = String(decoding: bytes, as: UTF8.self)
        self.column = column
    }

    /// A word from text.
    init(_ text: String, column: Int = 1) {
        bytes = Array(text.utf8)
        self.text = text
        self.column = column
    }
}

extension Word {
    /// Whether it is made of letters, digits and these bytes, as names are.
    func isName(_ others: String = "-_.:") -> Bool {
        bytes.allSatisfy { byte in
            (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte &- UInt8(ascii: "0") < 10
                || others.utf8.contains(byte)
        }
    }
}

extension Word: ExpressibleByStringInterpolation {
    /// A word as it stands in the source.
    init(stringLiteral value: String) { self.init(value) }
}

/// One logical line of a file: at least one word.
struct Line: Sendable, Equatable {
    /// The file as it was named.
    let file: String
    /// The number of its first physical line, from 1.
    let number: Int
    /// Its words, quotes and variables resolved.
    let words: [Word]
}
