/// Finds the word somebody probably meant.
public enum Nearest {
    /// The candidate with the fewest edits to `word`; the first of equals. nil if there are no candidates.
    public static func match(_ word: String, among candidates: [String]) -> String? {
        var best: (candidate: String, distance: Int)?
        for candidate in candidates {
            // As many edits as the lengths differ, at least: most candidates need not be compared.
            let least = abs(min(word.utf8.count, compared) - min(candidate.utf8.count, compared))
            if let best, least >= best.distance { continue }
            let distance = distance(word, candidate)
            if distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        return best?.candidate
    }

    /// So many bytes of a word count: comparing is quadratic and the input is foreign.
    private static let compared = 64

    /// Edits (insert, delete, replace, swap neighbours) that turn one word into the other: the restricted
    /// Damerau-Levenshtein distance. Only the first 64 bytes count.
    public static func distance(_ left: String, _ right: String) -> Int {
        let a = Array(left.utf8.prefix(compared))
        let b = Array(right.utf8.prefix(compared))
        var beforeLast: [Int] = []
        var last = Array(0...b.count)
        for i in a.indices {
            var row = [i + 1]
            row.reserveCapacity(b.count + 1)
            for j in b.indices {
                var best = min(last[j] + (a[i] == b[j] ? 0 : 1), last[j + 1] + 1, row[j] + 1)
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                    best = min(best, beforeLast[j - 1] + 1)
                }
                row.append(best)
            }
            beforeLast = last
            last = row
        }
        return last[b.count]
    }
}
