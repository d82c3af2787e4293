import Testing

@testable import ConfigLanguage

@Suite("Units")
struct UnitsTests {
    @Test(
        "times have units, milliseconds where nothing is said",
        arguments: [
            ("0", 0), ("5", 5), ("5ms", 5), ("5s", 5_000), ("2m", 120_000), ("1h", 3_600_000),
            ("1d", 86_400_000),
            ("1us", 1), ("1000us", 1), ("1001us", 2), ("2147483647", 2_147_483_647), ("24d", 2_073_600_000),
        ])
    func times(text: String, expected: Int) throws { #expect(try Units.milliseconds(text) == expected) }

    @Test("a unit may be what a bare number means")
    func seconds() throws { #expect(try Units.milliseconds("30", unit: .seconds) == 30_000) }

    @Test(
        "fractions, other units and signs are no times",
        arguments: ["", "s", "0.5s", "-1s", "+1", "1 s", "1sec", "5x", "1S", "١s"])
    func noTimes(text: String) { #expect(throws: Units.Flaw.form) { try Units.milliseconds(text) } }

    @Test(
        "times beyond 24 days are too long",
        arguments: ["25d", "2147483648", "100000h", "9223372036854775807s", "99999999999999999999"])
    func longTimes(text: String) { #expect(throws: Units.Flaw.tooLarge) { try Units.milliseconds(text) } }

    @Test(
        "sizes have powers of 1024",
        arguments: [
            ("0", 0), ("10", 10), ("2k", 2_048), ("1m", 1_048_576), ("1G", 1_073_741_824), ("3K", 3_072),
        ])
    func sizes(text: String, expected: Int) throws { #expect(try Units.bytes(text) == expected) }

    @Test("what is no size is refused", arguments: ["", "k", "1kb", "-1", "1.5k"])
    func noSizes(text: String) { #expect(throws: Units.Flaw.form) { try Units.bytes(text) } }

    @Test("a size that does not fit is refused")
    func largeSize() { #expect(throws: Units.Flaw.tooLarge) { try Units.bytes("9223372036854775807g") } }
}
