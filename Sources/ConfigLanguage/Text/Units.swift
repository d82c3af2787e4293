/// Times, sizes and numbers as HAProxy writes them. Reading is total: a refusal says what is wrong.
enum Units {
    /// The longest time: that many milliseconds is the most HAProxy's timers hold, about 24.8 days.
    static let longestTime = Int(Int32.max)

    /// A unit of time, in microseconds.
    enum TimeUnit: Int, Sendable {
        case microseconds = 1
        case milliseconds = 1_000
        case seconds = 1_000_000
    }

    /// Why something is no number.
    enum Flaw: Error, Equatable {
        case form
        case tooLarge
    }

    /// Reads digits.
    static func number(_ text: some StringProtocol) throws(Flaw) -> Int {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { throw .form }
        guard let value = Int(text) else { throw .tooLarge }
        return value
    }

    /// Reads a whole number with `us`, `ms`, `s`, `m`, `h` or `d`, or with none as `unit` says; in milliseconds, a part of
    /// one rounded up.
    static func milliseconds(_ text: String, unit: TimeUnit = .milliseconds) throws(Flaw) -> Int {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let value = try number(digits)
        let scale: Int
        switch text.dropFirst(digits.count) {
        case "": scale = unit.rawValue
        case "us": scale = 1
        case "ms": scale = 1_000
        case "s": scale = 1_000_000
        case "m": scale = 60_000_000
        case "h": scale = 3_600_000_000
        case "d": scale = 86_400_000_000
        default: throw .form
        }
        let (microseconds, overflow) = value.multipliedReportingOverflow(by: scale)
        guard !overflow, microseconds <= longestTime * 1_000 else { throw .tooLarge }
        return (microseconds + 999) / 1_000
    }

    /// Reads a whole number with `k`, `m` or `g`, powers of 1024.
    static func bytes(_ text: String) throws(Flaw) -> Int {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let value = try number(digits)
        let shift: Int
        switch text.dropFirst(digits.count).lowercased() {
        case "": shift = 0
        case "k": shift = 10
        case "m": shift = 20
        case "g": shift = 30
        default: throw .form
        }
        guard value <= Int.max >> shift else { throw .tooLarge }
        return value << shift
    }
}
