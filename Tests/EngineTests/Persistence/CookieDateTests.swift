import Basics
import Model
import Testing

@testable import Engine

/// Values and verdicts as Debian's haproxy 2.6.12 gave them at 1795247637.
@Suite("Dates of persistence cookies")
struct CookieDateTests {
    private static let now: Int64 = 1_795_247_637

    private func text(_ now: Int64) -> String {
        var buffer = Buffer(capacity: 8)
        buffer.write { CookieDate.write(now, to: &$0) }
        return buffer.view.string
    }

    private func read(_ text: String) -> CookieDate.Seconds? { text.withView(CookieDate.read) }

    @Test(
        "are units of four seconds, rounded up",
        arguments: [(1_795_247_637, "awFOG"), (0, "AAAAA"), (1, "AAAAB"), (4, "AAAAB"), (5, "AAAAC")])
    func writing(now: Int64, expected: String) { #expect(text(now) == expected) }

    @Test("are read back as they were written, and written again alike")
    func roundTrip() {
        for now in [1, 4, 1_795_247_637, 4_294_967_288] as [Int64] {
            let date = read(text(now))
            #expect(date == CookieDate.Seconds((now + 3) / 4 * 4))
            var again = Buffer(capacity: 8)
            again.write { CookieDate.write(again: date ?? 0, to: &$0) }
            let written = again.view.string
            #expect(written == text(now))
        }
    }

    @Test(
        "are nothing else",
        arguments: ["", "abcd", "=====", "abcd=", "ab cd", "abc-d", "AAAAA", "\u{E4}bcd", "a|bcd"])
    func noDates(text: String) { #expect(read(text) == nil) }

    @Test("only the first five characters count")
    func longer() { #expect(read("awFOGxyz") == read("awFOG")) }

    @Test("a time outside of what fits never traps", arguments: [Int64.min, -1, .max, 1 << 40])
    func extremes(now: Int64) {
        #expect(text(now).utf8.count == 5)
        var reading = CookieReading(.insert) { ($0.maxIdle, $0.maxLife) = (1, Int(Int32.max)) }
        reading.read("SRV=s1|awFOG|awFOG", now: now)
        _ = reading.added(now: now)
        #expect(reading.state.request == .expired || reading.state.request == .old)
    }

    @Test(
        "idle time and life are held against a cookie",
        arguments: [
            ("SRV=s1", .valid, "SRV=s1|awFOG|awFOG"), ("SRV=s1|awFNt|awFKM", .valid, "SRV=s1|awFOG|awFKM"),
            ("SRV=s1|awFCY|awE+e", .expired, "SRV=s1|awFOG|awFOG"),
            ("SRV=s1|awFNt|awDY6", .old, "SRV=s1|awFOG|awFOG"),
            ("SRV=s1|awKtq|awFOD", .expired, "SRV=s1|awFOG|awFOG"), ("SRV=s1|awKGm|awFOD", .valid, ""),
            ("SRV=s1|abc|=====", .valid, "SRV=s1|awFOG|awFOG"),
        ] as [(String, CookieRequestVerdict, String)])
    func idleAndLife(line: String, verdict: CookieRequestVerdict, set: String) {
        var reading = CookieReading(.insert) { ($0.maxIdle, $0.maxLife) = (1_800, 28_800) }
        reading.read(line)
        #expect(reading.state.request == verdict)
        let expected = set.isEmpty ? "" : "Set-Cookie: \(set); path=/\r\n"
        #expect(reading.added() == expected)
        let answer: CookieResponseVerdict = set.isEmpty ? .none : verdict == .valid ? .updated : .inserted
        #expect(reading.state.response == answer)
    }

    @Test(
        "with an idle time alone only the last date is kept",
        arguments: [
            ("SRV=s1", "SRV=s1|awFOG"), ("SRV=s1|awFOD", "SRV=s1|awFOG"),
            ("SRV=s1|awFOD|awFOB", "SRV=s1|awFOG"),
            ("SRV=s1|awFOf", ""),
        ])
    func idle(line: String, set: String) {
        var reading = CookieReading(.insert) { $0.maxIdle = 1_800 }
        reading.read(line)
        #expect(reading.added() == (set.isEmpty ? "" : "Set-Cookie: \(set); path=/\r\n"))
    }

    @Test("without limits dates are taken out of a cookie that has them")
    func withoutLimits() {
        var reading = CookieReading(.insert)
        reading.read("SRV=s1|awFOD|awFOB")
        #expect(reading.state.request == .valid)
        #expect(reading.added() == "Set-Cookie: SRV=s1; path=/\r\n")
        #expect(reading.state.response == .updated)
    }

    @Test("a limit is reached one second after it, not before")
    func edges() {
        let date = Int64(read("awFOG") ?? 0)
        for (age, verdict) in [
            (1_800, CookieRequestVerdict.valid), (1_801, .expired), (-86_400, .valid), (-86_401, .expired),
        ] {
            var reading = CookieReading(.insert) { $0.maxIdle = 1_800 }
            reading.read("SRV=s1|awFOG", now: date + Int64(age))
            #expect(reading.state.request == verdict)
        }
    }
}
