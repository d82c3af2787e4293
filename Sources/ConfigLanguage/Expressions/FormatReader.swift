import Model

/// Reads formats: `%ci:%cp [%tr] %[req.hdr(host),lower] 100%%`.
struct FormatReader {
    /// What is written by a format, which decides how.
    enum Place {
        /// A line of a log: what is missing is `-`, blanks in a row are one.
        case log
        /// The value of a field, an address or a body: control bytes are encoded.
        case message
        /// A request's identity: as a message, with blanks as in logs.
        case identifier
        /// The value of a variable: nothing is added and nothing encoded.
        case value

        var flags: FormatFlags {
            switch self {
            case .log: .dashed
            case .message, .identifier: .encoded
            case .value: []
            }
        }

        var mergesBlanks: Bool { self == .log || self == .identifier }
    }

    private let expressions: ExpressionReader
    private let place: Place

    init(_ expressions: ExpressionReader, for place: Place) {
        self.expressions = expressions
        self.place = place
    }

    /// Reads one word as a whole format.
    func format(_ word: Word) throws(Refusal) -> FormatString {
        var scanner = FormatScanner(word)
        // `%{+Q}o` changes them for what follows.
        var flags = place.flags
        var parts: [FormatString.Part] = []
        while let piece = try scanner.next(mergesBlanks: place.mergesBlanks) {
            switch piece {
            case .text(let bytes):
                if case .text(let front) = parts.last {
                    parts[parts.count - 1] = .text(front + bytes)
                } else {
                    parts.append(.text(bytes))
                }
            case .blank: parts.append(.blank)
            case .sample(let letters, let word):
                parts.append(
                    .sample(try expressions.expression(word), try FormatReader.flags(flags, letters)))
            case .variable(let letters, let name):
                let own = try FormatReader.flags(flags, letters)
                if name.text == "o" {
                    flags = own
                } else {
                    parts.append(.variable(try FormatReader.variable(name), own))
                }
            }
        }
        return FormatString(parts)
    }

    private static func variable(_ name: Word) throws(Refusal) -> LogVariable {
        guard let variable = LogVariable(rawValue: name.text) else {
            throw .conflict(
                "no such format variable '\(name.text)' at column \(name.column). If you wanted to emit the '%' "
                    + "character verbatim, you need to use '%%'")
        }
        return variable
    }

    /// Flags with those of `+Q,-X` added and taken away.
    private static func flags(_ flags: FormatFlags, _ letters: Word?) throws(Refusal) -> FormatFlags {
        guard let letters else { return flags }
        var result = flags
        for letter in letters.text.split(separator: ",") {
            if ["+json", "+cbor", "+bin"].contains(letter) {
                throw .unsupported("%{\(letter)}", instead: nil)
            }
            let flag = FormatReader.letters.first { $0.key == letter.dropFirst() }?.value
            guard let flag, letter.hasPrefix("+") || letter.hasPrefix("-") else {
                throw .invalid(letters, expected: "some of +Q, +X, +E and +M, or with '-', between commas")
            }
            if letter.hasPrefix("+") { result.insert(flag) } else { result.remove(flag) }
        }
        return result
    }

    /// The letters of flags.
    static let letters: KeyValuePairs<String, FormatFlags> = [
        "Q": .quoted, "X": .hexadecimal, "E": .escaped, "M": .dashed,
    ]
}

/// Cuts a format into pieces.
private struct FormatScanner {
    enum Piece {
        case text([UInt8])
        case blank
        /// The letters in braces, and the expression.
        case sample(Word?, Word)
        case variable(Word?, Word)
    }

    private let word: Word
    private var at = 0

    init(_ word: Word) { self.word = word }

    private var bytes: [UInt8] { word.bytes }

