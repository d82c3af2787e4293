/// What the value of a setting looks like, and how it is read. Reading is total: nil means the text is not of this form.
///
/// ConfigMaps and annotations share the forms: a time is a time wherever it is written.
struct SettingForm<Value: Sendable>: Sendable {
    /// What documentation calls it, in a word or two: `duration`.
    let type: String
    /// What a refused value should have been: `a time such as 500ms, 10s, 5m or 1h`.
    let expectation: String
    private let parse: @Sendable (String, SettingName.Dialect) -> Value?

    /// A form by how it is read; the text has neither blanks nor line ends around it.
    init(
        type: String, expectation: String,
        read: @escaping @Sendable (String, SettingName.Dialect) -> Value?
    ) {
        (self.type, self.expectation, parse) = (type, expectation, read)
    }

    /// Reads a value; white space around it means nothing.
    func read(_ text: String, as dialect: SettingName.Dialect = .sluice) -> Value? {
        parse(SettingText.trimmed(text), dialect)
    }

    /// The same text with another meaning; nil is refused with the same expectation.
    func map<Other: Sendable>(_ meaning: @escaping @Sendable (Value) -> Other?) -> SettingForm<Other> {
        SettingForm<Other>(type: type, expectation: expectation) { text, dialect in
            parse(text, dialect).flatMap(meaning)
        }
    }

    /// Several of them, with a comma, white space or a line end between two; at least one.
    func list(of things: String) -> SettingForm<[Value]> {
        SettingForm<[Value]>(
            type: "list of \(type)", expectation: "\(things) with a comma or a blank between two"
        ) { text, dialect in
            let pieces = text.split { $0 == "," || $0.isWhitespace }
            let values = pieces.compactMap { parse(String($0), dialect) }
            return values.isEmpty || values.count != pieces.count ? nil : values
        }
    }
}

extension SettingForm where Value == Bool {
    /// `true` or `false`; `on`, `yes` and `1`, `off`, `no` and `0` mean the same. ingress-nginx's words are those that Go's ParseBool
    /// takes.
    static var bool: SettingForm {
        SettingForm(type: "bool", expectation: "true or false") { text, dialect in
            guard dialect == .nginx else { return SettingForm.word(text) }
            return switch text {
            case "1", "t", "T", "TRUE", "true", "True": true
            case "0", "f", "F", "FALSE", "false", "False": false
            default: nil
            }
        }
    }

    /// The same where nginx itself has `on` and `off`.
    static var onOff: SettingForm {
        SettingForm(type: "bool", expectation: "true or false") { text, _ in SettingForm.word(text) }
    }

    private static func word(_ text: String) -> Bool? {
        switch text.lowercased() {
        case "true", "on", "yes", "1", "t": true
        case "false", "off", "no", "0", "f": false
        default: nil
        }
    }
}

extension SettingForm where Value == Int {
    /// A whole number.
    static func integer(_ range: ClosedRange<Int>) -> SettingForm {
        SettingForm(
            type: "integer", expectation: "a whole number from \(range.lowerBound) to \(range.upperBound)"
        ) { text, _ in SettingText.number(text).flatMap { range.contains($0) ? $0 : nil } }
    }

    /// A span of time, in milliseconds; 0 is `0` with or without a unit. A week at most: longer is a slip, and sums of it must
    /// not overflow.
    static func duration(_ range: ClosedRange<Int> = 0...SettingText.week) -> SettingForm {
        SettingForm(type: "duration", expectation: "a time such as 500ms, 10s, 5m or 1h") { text, dialect in
            SettingText.milliseconds(text, dialect).flatMap { range.contains($0) ? $0 : nil }
        }
    }
}

extension SettingForm where Value == Int64 {
    /// A number of bytes: `512`, `8k`, `1m`, `2g`; powers of 1024, also as `Ki`, `Mi`, `Gi`.
    static func size(_ range: ClosedRange<Int64> = 0...(1 << 50)) -> SettingForm {
        SettingForm(type: "size", expectation: "a size such as 512, 8k, 1m or 2g") { text, _ in
            SettingText.bytes(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }
}

extension SettingForm where Value == String {
    /// Any text of a line, not empty; `things` says what of.
    static func line(_ things: String, atMost length: Int = 4_096) -> SettingForm {
        SettingForm(type: "text", expectation: things) { text, _ in
            let isLine = text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
            return !text.isEmpty && text.utf8.count <= length && isLine ? text : nil
        }
    }

    /// An address, or a network as `10.0.0.0/8`.
    static var network: SettingForm {
        SettingForm(
            type: "network", expectation: "an address or a network such as 10.0.0.0/8 or 2001:db8::/32"
        ) { text, _ in SettingText.isNetwork(text) ? text : nil }
    }

    /// The name of a header field (RFC 9110, 5.6.2).
    static var fieldName: SettingForm {
        SettingForm(type: "field name", expectation: "the name of a header field") { text, _ in
            let isToken = text.utf8.allSatisfy(SettingText.isTokenByte)
            return !text.isEmpty && text.utf8.count <= 256 && isToken ? text : nil
        }
    }
}

extension SettingForm {
    /// One of some words, whatever their case.
    static func word(_ words: KeyValuePairs<String, Value>) -> SettingForm {
        let meanings = words.map { ($0.key, $0.value) }
        return SettingForm(type: "word", expectation: meanings.map(\.0).joined(separator: ", ")) { text, _ in
            let word = text.lowercased()
            return meanings.first { $0.0.lowercased() == word }?.1
        }
    }
}
