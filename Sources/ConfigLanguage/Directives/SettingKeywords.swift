import Model

/// `set-priority-class`, `set-tos` and their like: what sets requests and connections apart.
enum SettingKeywords {
    /// Of packets to clients; the first names are those of before HAProxy 3.0.
    static let ofClients = ["set-tos", "set-mark", "set-fc-tos", "set-fc-mark"]
    /// All of them.
    static let names = ofClients + ["set-bc-tos", "set-bc-mark", "set-priority-class", "set-priority-offset"]

    /// Reads what stands behind one of those words.
    static func setting(_ name: String, _ line: inout LineReader) throws(Refusal) -> ConnectionSetting {
        let name = ["set-tos": "set-fc-tos", "set-mark": "set-fc-mark"][name] ?? name
        guard let kind = ConnectionSetting.Kind(rawValue: name) else {
            throw .unsupported(line.subject, instead: nil)
        }
        if kind != .priorityClass, kind != .priorityOffset, let number = try number(&line, kind) {
            return ConnectionSetting(kind, Expression(integer: number))
        }
        let expression = try line.expression(for: SampleLayers(rawValue: .max))
        guard expression.output.casts(to: .integer) else {
            throw .conflict("a sample of type \(expression.output.rawValue) is no number")
        }
        return ConnectionSetting(kind, expression)
    }

    /// What is read and says nothing here: `set-nice`. False: it is another word.
    static func skips(_ line: inout LineReader, _ proxy: Proxy) throws(Refusal) -> Bool {
        guard line.next?.text == "set-nice" else { return false }
        try skipNice(&line, proxy)
        return true
    }

    /// `set-nice` is read, and says nothing here.
    static func skipNice(_ line: inout LineReader, _ proxy: Proxy) throws(Refusal) {
        line.skip()
        line.subject += " set-nice"
        _ = try line.number(in: -1_024...1_024, "a number from -1024 to 1024")
        _ = try line.condition(proxy.accessLists)
        line.ignore("set-nice", "all requests have the same share of their worker")
    }

    /// A number as it stands, in hexadecimal behind `0x`; nil for what begins like a sample.
    private static func number(_ line: inout LineReader, _ kind: ConnectionSetting.Kind) throws(Refusal)
        -> Int64?
    {
        guard let word = line.next, let first = word.bytes.first, (0x30...0x39).contains(first) else {
            return nil
        }
        line.skip()
        let isHex = word.text.hasPrefix("0x") || word.text.hasPrefix("0X")
        let digits = isHex ? word.text.dropFirst(2) : word.text[...]
        guard let value = Int64(digits, radix: isHex ? 16 : 10), kind.range.contains(value) else {
            throw .invalid(
                word, expected: "a number from 0 to \(kind.range.upperBound), or behind 0x in hexadecimal")
        }
        return value
    }
}
