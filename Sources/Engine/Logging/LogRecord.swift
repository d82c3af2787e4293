import Basics

/// A line on its way to a log's targets, which are looked up and addressed on the log's thread: what was written by a format, and
/// what each target's framing is made from.
///
/// ```
///   0        4      6       7   8                16         20           24
///   │ length │ plan │ level │ - │ time (ns, UTC) │ data (n) │ message (n) │ data │ message │
/// ```
struct LogRecord {
    /// Which of the process's plans it goes by.
    var plan: UInt16
    /// As `LogLevel` numbers them.
    var level: UInt8
    /// Nanoseconds since 1970.
    var time: UInt64
    /// RFC 5424's structured data; empty for none.
    var data: ByteView
    var message: ByteView

    private static var headCount: Int { 24 }

    /// How many bytes it takes in a buffer.
    var count: Int { LogRecord.headCount + data.count + message.count }

    /// Appends it; false if it does not fit.
    func append(to buffer: inout Buffer) -> Bool {
        buffer.write { writer in
            let first = UInt64(UInt32(truncatingIfNeeded: count)) | UInt64(plan) << 32 | UInt64(level) << 48
            writer.append(first.littleEndian, time.littleEndian, count: 16)
            let counts =
                UInt64(UInt32(truncatingIfNeeded: data.count))
                | UInt64(UInt32(truncatingIfNeeded: message.count)) << 32
            writer.append(counts.littleEndian, 0, count: 8)
            writer.append(data)
            writer.append(message)
        }
    }

    /// Reads the first record of some; nil if there is none.
    static func first(of bytes: ByteView) -> LogRecord? {
        guard bytes.count >= headCount else { return nil }
        let first = UInt64(littleEndian: bytes.word(at: 0))
        let counts = UInt64(littleEndian: bytes.word(at: 16))
        let length = Int(UInt32(truncatingIfNeeded: first))
        let dataCount = Int(UInt32(truncatingIfNeeded: counts))
        let messageCount = Int(UInt32(truncatingIfNeeded: counts >> 32))
        guard length <= bytes.count, length == headCount + dataCount + messageCount else { return nil }
        return LogRecord(
            plan: UInt16(truncatingIfNeeded: first >> 32), level: UInt8(truncatingIfNeeded: first >> 48),
            time: UInt64(littleEndian: bytes.word(at: 8)), data: bytes[headCount..<headCount + dataCount],
            message: bytes[headCount + dataCount..<length])
    }
}
