/// One line of the log, as text; pure, so that its form is tested.
struct LogLine {
    var level: LogLevel
    var message: String
    /// When, as nanoseconds since 1970.
    var time: Int64

    /// The line in one of the two forms, with its newline. Whatever the message holds, it stays one line.
    func rendered(_ format: LogFormat) -> String {
        switch format {
        case .text:
            "\(timestamp) \(level.rawValue) \(LogLine.escaped(message, quotes: false))\n"
        case .json:
            "{\"time\":\"\(timestamp)\",\"level\":\"\(level.rawValue)\",\"message\":\""
                + LogLine.escaped(message, quotes: true) + "\"}\n"
        }
    }

    /// RFC 3339 in UTC with milliseconds.
    private var timestamp: String {
        let seconds = time >= 0 ? time / 1_000_000_000 : 0
        let (days, second) = (seconds / 86_400, seconds % 86_400)
        let (year, month, day) = LogLine.date(days)
        return LogLine.digits(year, 4) + "-" + LogLine.digits(month, 2) + "-" + LogLine.digits(day, 2) + "T"
            + LogLine.digits(second / 3_600, 2) + ":" + LogLine.digits(second / 60 % 60, 2) + ":"
            + LogLine.digits(second % 60, 2) + "." + LogLine.digits(max(0, time) / 1_000_000 % 1_000, 3) + "Z"
    }

    /// Days since 1970 to a date of the Gregorian calendar, by eras of 400 years that begin on 1 March.
    private static func date(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let (era, dayOfEra) = (shifted / 146_097, shifted % 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    private static func digits(_ value: Int64, _ width: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += quotes ? "\\t" : "\t"
            case "\"" where quotes: result += "\\\""
            case "\\" where quotes: result += "\\\\"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                let hex = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