    /// The next piece; nil at the end.
    mutating func next(mergesBlanks: Bool) throws(Refusal) -> Piece? {
        guard at < bytes.count else { return nil }
        if bytes[at] == UInt8(ascii: "%") { return try percent() }
        if mergesBlanks, bytes[at] == UInt8(ascii: " ") {
            while at < bytes.count, bytes[at] == UInt8(ascii: " ") { at += 1 }
            return .blank
        }
        let start = at
        while at < bytes.count, bytes[at] != UInt8(ascii: "%") {
            if mergesBlanks, bytes[at] == UInt8(ascii: " ") { break }
            at += 1
        }
        return .text(Array(bytes[start..<at]))
    }

    private mutating func percent() throws(Refusal) -> Piece {
        let start = at
        at += 1
        guard at < bytes.count else { throw truncated(behind: start, "%") }
        var letters: Word?
        switch bytes[at] {
        case UInt8(ascii: "%"):
            at += 1
            return .text([UInt8(ascii: "%")])
        case UInt8(ascii: "("): throw .unsupported("%(name)", instead: "names are for JSON and CBOR")
        case UInt8(ascii: "{"):
            letters = try braces()
            guard at < bytes.count, bytes[at] == UInt8(ascii: "[") || isAlphanumeric(bytes[at]) else {
                throw .conflict(
                    "parse argument modifier without variable name near '%{\(letters?.text ?? "")}' at column "
                        + "\(word.column + start)")
            }
        case let byte where byte == UInt8(ascii: "[") || isLetter(byte): break
        case let byte:
            throw .conflict(
                "unexpected variable name near '\(UnicodeScalar(byte))' at column \(word.column + at). Maybe you "
                    + "want to write a single '%', use the syntax '%%'")
        }
        if bytes[at] == UInt8(ascii: "[") { return .sample(letters, try brackets()) }
        let name = at
        while at < bytes.count, isAlphanumeric(bytes[at]) { at += 1 }
        return .variable(letters, part(name, at))
    }

    private mutating func braces() throws(Refusal) -> Word {
        let start = at + 1
        guard let end = bytes[start...].firstIndex(of: UInt8(ascii: "}")) else {
            throw truncated(behind: start, String(decoding: bytes[start...], as: UTF8.self))
        }
        at = end + 1
        return part(start, end)
    }

    /// An expression up to its closing bracket: brackets, blanks and quotes may stand within parentheses.
    private mutating func brackets() throws(Refusal) -> Word {
        let start = at + 1
        at = start
        while at < bytes.count {
            switch bytes[at] {
            case UInt8(ascii: "]"):
                at += 1
                return part(start, at - 1)
            case UInt8(ascii: "("): passArguments()
            case UInt8(ascii: ","), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "+"):
                at += 1
            case let byte where isAlphanumeric(byte): at += 1
            case let byte:
                throw .conflict(
                    "expected ']' after '\(part(start, at).text)', but found '\(UnicodeScalar(byte))' at column "
                        + "\(word.column + at)")
            }
        }
        throw .conflict("missing ']' after '\(part(start, at).text)' at column \(word.column + at)")
    }

    /// From an opening parenthesis to behind its closing one; quotes and backslashes as `SampleCall` reads them.
    private mutating func passArguments() {
        var quote: UInt8?
        at += 1
        while at < bytes.count {
            switch bytes[at] {
            case UInt8(ascii: "\""), UInt8(ascii: "'"):
                if quote == nil { quote = bytes[at] } else if quote == bytes[at] { quote = nil }
            case UInt8(ascii: "\\") where quote != UInt8(ascii: "'"): at += 1
            case UInt8(ascii: ")") where quote == nil:
                at += 1
                return
            default: break
            }
            at += 1
        }
        at = min(at, bytes.count)
    }

    private func part(_ start: Int, _ end: Int) -> Word {
        Word(Array(bytes[start..<end]), column: word.column + start)
    }

    private func truncated(behind place: Int, _ text: String) -> Refusal {
        .conflict("truncated line after '\(text)' at column \(word.column + place)")
    }

    private func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- UInt8(ascii: "a") < 26 }

    private func isAlphanumeric(_ byte: UInt8) -> Bool {
        isLetter(byte) || byte &- UInt8(ascii: "0") < 10
    }
}
