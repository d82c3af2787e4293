import Basics
import Testing

@testable import Engine

@Suite("Dates in logs")
struct LogDatesTests {
    private let dates = LogDates()

    private func written(_ time: UInt64, _ form: LogDates.Form) -> String {
        var buffer = Buffer(capacity: 64)
        buffer.write { dates.write(time, form, to: &$0) }
        return buffer.view.string
    }

    @Test("universal time, with its offset")
    func utc() {
        #expect(written(1_795_237_506_007_000_000, .utcWithOffset) == "21/Nov/2026:05:05:06 +0000")
        #expect(written(0, .utcWithOffset) == "01/Jan/1970:00:00:00 +0000")
        #expect(written(1_795_237_507_000_000_000, .utcWithOffset) == "21/Nov/2026:05:05:07 +0000")
    }

    @Test(
        "local time with three digits of milliseconds",
        arguments: [(0, ".000"), (7, ".007"), (42, ".042"), (999, ".999")])
    func milliseconds(milliseconds: UInt64, expected: String) {
        let text = written(1_795_237_506_000_000_000 + milliseconds * 1_000_000, .local)
        #expect(text.hasSuffix(expected))
        #expect(text.count == "21/Nov/2026:05:05:06.000".count)
    }

    @Test("local time as RFC 3339 has it")
    func iso() {
        let text = written(1_795_237_506_007_000_000, .iso)
        #expect(text.count == "2026-11-21T05:05:06+00:00".count)
        #expect(text.hasPrefix("2026-11-2"))
        #expect(Array(text)[10] == "T" && Array(text)[22] == ":")
    }

    @Test("local time with its offset of four digits")
    func offset() {
        let text = written(1_795_237_506_000_000_000, .localWithOffset)
        #expect(text.count == "21/Nov/2026:05:05:06 +0000".count)
        #expect(text.dropLast(4).last == "+" || text.dropLast(4).last == "-")
    }
}
