/// A time as HAProxy writes it.
enum TimeSpan {
    /// `1d 2h03m04s`.
    static func text(_ seconds: UInt64) -> String {
        func two(_ number: UInt64) -> String { (number < 10 ? "0" : "") + "\(number)" }
        return "\(seconds / 86_400)d \(seconds / 3_600 % 24)h\(two(seconds / 60 % 60))m\(two(seconds % 60))s"
    }
}
