import Basics
import Glibc
import Model

/// One worker's access log: lines gather in a buffer, whole buffers go to the writer's thread.
///
/// A line costs its bytes; handing over costs one lock per 48 KiB or per flush delay.
final class AccessLog {
    let format: AccessLogFormat
    /// Lines that have not been handed over.
    var lines = Buffer(capacity: 64 * 1024)
    private let writer: LogWriter?
    private let published: PublishedWorker
    /// Lines for the targets of frontends.
    var records = RecordBatch()
    /// Whether any frontend says itself what is logged.
    private(set) var asksFrontends = false
    private var oldestLineAt: UInt64 = 0
    private var lineCount: UInt64 = 0
    private var second: UInt64 = .max
    private var date = Buffer(capacity: 64)
    /// When the line that is being written is said; nil is at the end.
    var moment: LogStep?
    /// What formats say of time and of the process.
    let dates = LogDates()
    let process = ProcessIdentity()

    /// How long a line may wait, in milliseconds.
    static let flushDelay = 100
    /// The longest line: 4 KiB of target, each byte of which may need three, and the names.
    static let longestLine = 16 * 1024
    /// The longest one of a form that somebody has chosen.
    static let longestFormattedLine = 48 * 1024

    init(format: AccessLogFormat, writer: LogWriter?, published: PublishedWorker) {
        self.format = format
        self.writer = writer
        self.published = published
    }

    var isOn: Bool { writer != nil }
    var hasPending: Bool { !lines.isEmpty || !records.isEmpty }

    /// Takes over who gets the lines of frontends that say it; nil if none does.
    func adopt(_ targets: LogWriter?, asksFrontends: Bool) {
        self.asksFrontends = asksFrontends
        records.writer = targets ?? records.writer
    }

    /// Makes room for a line; called before one is written.
    @inline(__always)
    func beginLine(now: UInt64, ofAtMost count: Int = AccessLog.longestLine) {
        if lines.room < count { flush() }
        if lines.isEmpty { oldestLineAt = now }
        lineCount &+= 1
    }

    /// Hands lines over when enough have gathered or the oldest has waited long enough.
    func endRound(now: UInt64) {
        if !records.isEmpty, records.isDue(now: now) { flushRecords() }
        guard !lines.isEmpty else { return }
        if lines.count > 48 * 1024 || now &- oldestLineAt > UInt64(AccessLog.flushDelay) * 1_000_000 {
            flush()
        }
    }

    /// Hands everything over that waits.
    func flushAll() {
        flush()
        flushRecords()
    }

    private func flushRecords() {
        let lost = records.flush()
        if lost > 0 { published.counters[0].logDropped.add(lost) }
    }

    func flush() {
        guard !lines.isEmpty, let writer else { return }
        if !writer.take(&lines) {
            published.counters[0].logDropped.add(lineCount)
            lines.reset()
        }
        lineCount = 0
    }

    /// Writes `21/Nov/2026:04:05:06` or `2026-11-21T04:05:06` with milliseconds, from nanoseconds since 1970.
    func writeTime(_ realtime: UInt64, to line: inout ByteWriter) {
        let second = realtime / 1_000_000_000
        if second != self.second { render(second) }
        line.append(date.view)
        let milliseconds = Int64(realtime / 1_000_000 % 1_000)
        line.append(milliseconds < 10 ? ".00" : milliseconds < 100 ? ".0" : ".")
        line.append(decimal: milliseconds)
    }

    /// Renders the date once a second.
    private func render(_ second: UInt64) {
        self.second = second
        var time = time_t(second)
        var parts = tm()
        date.reset()
        let months: [StaticString] = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ]
        switch format {
        case .text:
            localtime_r(&time, &parts)
            twoDigits(parts.tm_mday)
            date.append("/")
            date.append(months[max(0, min(11, Int(parts.tm_mon)))])
            date.append("/")
            date.append(decimal: Int64(parts.tm_year) + 1900)
            date.append(":")
        case .json:
            gmtime_r(&time, &parts)
            date.append(decimal: Int64(parts.tm_year) + 1900)
            date.append("-")
            twoDigits(parts.tm_mon + 1)
            date.append("-")
            twoDigits(parts.tm_mday)
            date.append("T")
        }
        twoDigits(parts.tm_hour)
        date.append(":")
        twoDigits(parts.tm_min)
        date.append(":")
        twoDigits(parts.tm_sec)
    }

    private func twoDigits(_ value: Int32) {
        if value < 10 { date.append("0") }
        date.append(decimal: Int64(value))
    }
}

/// How an access log line looks.
public enum AccessLogFormat: Sendable {
    /// HAProxy's `option httplog`.
    case text
    /// One JSON object a line.
    case json
}
