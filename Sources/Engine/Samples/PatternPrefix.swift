/// The bytes that everything begins with that a regular expression matches: looking at them first spares most texts the expression.
enum PatternPrefix {
    /// The prefix of a pattern; empty if none is known. It is certain, not the longest.
    static func of(_ pattern: String) -> [UInt8] {
        let bytes = Array(pattern.utf8)
        guard bytes.first == UInt8(ascii: "^"), !hasAlternatives(bytes) else { return [] }
        var prefix: [UInt8] = []
        for (place, byte) in bytes.enumerated().dropFirst() {
            guard isLiteral(byte) else {
                // What stands there may say that the byte before it need not be there, a comment in front of that as well.
                let isGroup =
                    byte == UInt8(ascii: "(") && bytes.dropFirst(place + 1).first != UInt8(ascii: "?")
                if !isGroup, !"$.[+)".utf8.contains(byte) { _ = prefix.popLast() }
                break
            }
            prefix.append(byte)
        }
        return prefix
    }

    /// Whether the whole may be one of several: any `|`, but for those within plain groups.
    private static func hasAlternatives(_ bytes: [UInt8]) -> Bool {
        guard bytes.contains(UInt8(ascii: "|")) else { return false }
        var depth = 0
        for (place, byte) in bytes.enumerated() {
            switch byte {
            // Where these stand parentheses and bars may mean something else.
            case UInt8(ascii: "\\"), UInt8(ascii: "["), UInt8(ascii: "#"): return true
            case UInt8(ascii: "("):
                guard place + 1 < bytes.count, !"?*".utf8.contains(bytes[place + 1]) else { return true }
                depth += 1
            case UInt8(ascii: ")"): depth -= 1
            case UInt8(ascii: "|") where depth <= 0: return true
            default: continue
            }
        }
        return false
    }

    /// Whether a byte stands for itself, whatever is around it.
    private static func isLiteral(_ byte: UInt8) -> Bool {
        let isAlphanumeric = byte &- UInt8(ascii: "0") < 10 || (byte | 0x20) &- UInt8(ascii: "a") < 26
        return isAlphanumeric || "/-_~,:;=&%@!'\"<>".utf8.contains(byte)
    }
}
