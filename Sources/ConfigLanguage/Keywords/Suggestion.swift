import Basics

/// What is said about a word that no function reads.
enum Suggestion {
    /// Unsupported if HAProxy knows it, else unknown with the nearest of those that are there.
    static func refusal(
        of word: Word, known: Set<String>, here: [String], called name: String
    ) -> Refusal {
        if word.text.hasPrefix("lua.") { return .unsupported(name, instead: noLua) }
        if known.contains(word.text) { return .unsupported(name, instead: RefusedKeywords.reasons[name]) }
        return .unknown(word, nearest: nearest(to: word.text, among: here + known.sorted()))
    }

    /// What is said of whatever is written in Lua.
    static let noLua = "there is no Lua here; http-request rules do most of it"

    /// The nearest candidate, if it is near at all: half of the word may differ.
    static func nearest(to text: String, among candidates: [String]) -> String? {
        guard let found = Nearest.match(text, among: candidates) else { return nil }
        return Nearest.distance(text, found) * 2 <= max(2, text.utf8.count) ? found : nil
    }
}
