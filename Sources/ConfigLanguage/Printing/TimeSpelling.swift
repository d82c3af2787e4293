/// Times as words: the other way round than `Units`.
enum TimeSpelling {
    /// Milliseconds in the largest unit that has no rest.
    static func word(_ milliseconds: Int) -> Word {
        let units = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000)]
        let unit = units.first { milliseconds != 0 && milliseconds % $0.1 == 0 }
        guard let (name, length) = unit else { return "\(milliseconds)ms" }
        return "\(milliseconds / length)\(name)"
    }
}
