import Basics

/// Dates of HTTP in all three forms (RFC 9110 5.6.7).
///
/// ```
///   Sun, 06 Nov 1994 08:49:37 GMT      what is written today
///   Sunday, 06-Nov-94 08:49:37 GMT     RFC 850
///   Sun Nov  6 08:49:37 1994           asctime
/// ```
enum HTTPDate {
    /// Seconds since 1970; nil if it is no date of these forms, or one before 1970.
    static func seconds(_ text: ByteView) -> Int64? {
        guard let comma = text.firstIndex(of: UInt8(ascii: ",")) else { return asctime(text) }
        return comma == 3 ? current(text) : comma < 10 ? old(text[comma..<text.count]) : nil
    }

    private static func current(_ text: ByteView) -> Int64? {
        guard text.count == 29, isBlankSeparated(text, [4, 7, 11, 16, 25]), text[26..<29].equals("GMT") else {
            return nil
        }
        return seconds(
            year: text[12..<16].decimal, month: text[8..<11], day: text[5..<7].decimal, time: text[17..<25])
    }

    /// From the comma on. Of two digits of a year, those below 70 are of this century.
    private static func old(_ text: ByteView) -> Int64? {
        guard text.count == 24, isBlankSeparated(text, [1, 11, 20]), text[21..<24].equals("GMT"),
            text[4] == UInt8(ascii: "-"), text[8] == UInt8(ascii: "-"), let short = text[9..<11].decimal
        else { return nil }
        return seconds(
            year: short + (short < 70 ? 2_000 : 1_900), month: text[5..<8], day: text[2..<4].decimal,
            time: text[12..<20])
    }

    private static func asctime(_ text: ByteView) -> Int64? {
        guard text.count == 24, isBlankSeparated(text, [3, 7, 10, 19]) else { return nil }
        return seconds(
            year: text[20..<24].decimal, month: text[4..<7], day: text[8..<10].trimmed.decimal,
            time: text[11..<19])
    }

    private static func isBlankSeparated(_ text: ByteView, _ blanks: [Int]) -> Bool {
        blanks.allSatisfy { text[$0] == UInt8(ascii: " ") }
    }

    private static func seconds(year: Int64?, month name: ByteView, day: Int64?, time: ByteView) -> Int64? {
        guard let year, let month = month(name), let day, time[2] == UInt8(ascii: ":"),
            time[5] == UInt8(ascii: ":"), let hour = time[0..<2].decimal, let minute = time[3..<5].decimal,
            let second = time[6..<8].decimal, (1...31).contains(day), hour < 24, minute < 60, second <= 60,
            (1_970...9_999).contains(year)
        else { return nil }
        return days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second
    }

    private static func month(_ name: ByteView) -> Int64? {
        let names = ("JanFebMarAprMayJunJulAugSepOctNovDec" as StaticString).view
        for i in 0..<12 where names[i * 3..<i * 3 + 3].equals(name) { return Int64(i + 1) }
        return nil
    }

    /// Days since 1970 of a date of the Gregorian calendar, years counted from March.
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let (era, ofEra) = (shifted / 400, shifted % 400)
        let ofYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return era * 146_097 + ofEra * 365 + ofEra / 4 - ofEra / 100 + ofYear - 719_468
    }
}
