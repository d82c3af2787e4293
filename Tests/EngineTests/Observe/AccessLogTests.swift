import Basics
import Glibc
import Testing

@testable import Engine

@Suite("Access log")
struct AccessLogTests {
    private let published = PublishedWorker()

    /// One line of `count` bytes, given at `now`.
    private func append(_ count: Int, to log: AccessLog, now: UInt64 = 0) {
        log.beginLine(now: now)
        String(repeating: "x", count: count - 1).withView { _ = log.lines.append($0) }
        log.lines.append("\n")
    }

    /// Hands a buffer with `text` over; false if it was not taken.
    private func write(_ text: String, to writer: LogWriter) -> Bool {
        var lines = Buffer(capacity: 64 * 1024)
        text.withView { _ = lines.append($0) }
        let isTaken = writer.take(&lines)
        #expect(lines.isEmpty == isTaken && lines.capacity == 64 * 1024)
        return isTaken
    }

    @Test("without a writer it is off and keeps nothing waiting")
    func off() {
        let log = AccessLog(format: .text, writer: nil, published: published)
        #expect(!log.isOn)
        #expect(!log.hasPending)
        log.endRound(now: .max)
        log.flush()
    }

    @Test("lines wait until the delay is over, then go to the writer as they are")
    func delay() throws {
        let pipe = try TestPipe()
        let writer = LogWriter(descriptor: pipe.writing)
        let log = AccessLog(format: .text, writer: writer, published: published)
        append(10, to: log, now: 5_000_000)
        append(20, to: log, now: 90_000_000)
        log.endRound(now: 105_000_000)
        #expect(log.hasPending)
        log.endRound(now: 105_000_001)
        #expect(!log.hasPending)
        #expect(
            pipe.read(count: 30) == String(repeating: "x", count: 9) + "\n"
                + String(repeating: "x", count: 19) + "\n")
        writer.close()
    }

    @Test("many lines go before the delay is over, and none is lost")
    func many() throws {
        let pipe = try TestPipe()
        let writer = LogWriter(descriptor: pipe.writing)
        let log = AccessLog(format: .text, writer: writer, published: published)
        var lines = 0
        while log.lines.count <= 48 * 1024 {
            append(1_000, to: log)
            lines += 1
        }
        log.endRound(now: 0)
        #expect(!log.hasPending)
        // Without an end of the round, a line that might not fit makes room first.
        for _ in 0..<60 { append(1_000, to: log) }
        log.flush()
        let text = pipe.read(count: (lines + 60) * 1_000)
        #expect(text?.count { $0 == "\n" } == lines + 60)
        let dropped = published.counters[0].logDropped.value
        #expect(dropped == 0)
        writer.close()
    }

    @Test("what finds no room is counted line by line, and later lines find room again")
    func dropped() throws {
        let pipe = try TestPipe()
        let writer = LogWriter(descriptor: pipe.writing)
        let log = AccessLog(format: .text, writer: writer, published: published)
        var given: UInt64 = 0
        // The pipe takes 64 KiB, the writer's thread holds what it has taken, 16 MiB wait: more than 33 MiB never fit.
        for _ in 0..<40_000 {
            append(1_000, to: log)
            given += 1
        }
        log.flush()
        let dropped = published.counters[0].logDropped.value
        #expect(dropped > 0)
        let expected = Int(given - dropped) * 1_000
        #expect(pipe.read(count: expected)?.utf8.count == expected)
        append(10, to: log)
        log.flush()
        #expect(pipe.read(count: 10)?.utf8.count == 10)
        let after = published.counters[0].logDropped.value
        #expect(after == dropped)
        writer.close()
    }

    @Test("many small buffers that nobody writes are bounded too")
    func small() throws {
        let pipe = try TestPipe()
        let writer = LogWriter(descriptor: pipe.writing)
        // Fills the pipe, so that the thread stands in a write.
        var taken = 0
        while taken < 3_000, write(String(repeating: "x", count: 100), to: writer) { taken += 1 }
        #expect(taken < 3_000, "655 of them fit the pipe, 1,024 wait")
        #expect(pipe.read(count: taken * 100) != nil)
        writer.close()
    }

    @Test("closing writes what waits")
    func close() throws {
        let pipe = try TestPipe()
        let writer = LogWriter(descriptor: pipe.writing)
        for i in 0..<100 { #expect(write("line \(i % 10)\n", to: writer)) }
        writer.close()
        #expect(pipe.read(count: 700)?.hasSuffix("line 9\n") == true)
        writer.close()
    }

    @Test(
        "closing does not wait for a pipe that nobody reads; what is dropped is counted",
        .timeLimit(.minutes(5)))
    func closeUnread() throws {
        let pipe = try TestPipe()
        let writer = LogWriter(descriptor: pipe.writing)
        let chunk = String(repeating: "x", count: 40_000)
        for _ in 0..<4 { #expect(write(chunk, to: writer)) }
        let dropped = writer.close(within: 1_000)
        #expect(dropped == 120_000, "the pipe takes 64 KiB, half of the second chunk")
        // The second chunk was under way; those behind it are not begun any more.
        #expect(pipe.read(count: 80_000) != nil)
    }

    @Test(
        "the time has three digits of milliseconds and two of everything else",
        arguments: [
            (0, "1970-01-01T00:00:00.000"), (1_009_000_000, "1970-01-01T00:00:01.009"),
            (1_709_210_096_089_999_999, "2024-02-29T12:34:56.089"),
            (4_102_444_799_999_000_000, "2099-12-31T23:59:59.999"),
        ] as [(UInt64, String)])
    func time(nanoseconds: UInt64, expected: String) {
        let log = AccessLog(format: .json, writer: nil, published: published)
        for _ in 0..<2 {
            log.lines.reset()
            log.lines.write { log.writeTime(nanoseconds, to: &$0) }
            #expect(log.lines.view.string == expected)
        }
    }

    @Test("the text format has the date as HAProxy writes it, in local time")
    func textTime() {
        let log = AccessLog(format: .text, writer: nil, published: published)
        log.lines.write { log.writeTime(1_709_251_200_005_000_000, to: &$0) }
        // 1 March 2024 00:00 UTC: the day depends on the time zone, the shape does not.
        let text = log.lines.view.string
        #expect(text.count == "01/Mar/2024:00:00:00.005".count)
        #expect(text.hasSuffix(".005"))
        #expect(text.contains("/Mar/2024:") || text.contains("/Feb/2024:"))
    }
}
