import Testing

@testable import Command

@Suite("Log lines")
struct LogLineTests {
    @Test(
        "times are RFC 3339 in UTC",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (951_782_399_999, "2000-02-28T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"), (1_709_251_199_001, "2024-02-29T23:59:59.001Z"),
            (1_735_689_600_000, "2025-01-01T00:00:00.000Z"), (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
            (-5, "1970-01-01T00:00:00.000Z"),
        ] as [(Int64, String)])
    func times(milliseconds: Int64, expected: String) {
        let line = LogLine(level: .info, message: "x", time: milliseconds * 1_000_000)
        #expect(line.rendered(.text) == "\(expected) info x\n")
    }

    @Test("a message stays one line whatever it holds")
    func oneLine() {
        let line = LogLine(level: .error, message: "a\nb\"c\\\u{1B}\u{7F}é", time: 0)
        #expect(line.rendered(.text) == "1970-01-01T00:00:00.000Z error a\\nb\"c\\\\u001b\\u007fé\n")
        #expect(
            line.rendered(.json)
                == #"{"time":"1970-01-01T00:00:00.000Z","level":"error","message":"a\nb\"c\\\u001b\u007fé"}"#
                + "\n")
    }
}
