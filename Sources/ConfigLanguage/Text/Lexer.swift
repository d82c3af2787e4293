/// Cuts one logical line into words as HAProxy does.
///
/// ```
///   outside quotes   blanks separate, # begins a comment; \ before a blank, # ' " \ n r t xNN is an escape
///   "…"              blanks, # and ' are themselves; the same escapes, \$ too; $NAME, ${NAME}, ${NAME-default}, ${NAME[*]}
///   '…'              everything is itself
/// ```
/// Any other `\c` stays as it is, both characters. Pieces without a blank between them are one word, and an empty pair of
/// quotes is an empty word. A logical line has at most 64 words.
struct Lexer {
    /// The most words of a line.
    static let mostWords = 64

    private let input: [UInt8]
    private let variables: (String) -> Variable
    private var i = 0
    private var words: [Word] = []
    private var word: [UInt8] = []
    /// Where the word under way began; nil between words.
    private var start: Int?
    /// Where the open quote is.
    private var quote: (byte: UInt8, at: Int)?
    /// Whether an empty pair of quotes makes a word.
    private var isEmptyQuote = false

    /// What a variable is.
    enum Variable: Equatable {
        case value(String)
        case unset
        /// It begins with a dot and is none of those that exist.
        case unknown
    }

    /// Reads the words of a line. `variables` answers for `$NAME`, the pseudo variables `.FILE`, `.LINE`, `.SECTION`
    /// included.
    static func words(of line: [UInt8], variables: (String) -> Variable) throws(LexicalError) -> [Word] {
        try withoutActuallyEscaping(variables) { variables throws(LexicalError) in
            var lexer = Lexer(line, variables)
            return try lexer.run()
        }
    }

    private init(_ input: [UInt8], _ variables: @escaping (String) -> Variable) {
        self.input = input
        self.variables = variables
    }

    private mutating func run() throws(LexicalError) -> [Word] {
        while let byte = peek() {
            if byte == UInt8(ascii: "#"), quote == nil { break }
            // HAProxy's lines are C strings.
            if byte == 0 { throw LexicalError(.zero, column: i + 1) }
            try step(byte)
        }
        if let quote { throw LexicalError(.openQuote, column: quote.at + 1) }
        try endWord()
        return words
    }

    private func peek(_ offset: Int = 0) -> UInt8? { i + offset < input.count ? input[i + offset] : nil }

