/// How numbers, times and the rest are written in ConfigMaps and annotations. Reading is total.
enum SettingText {
    /// In milliseconds.
    static let week = 7 * 24 * 3_600_000

    /// Fields that are ours alone to say: how a message is framed and a connection kept.
    static let framingFields: Set<String> = [
        "connection", "content-length", "transfer-encoding", "upgrade", "te", "trailer", "keep-alive",
    ]

    /// Without white space around it.
    static func trimmed(_ text: String) -> String {
        String(text.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }

    /// Reads digits alone.
    static func number(_ text: some StringProtocol) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy(isDigit) else { return nil }
        return Int(text)
    }

    /// Reads a whole number with `us`, `ms`, `s`, `m`, `h` or `d`, or with none as the dialect says, as milliseconds; a part of
    /// one is rounded up.
    static func milliseconds(_ text: String, _ dialect: SettingName.Dialect) -> Int? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let value = number(digits) else { return nil }
        let microseconds: Int
        switch text.dropFirst(digits.count) {
        case "us": microseconds = 1
        case "ms": microseconds = 1_000
        case "s": microseconds = 1_000_000
        case "m": microseconds = 60_000_000
        case "h": microseconds = 3_600_000_000
        case "d": microseconds = 86_400_000_000
        case "" where value == 0: return 0
        case "":
            switch dialect {
            // Seconds to one, milliseconds to another: nobody should have to remember.
            case .sluice: return nil
            case .nginx: microseconds = 1_000_000
            case .haproxy: microseconds = 1_000
            }
        default: return nil
        }
        let (product, overflow) = value.multipliedReportingOverflow(by: microseconds)
        return overflow || product > Int.max - 999 ? nil : (product + 999) / 1_000
    }

    /// Reads a whole number of bytes with `k`, `m` or `g`, or `Ki`, `Mi` or `Gi`, all powers of 1024.
    static func bytes(_ text: String) -> Int64? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let value = number(digits) else { return nil }
        let shift: Int
        switch text.dropFirst(digits.count).lowercased() {
        case "", "b": shift = 0
        case "k", "ki", "kb": shift = 10
        case "m", "mi", "mb": shift = 20
        case "g", "gi", "gb": shift = 30
        default: return nil
        }
        return value <= Int.max >> shift ? Int64(value << shift) : nil
    }

    /// An address alone, or one with a number of bits.
    static func isNetwork(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let family = IPFamily(of: String(parts[0])) else { return false }
        guard parts.count == 2 else { return true }
        return number(parts[1]).map { $0 <= (family == .v4 ? 32 : 128) } ?? false
    }

    /// Whether a byte may stand in the name of a field (RFC 9110, 5.6.2).
    static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
