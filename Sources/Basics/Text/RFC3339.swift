/// A moment as RFC 3339 writes it: `2026-11-21T02:57:45Z`, `2026-11-21T03:57:45.250000+01:00`.
public struct RFC3339: Sendable, Equatable {
    /// Seconds since 1970-01-01T00:00:00Z; before that negative.
    public var seconds: Int64
    /// The fraction of a second, 0 to 999,999.
    public var microseconds: Int

    /// A moment from its parts.
    public init(seconds: Int64, microseconds: Int = 0) {
        self.seconds = seconds
        self.microseconds = microseconds
    }

    /// The moment that `text` names; nil when it is not written like one. Years are 0000 to 9999.
    public init?(_ text: String) {
        var scanner = DigitScanner(Array(text.utf8))
        guard
            let year = scanner.number(digits: 4), scanner.pass("-"),
            let month = scanner.number(digits: 2), 1...12 ~= month, scanner.pass("-"),
            let day = scanner.number(digits: 2), 1...Self.days(inMonth: month, of: year) ~= day,
            scanner.pass("T") || scanner.pass("t") || scanner.pass(" "),
            let hour = scanner.number(digits: 2), hour < 24, scanner.pass(":"),
            let minute = scanner.number(digits: 2), minute < 60, scanner.pass(":"),
            let second = scanner.number(digits: 2), second <= 60,
            let fraction = scanner.fraction(), let zone = scanner.zone(), scanner.isAtEnd
        else { return nil }
        let days = Self.days(untilYear: year, month: month) + day - 1
        seconds = Int64(((days * 24 + hour) * 60 + minute) * 60 + second - zone)
        microseconds = fraction
    }

    /// The moment in UTC, with six digits of fraction: what a Lease's `renewTime` wants.
    public var textWithMicroseconds: String { text(fraction: "." + Self.padded(microseconds, to: 6)) }

    /// The moment in UTC, to the second.
    public var text: String { text(fraction: "") }

    private func text(fraction: String) -> String {
        let second = Int((seconds % 86_400 + 86_400) % 86_400)
        let (year, month, day) = Self.date(day: Self.floorDivision(seconds, by: 86_400))
        let date = [Self.padded(Int(year), to: 4), Self.padded(month, to: 2), Self.padded(day, to: 2)]
        let time = [second / 3600, second / 60 % 60, second % 60].map { Self.padded($0, to: 2) }
        return date.joined(separator: "-") + "T" + time.joined(separator: ":") + fraction + "Z"
    }

    // MARK: Calendar

    private static func days(inMonth month: Int, of year: Int) -> Int {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        if month == 2 { return isLeap ? 29 : 28 }
        return [4, 6, 9, 11].contains(month) ? 30 : 31
    }

    /// Days from 1970-01-01 to the first of a month; a year that begins in March has its odd day at the end.
    private static func days(untilYear year: Int, month: Int) -> Int {
        let y = month > 2 ? year : year - 1
        let monthFromMarch = (month + 9) % 12
        let leapDays = y >= 0 ? y / 4 - y / 100 + y / 400 : -1
        return y * 365 + leapDays + (monthFromMarch * 153 + 2) / 5 - 719_468
    }

    /// The date of a day counted from 1970-01-01, by eras of 400 years (146,097 days).
    private static func date(day: Int64) -> (year: Int64, month: Int, day: Int) {
        let shifted = day + 719_468
        let era = floorDivision(shifted, by: 146_097)
        let dayOfEra = Int(shifted - era * 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let year = Int64(yearOfEra) + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    }

    private static func floorDivision(_ value: Int64, by divisor: Int64) -> Int64 {
        value / divisor - (value % divisor < 0 ? 1 : 0)
    }

    private static func padded(_ value: Int, to width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}

/// Takes fixed-width numbers and marks from the front of a text.
private struct DigitScanner {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { position == bytes.count }

    mutating func pass(_ mark: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: mark) else { return false }
        position += 1
        return true
    }

    mutating func number(digits: Int) -> Int? {
        guard position + digits <= bytes.count else { return nil }
        var value = 0
        for byte in bytes[position..<position + digits] {
            guard 0x30...0x39 ~= byte else { return nil }
            value = value * 10 + Int(byte - 0x30)
        }
        position += digits
        return value
    }

    /// The fraction in microseconds, what is finer being cut off; 0 when there is none.
    mutating func fraction() -> Int? {
        guard pass(".") else { return 0 }
        var value = 0
        var digits = 0
        while let digit = number(digits: 1) {
            if digits < 6 { value = value * 10 + digit }
            digits += 1
        }
        guard digits > 0 else { return nil }
        for _ in min(digits, 6)..<6 { value *= 10 }
        return value
    }

    /// The zone's distance from UTC in seconds.
    mutating func zone() -> Int? {
        if pass("Z") || pass("z") { return 0 }
        let isWest = pass("-")
        guard isWest || pass("+") else { return nil }
        guard let hour = number(digits: 2), hour < 24, pass(":"), let minute = number(digits: 2), minute < 60
        else { return nil }
        return (hour * 60 + minute) * (isWest ? -60 : 60)
    }
}
