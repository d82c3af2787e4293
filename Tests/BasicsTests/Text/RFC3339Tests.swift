import Basics
import Testing

@Suite("Times as text")
struct RFC3339Tests {
    @Test(
        "moments are seconds since 1970",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2026-11-21T02:57:45Z", 1_795_229_865),
            ("2000-02-29T23:59:59Z", 951_868_799),
            ("2026-11-21T03:57:45+01:00", 1_795_229_865), ("2026-11-20T21:27:45-05:30", 1_795_229_865),
            ("1969-12-31T23:59:59Z", -1), ("0000-01-01T00:00:00Z", -62_167_219_200),
            ("9999-12-31T23:59:59Z", 253_402_300_799),
            ("2016-12-31T23:59:60Z", 1_483_228_800), ("2026-11-21t02:57:45z", 1_795_229_865),
        ])
    func seconds(text: String, expected: Int64) {
        #expect(RFC3339(text)?.seconds == expected)
    }

    @Test("fractions are cut to microseconds")
    func fractions() {
        #expect(RFC3339("1970-01-01T00:00:01.5Z") == RFC3339(seconds: 1, microseconds: 500_000))
        #expect(RFC3339("1970-01-01T00:00:01.123456789Z") == RFC3339(seconds: 1, microseconds: 123_456))
    }

    @Test(
        "what is no moment is nil",
        arguments: [
            "", "now", "2026-11-21", "2026-11-21T02:57:45", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z",
            "2026-00-10T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z",
            "2026-01-01T00:00:61Z", "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00Z ",
            "2026-01-01T00:00:00+1:00",
            "12026-01-01T00:00:00Z", "2026-1-1T00:00:00Z", "-026-01-01T00:00:00Z",
            "2026-01-01T00:00:00+24:00", "２026-01-01T00:00:00Z",
        ])
    func refused(text: String) {
        #expect(RFC3339(text) == nil)
    }

    @Test(
        "a moment is written as it is read",
        arguments: [0, 1, -1, 951_868_799, 1_795_229_865, 253_402_300_799, -62_167_219_200])
    func roundTrip(seconds: Int64) {
        let moment = RFC3339(seconds: seconds, microseconds: 42)
        #expect(RFC3339(moment.textWithMicroseconds) == moment)
        #expect(RFC3339(moment.text)?.seconds == seconds)
    }

    @Test("a Lease's time has six digits")
    func microTime() {
        #expect(
            RFC3339(seconds: 1_795_229_865, microseconds: 7).textWithMicroseconds
                == "2026-11-21T02:57:45.000007Z")
    }

    @Test("times beyond the calendar are written without a trap", arguments: [Int64.min, .max])
    func extremes(seconds: Int64) {
        #expect(!RFC3339(seconds: seconds, microseconds: .max).textWithMicroseconds.isEmpty)
    }
}