    private mutating func step(_ byte: UInt8) throws(LexicalError) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "'"):
            guard quote == nil || quote?.byte == byte else { return append(byte, 1) }
            switchQuote(byte)
        case UInt8(ascii: "\\") where quote?.byte != UInt8(ascii: "'"):
            try escape()
        case UInt8(ascii: "$") where quote?.byte == UInt8(ascii: "\""):
            try variable()
        case _ where quote == nil && Lexer.isBlank(byte):
            try endWord()
            i += 1
        default: append(byte, 1)
        }
    }

    private mutating func append(_ byte: UInt8, _ consumed: Int) {
        if start == nil { start = quote?.at ?? i }
        word.append(byte)
        i += consumed
    }

    private mutating func switchQuote(_ byte: UInt8) {
        if quote == nil {
            quote = (byte, i)
            isEmptyQuote = true
        } else {
            if isEmptyQuote, start == nil { start = quote?.at }
            quote = nil
        }
        i += 1
    }

    private mutating func endWord() throws(LexicalError) {
        guard let start else { return }
        guard words.count < Lexer.mostWords else {
            throw LexicalError(.tooManyWords, column: start + 1)
        }
        words.append(Word(word, column: start + 1))
        word = []
        self.start = nil
    }

    private mutating func escape() throws(LexicalError) {
        switch peek(1) {
        case UInt8(ascii: " "), UInt8(ascii: "\\"), UInt8(ascii: "#"), UInt8(ascii: "'"), UInt8(ascii: "\""):
            append(input[i + 1], 2)
        case UInt8(ascii: "n"): append(UInt8(ascii: "\n"), 2)
        case UInt8(ascii: "r"): append(UInt8(ascii: "\r"), 2)
        case UInt8(ascii: "t"): append(UInt8(ascii: "\t"), 2)
        case UInt8(ascii: "$") where quote != nil: append(UInt8(ascii: "$"), 2)
        case UInt8(ascii: "x"):
            guard let high = peek(2).flatMap(Lexer.hexDigit), let low = peek(3).flatMap(Lexer.hexDigit) else {
                throw LexicalError(.hex, column: i + 1)
            }
            append(high << 4 | low, 4)
        default: append(UInt8(ascii: "\\"), 1)
        }
    }

    private mutating func variable() throws(LexicalError) {
        let dollar = i
        i += 1
        let isBraced = peek() == UInt8(ascii: "{")
        if isBraced { i += 1 }
        let name = try variableName()
        guard let known = known(name) else { throw LexicalError(.variableName, column: dollar + 1) }
        var value = known.value
        var isList = false
        if isBraced, peek() == UInt8(ascii: "[") {
            guard peek(1) == UInt8(ascii: "*"), peek(2) == UInt8(ascii: "]") else {
                throw LexicalError(.expansion, column: i + 1)
            }
            i += 3
            isList = true
        }
        if isBraced { try closeBrace(&value, dollar) }
        try expand(value, isList: isList, at: dollar)
    }

    private mutating func variableName() throws(LexicalError) -> String {
        let begin = i
        guard let first = peek(),
            Lexer.isLetter(first) || first == UInt8(ascii: "_") || first == UInt8(ascii: ".")
        else { throw LexicalError(.variableName, column: i + 1) }
        i += 1
        while let byte = peek(), Lexer.isLetter(byte) || Lexer.isDigit(byte) || byte == UInt8(ascii: "_") {
            i += 1
        }
        return String(decoding: input[begin..<i], as: UTF8.self)
    }

    private func known(_ name: String) -> (value: [UInt8]?, Void)? {
        switch variables(name) {
        case .value(let text): (Array(text.utf8), ())
        case .unset: (nil, ())
        case .unknown: nil
        }
    }

    /// Reads `}` or `-default}`.
    private mutating func closeBrace(_ value: inout [UInt8]?, _ dollar: Int) throws(LexicalError) {
        if peek() == UInt8(ascii: "-") {
            let begin = i + 1
            while let byte = peek(), byte != UInt8(ascii: "}") { i += 1 }
            if value == nil { value = Array(input[begin..<i]) }
        }
        guard peek() == UInt8(ascii: "}") else { throw LexicalError(.brace, column: dollar + 2) }
        i += 1
    }

    private mutating func expand(_ value: [UInt8]?, isList: Bool, at dollar: Int) throws(LexicalError) {
        // An empty list is no word, whatever the quotes around it.
        if isList { isEmptyQuote = false }
        guard let value else {
            if !isList, start == nil { start = dollar }
            return
        }
        for byte in value {
            if isList, Lexer.isBlank(byte) {
                try endWord()
            } else {
                if start == nil { start = dollar }
                word.append(byte)
            }
        }
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
    private static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- UInt8(ascii: "a") < 26 }
    private static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        if isDigit(byte) { return byte - UInt8(ascii: "0") }
        let letter = (byte | 0x20) &- UInt8(ascii: "a")
        return letter < 6 ? letter + 10 : nil
    }
}

/// Why a line cannot be cut into words.
struct LexicalError: Error, Equatable {
    let reason: Reason
    /// Where, from 1.
    let column: Int

    /// What is wrong there.
    enum Reason: String, Equatable {
        case openQuote = "a quote is not closed"
        case hex = "\\x needs two hexadecimal digits"
        case variableName = "not the name of a variable"
        case expansion = "[*] is the only thing that may stand in brackets behind a variable"
        case brace = "a brace is not closed"
        case tooManyWords = "more than 64 words"
        case zero = "a zero byte"
    }

    init(_ reason: Reason, column: Int) {
        self.reason = reason
        self.column = column
    }
}
