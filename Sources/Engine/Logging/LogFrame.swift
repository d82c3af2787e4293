import Basics
import Glibc
import Model

/// Writes what stands in front of a line, as HAProxy does: priority, time, host, name and number of the process.
///
/// ```
///   rfc3164    <134>Nov 21 04:05:06 host tag[17]:
///   local      <134>Nov 21 04:05:06 tag[17]:
///   rfc5424    <134>1 2026-11-21T04:05:06.123456+00:00 host tag 17 - data
///   priority   <134>          short   <6>
///   timed      <6>2026-11-21T04:05:06.123456+00:00         iso     the same without its priority
/// ```
struct LogFrame: ~Copyable {
    private let process: String
    private var second: UInt64 = .max
    private var legacy = ""
    private var iso = ""
    private var offset = ""

    /// Frames for a process of this number.
    init(process: Int32) { self.process = "\(process)" }

    /// Writes the frame of a line.
    mutating func write(
        _ framing: LogFraming, _ line: LogRecord, level: UInt8, facility: UInt8, tag: String, host: String?,
        to writer: inout ByteWriter
    ) {
        let framed = Int64(level) + (framing.namesFacility ? Int64(facility) * 8 : 0)
        switch framing {
        case .raw: return
        case .priority, .short: writer.append(priority: framed)
        case .timed:
            writer.append(priority: framed)
            writeISO(line.time, to: &writer)
        case .iso: writeISO(line.time, to: &writer)
        case .local, .rfc3164:
            writer.append(priority: framed)
            render(line.time)
            writer.append(text: legacy)
            if framing == .rfc3164 {
                writer.append(text: host ?? "localhost")
                writer.append(" ")
            }
            writer.append(text: tag)
            writer.append("[")
            writer.append(text: process)
            writer.append("]: ")
        case .rfc5424:
            writer.append(priority: framed)
            writer.append("1 ")
            writeISO(line.time, to: &writer)
            writer.append(text: host ?? "-")
            writer.append(" ")
            writer.append(text: tag)
            writer.append(" ")
            writer.append(text: process)
            writer.append(" - ")
            let data = line.data.trimmed
            if data.isEmpty { writer.append("-") } else { writer.append(data) }
            writer.append(" ")
        }
    }

    private mutating func writeISO(_ time: UInt64, to writer: inout ByteWriter) {
        render(time)
        writer.append(text: iso)
        let microseconds = Int64(time / 1_000 % 1_000_000)
        writer.append(".")
        var bound: Int64 = 100_000
        while bound > 1, microseconds < bound {
            writer.append("0")
            bound /= 10
        }
        writer.append(decimal: microseconds)
        writer.append(text: offset)
    }

    /// Renders the date once a second.
    private mutating func render(_ time: UInt64) {
        let second = time / 1_000_000_000
        guard second != self.second else { return }
        self.second = second
        var seconds = time_t(second)
        var parts = tm()
        localtime_r(&seconds, &parts)
        let clock = [parts.tm_hour, parts.tm_min, parts.tm_sec].map { LogFrame.digits($0) }
            .joined(separator: ":")
        let day = parts.tm_mday < 10 ? " \(parts.tm_mday)" : "\(parts.tm_mday)"
        legacy = "\(LogDates.monthName(parts.tm_mon)) \(day) \(clock) "
        iso =
            "\(Int(parts.tm_year) + 1900)-\(LogFrame.digits(parts.tm_mon + 1))-\(LogFrame.digits(parts.tm_mday))"
            + "T\(clock)"
        let minutes = Int32(clamping: abs(parts.tm_gmtoff) / 60)
        offset =
            "\(parts.tm_gmtoff < 0 ? "-" : "+")\(LogFrame.digits(minutes / 60)):\(LogFrame.digits(minutes % 60)) "
    }

    private static func digits(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
}

extension LogFraming {
    /// Whether the number in front says what kind of program it is.
    fileprivate var namesFacility: Bool { self != .short && self != .timed }
}

extension ByteWriter {
    /// Appends `<134>`.
    fileprivate mutating func append(priority: Int64) {
        append("<")
        append(decimal: priority)
        append(">")
    }

    /// Appends a text.
    mutating func append(text: String) { text.withView { append($0) } }
}
