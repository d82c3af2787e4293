import Basics

/// One worker's records for the targets of frontends: they gather, and whole buffers go to the thread that sends them.
struct RecordBatch: ~Copyable {
    /// Who takes them; nil if no frontend has targets.
    var writer: LogWriter?
    private var records = Buffer()
    private var count: UInt64 = 0
    private var oldestAt: UInt64 = 0
    /// Where a line is written, and its structured data, before it is known how long they are.
    var message = Buffer()
    var data = Buffer()

    private static var size: Int { 128 * 1024 }
    /// Whatever a target's length.
    private static var longestLine: Int { 64 * 1024 }

    /// Nanoseconds.
    private static var longestWait: UInt64 { 100_000_000 }

    var isEmpty: Bool { records.isEmpty }

    /// Gives the buffers memory, once there is something to write.
    mutating func begin() {
        if !records.hasMemory {
            records = Buffer(capacity: RecordBatch.size)
            message = Buffer(capacity: RecordBatch.longestLine)
            data = Buffer(capacity: RecordBatch.longestLine)
        }
        message.reset()
        data.reset()
    }

    /// Takes what was written since `begin` as a record; how many records were lost.
    mutating func end(plan: UInt16, level: UInt8, time: UInt64, now: UInt64) -> UInt64 {
        let record = LogRecord(plan: plan, level: level, time: time, data: data.view, message: message.view)
        let lost = records.room < record.count ? flush() : 0
        if records.isEmpty { oldestAt = now }
        guard record.append(to: &records) else { return lost + 1 }
        count &+= 1
        return lost
    }

    /// Whether the records have waited long enough, or are many.
    func isDue(now: UInt64) -> Bool {
        records.count > 48 * 1024 || now &- oldestAt > RecordBatch.longestWait
    }

    /// Hands the records over; how many were lost.
    mutating func flush() -> UInt64 {
        guard !records.isEmpty else { return 0 }
        defer { count = 0 }
        if let writer, writer.take(&records) { return 0 }
        records.reset()
        return count
    }
}
