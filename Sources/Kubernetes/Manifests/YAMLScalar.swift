/// What a scalar means, by the rules of Kubernetes' tools (YAML 1.1 with Go's numbers).
enum YAMLScalar {
    /// The value of a scalar as it stands; the tag is YAML's long form, if one was written.
    static func value(_ text: String, isPlain: Bool, tag: String?) -> YAMLNode.Value {
        switch tag {
        case nil: return isPlain ? plain(text) : .string(text)
        case "tag:yaml.org,2002:int", "tag:yaml.org,2002:float", "tag:yaml.org,2002:bool",
            "tag:yaml.org,2002:null":
            return plain(text)
        default: return .string(text)
        }
    }

    private static func plain(_ text: String) -> YAMLNode.Value {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON", "y", "Y": return .boolean(true)
        case "false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF", "n", "N":
            return .boolean(false)
        default: break
        }
        guard let first = text.utf8.first, "+-.0123456789".utf8.contains(first) else { return .string(text) }
        let digits = text.filter { $0 != "_" }
        if let number = integer(digits) { return .integer(number) }
        return decimal(digits).map { .number($0) } ?? .string(text)
    }

    /// `80`, `-1`, `0x1F`, `0b11`, `0o17` and, as in C, `017`.
    private static func integer(_ text: String) -> Int? {
        var digits = text[...]
        let sign = digits.first == "-" ? "-" : ""
        if digits.first == "-" || digits.first == "+" { digits = digits.dropFirst() }
        guard digits.first?.isWholeNumber == true else { return nil }
        for (prefix, radix) in [("0x", 16), ("0b", 2), ("0o", 8)] where digits.lowercased().hasPrefix(prefix)
        {
            return unsigned(digits.dropFirst(2), sign, radix)
        }
        return unsigned(digits, sign, digits.first == "0" && digits.utf8.count > 1 ? 8 : 10)
    }

    /// `Int` takes a sign of its own, which may not stand here.
    private static func unsigned(_ digits: Substring, _ sign: String, _ radix: Int) -> Int? {
        digits.first == "+" || digits.first == "-" ? nil : Int(sign + digits, radix: radix)
    }

    /// A number with a fraction, an exponent or too many digits, as JSON writes it.
    private static func decimal(_ text: String) -> String? {
        let allowed = text.utf8.allSatisfy { "+-.eE0123456789".utf8.contains($0) }
        guard allowed, let number = Double(text), number.isFinite else { return nil }
        return number.description
    }
}
