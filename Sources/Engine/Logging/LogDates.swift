import Basics
import Glibc

/// Dates in the forms of logs, each rendered once a second.
final class LogDates {
    private var local = Rendered()
    private var utc = Rendered()

    /// How a date is written.
    enum Form {
        /// `21/Nov/2026:04:05:06.123`.
        case local
        /// `21/Nov/2026:04:05:06 +0100`.
        case localWithOffset
        /// `21/Nov/2026:04:05:06 +0000`.
        case utcWithOffset
        /// `2026-11-21T04:05:06+01:00`.
        case iso
    }

    private struct Rendered: ~Copyable {
        var second: UInt64 = .max
        var date = Buffer(capacity: 64)
        var offset = Buffer(capacity: 16)
        var iso = Buffer(capacity: 64)
    }

    /// Writes a time, nanoseconds since 1970.
    func write(_ realtime: UInt64, _ form: Form, to line: inout ByteWriter) {
        let second = realtime / 1_000_000_000
        guard form != .utcWithOffset else {
            if utc.second != second { LogDates.render(second, &utc, isLocal: false) }
            line.append(utc.date.view)
            return line.append(" +0000")
        }
        if local.second != second { LogDates.render(second, &local, isLocal: true) }
        guard form != .iso else { return line.append(local.iso.view) }
        line.append(local.date.view)
        guard form == .local else { return line.append(local.offset.view) }
        let milliseconds = Int64(realtime / 1_000_000 % 1_000)
        line.append(milliseconds < 10 ? ".00" : milliseconds < 100 ? ".0" : ".")
        line.append(decimal: milliseconds)
    }

    private static func render(_ second: UInt64, _ rendered: inout Rendered, isLocal: Bool) {
        rendered.second = second
        var time = time_t(second)
        var parts = tm()
        if isLocal { localtime_r(&time, &parts) } else { gmtime_r(&time, &parts) }
        rendered.date.reset()
        rendered.date.write { writer in
            writer.append(twoDigits: parts.tm_mday)
            writer.append("/")
            writer.append(monthName(parts.tm_mon))
            writer.append("/")
            writer.append(decimal: Int64(parts.tm_year) + 1900)
            for number in [parts.tm_hour, parts.tm_min, parts.tm_sec] {
                writer.append(":")
                writer.append(twoDigits: number)
            }
        }
        renderISO(parts, &rendered.iso)
        let minutes = Int32(clamping: abs(parts.tm_gmtoff) / 60)
        rendered.offset.reset()
        rendered.offset.write { writer in
            writer.append(parts.tm_gmtoff < 0 ? " -" : " +")
            writer.append(twoDigits: minutes / 60)
            writer.append(twoDigits: minutes % 60)
        }
    }

    private static func renderISO(_ parts: tm, _ iso: inout Buffer) {
        iso.reset()
        iso.write { writer in
            writer.append(decimal: Int64(parts.tm_year) + 1900)
            writer.append("-")
            writer.append(twoDigits: parts.tm_mon + 1)
            writer.append("-")
            writer.append(twoDigits: parts.tm_mday)
            writer.append("T")
            writer.append(twoDigits: parts.tm_hour)
            writer.append(":")
            writer.append(twoDigits: parts.tm_min)
            writer.append(":")
            writer.append(twoDigits: parts.tm_sec)
            let minutes = Int32(clamping: abs(parts.tm_gmtoff) / 60)
            writer.append(parts.tm_gmtoff < 0 ? "-" : "+")
            writer.append(twoDigits: minutes / 60)
            writer.append(":")
            writer.append(twoDigits: minutes % 60)
        }
    }

    /// `Nov` of 10.
    static func monthName(_ month: Int32) -> StaticString {
        let names: [StaticString] = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ]
        return names[max(0, min(11, Int(month)))]
    }
}

extension ByteWriter {
    /// Appends a number below 100 with two digits.
    mutating func append(twoDigits number: Int32) {
        if number < 10 { append("0") }
        append(decimal: Int64(number))
    }
}
