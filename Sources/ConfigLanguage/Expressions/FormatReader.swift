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
        /// What is no text: samples as they are, byte for byte, unless letters ask for text.
        case bytes

        var flags: FormatFlags {
            switch self {
            case .log: .dashed
            case .message, .identifier: .encoded
            case .value: []
            case .bytes: .verbatim
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
        // `%{+Q}o` changes it for what follows; the last one says whether all of it is one object.
        var style = ItemStyle(flags: place.flags, isJSON: false)
        var parts: [FormatString.Part] = []
        var members: [FormatString.Part] = []
        while let piece = try scanner.next(mergesBlanks: place.mergesBlanks) {
            switch piece {
            case .text(let bytes):
                if case .text(let front) = parts.last {
                    parts[parts.count - 1] = .text(front + bytes)
                } else {
                    parts.append(.text(bytes))
                }
            case .blank: parts.append(.blank)
            case .variable(let head, let name) where name.text == "o":
                style = try changed(style, head.letters)
            case .sample(let head, let word):
                let item = JSONItem(.sample(try expressions.expression(word)), head)
                add(item, try changed(style, head.letters), to: &parts, &members)
            case .variable(let head, let name):
                let item = JSONItem(.variable(try FormatReader.variable(name)), head)
                add(item, try changed(style, head.letters), to: &parts, &members)
            }
        }
        guard style.isJSON else { return FormatString(parts) }
        guard !members.isEmpty else {
            throw .conflict(
                "'%{+json}o' writes what has a name, as in '%(client)ci', and nothing here has one")
        }
        return FormatString(members, isRecord: true)
    }

    /// Adds an item as a piece of its own, and if it has a name to what would be an object's members.
    private func add(
        _ item: JSONItem, _ style: ItemStyle, to parts: inout [FormatString.Part],
        _ members: inout [FormatString.Part]
    ) {
        var item = item
        item.isHexadecimal = style.flags.contains(.hexadecimal)
        if item.name != nil { members.append(.json(item)) }
        item.name = nil
        guard !style.isJSON else { return parts.append(.json(item)) }
        switch item.value {
        case .sample(let expression): parts.append(.sample(expression, style.flags))
        case .variable(let variable): parts.append(.variable(variable, style.flags))
        }
    }

    private static func variable(_ name: Word) throws(Refusal) -> LogVariable {
        guard let variable = LogVariable(rawValue: name.text) else {
            throw .conflict(
                "no such format variable '\(name.text)' at column \(name.column). If you wanted to emit the '%' "
                    + "character verbatim, you need to use '%%'")
        }
        return variable
    }

    /// A style with what `+Q,-X` adds and takes away.
    private func changed(_ style: ItemStyle, _ letters: Word?) throws(Refusal) -> ItemStyle {
        guard let letters else { return style }
        var result = style
        for letter in letters.text.split(separator: ",") {
            if ["+cbor", "+bin"].contains(letter) {
                throw .unsupported("%{\(letter)}", instead: "'%{+json}' is")
            }
            let isAdded = letter.hasPrefix("+")
            if letter == "+json" || letter == "-json" {
                guard !isAdded || !place.flags.contains(.encoded) else {
                    throw .conflict(
                        "'+json' is for lines of logs and values of variables, not for parts of messages")
                }
                result.isJSON = isAdded
                continue
            }
            let flag = FormatReader.letters.first { $0.key == letter.dropFirst() }?.value
            guard let flag, isAdded || letter.hasPrefix("-") else {
                throw .invalid(
                    letters, expected: "some of +Q, +X, +E, +M and +json, or with '-', between commas")
            }
            if isAdded { result.flags.insert(flag) } else { result.flags.remove(flag) }
            if isAdded, flag != .hexadecimal { result.flags.remove(.verbatim) }
        }
        return result
    }

    /// The letters of flags.
    static let letters: KeyValuePairs<String, FormatFlags> = [
        "Q": .quoted, "X": .hexadecimal, "E": .escaped, "M": .dashed,
    ]
}

/// How an item is written.
private struct ItemStyle {
    var flags: FormatFlags
    var isJSON: Bool
}

/// What stands in front of an item: `(name:str){+Q}`.
private struct ItemHead {
    /// What is between the braces.
    var letters: Word?
    var name: String?
    var kind: JSONItem.Kind?
}

extension JSONItem {
    fileprivate init(_ value: Value, _ head: ItemHead) { self.init(value, name: head.name, kind: head.kind) }
}

/// Cuts a format into pieces.
private struct FormatScanner {
    enum Piece {
        case text([UInt8])
        case blank
        /// The expression.
        case sample(ItemHead, Word)
        case variable(ItemHead, Word)
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
        if bytes[at] == UInt8(ascii: "%") {
            at += 1
            return .text([UInt8(ascii: "%")])
        }
        var head = ItemHead()
        if bytes[at] == UInt8(ascii: "(") { try name(of: &head) }
        if at < bytes.count, bytes[at] == UInt8(ascii: "{") { head.letters = try braces() }
        guard at < bytes.count || head.letters != nil else { throw truncated(behind: start, "%") }
        let byte = at < bytes.count ? bytes[at] : 0
        guard byte == UInt8(ascii: "[") || isLetter(byte) || head.letters != nil && isAlphanumeric(byte)
        else {
            guard let letters = head.letters else {
                throw .conflict(
                    "unexpected variable name near '\(UnicodeScalar(byte))' at column \(word.column + at). Maybe you "
                        + "want to write a single '%', use the syntax '%%'")
            }
            throw .conflict(
                "parse argument modifier without variable name near '%{\(letters.text)}' at column "
                    + "\(word.column + start)")
        }
        if byte == UInt8(ascii: "[") { return .sample(head, try brackets()) }
        let variable = at
        while at < bytes.count, isAlphanumeric(bytes[at]) { at += 1 }
        return .variable(head, part(variable, at))
    }

    /// `(name)`, `(name:kind)` and `(:kind)`.
    private mutating func name(of head: inout ItemHead) throws(Refusal) {
        let start = at + 1
        guard let end = bytes[start...].firstIndex(of: UInt8(ascii: ")")) else {
            throw truncated(behind: at - 1, String(decoding: bytes[start...], as: UTF8.self))
        }
        at = end + 1
        let colon = bytes[start..<end].firstIndex(of: UInt8(ascii: ":")) ?? end
        let name = part(start, colon)
        for (place, byte) in name.bytes.enumerated()
        where !isAlphanumeric(byte) && byte != UInt8(ascii: "_") && byte != UInt8(ascii: "-") {
            throw .conflict(
                "invalid character in custom name near '\(UnicodeScalar(byte))' at column \(name.column + place)"
            )
        }
        if !name.bytes.isEmpty { head.name = name.text }
        guard colon < end else { return }
        let kind = part(colon + 1, end)
        head.kind = JSONItem.Kind(rawValue: kind.text)
        guard head.kind != nil else {
            throw .conflict(
                "unexpected output type '\(kind.text)' at column \(kind.column). Supported types are: str, sint, bool, "
                    + "raw")
        }
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
