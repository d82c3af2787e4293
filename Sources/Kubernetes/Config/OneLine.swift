/// Foreign text made fit for one line of a log.
enum OneLine {
    private static let limit = 300

    /// Control characters become spaces, runs of spaces one, and what is too long is cut.
    static func of(_ text: String) -> String {
        var result = ""
        var count = 0
        for scalar in text.unicodeScalars {
            let isPlain = scalar.value > 0x20 && !(0x7F...0x9F).contains(scalar.value)
            if !isPlain && (result.isEmpty || result.hasSuffix(" ")) { continue }
            guard count < limit else { return result + "…" }
            result.unicodeScalars.append(isPlain ? scalar : " ")
            count += 1
        }
        return result.hasSuffix(" ") ? String(result.dropLast()) : result
    }
}
