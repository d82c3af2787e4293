import Glibc

/// A moment as HAProxy writes it: `22/Nov/2026:10:14:05.227`, in the machine's zone.
enum LocalDate {
    /// `digits` are those of the fraction: 3 or 6.
    static func text(_ nanoseconds: UInt64, digits: Int = 3) -> String {
        var second = time_t(truncatingIfNeeded: nanoseconds / 1_000_000_000)
        var parts = tm()
        localtime_r(&second, &parts)
        let names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let month = names.indices.contains(Int(parts.tm_mon)) ? names[Int(parts.tm_mon)] : "???"
        let fraction = nanoseconds % 1_000_000_000 / (digits == 6 ? 1_000 : 1_000_000)
        let clock = [parts.tm_hour, parts.tm_min, parts.tm_sec].map { padded(Int($0), 2) }.joined(
            separator: ":")
        return "\(padded(Int(parts.tm_mday), 2))/\(month)/\(Int(parts.tm_year) + 1900):\(clock)."
            + padded(Int(fraction), digits)
    }

    private static func padded(_ number: Int, _ digits: Int) -> String {
        let text = "\(number)"
        return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
    }
}
