import Basics
import Model

/// HAProxy's `language`: of some languages the one that `Accept-Language` likes best.
enum LanguageChoice {
    /// The part of `languages`, which are separated by `;`; nil if none is wanted. The first one of several with the same weight counts.
    static func best(of languages: ByteView, for accepted: ByteView) -> ByteView? {
        var (best, bestWeight): (ByteView?, Int) = (nil, 0)
        forEachPart(of: accepted, UInt8(ascii: ",")) { element in
            guard bestWeight < 1_000 else { return }
            let end = element.firstIndex(of: UInt8(ascii: ";")) ?? element.count
            let range = element[0..<end].trimmed
            guard !range.isEmpty, let language = match(range, languages) else { return }
            let weight = weight(element[min(end + 1, element.count)..<element.count])
            if weight > bestWeight { (best, bestWeight) = (language, weight) }
        }
        return best
    }

    /// The language of the list that a range means: itself, or what stands before a dash.
    private static func match(_ range: ByteView, _ languages: ByteView) -> ByteView? {
        var found: ByteView?
        forEachPart(of: languages, UInt8(ascii: ";")) { language in
            guard found == nil, !language.isEmpty, range.hasPrefix(language) else { return }
            if range.count == language.count || range[language.count] == UInt8(ascii: "-") {
                found = language
            }
        }
        return found
    }

    /// In thousandths; 1000 where nothing is said, or nothing that can be read.
    private static func weight(_ text: ByteView) -> Int {
        let text = text.trimmed
        guard !text.isEmpty, text[0] == UInt8(ascii: "q") else { return 1_000 }
        let rest = text[1..<text.count].trimmed
        guard !rest.isEmpty, rest[0] == UInt8(ascii: "=") else { return 1_000 }
        let digits = rest[1..<rest.count].trimmed
        guard !digits.isEmpty else { return 1_000 }
        guard digits[0] != UInt8(ascii: "1") else { return 1_000 }
        guard digits[0] == UInt8(ascii: "0") else { return 1_000 }
        guard digits.count > 1, digits[1] == UInt8(ascii: ".") else { return 0 }
        var (weight, unit) = (0, 100)
        for i in 2..<max(2, min(5, digits.count)) {
            guard ForwardedNode.isDigit(digits[i]) else { break }
            weight += Int(digits[i] - UInt8(ascii: "0")) * unit
            unit /= 10
        }
        return weight
    }

    private static func forEachPart(of text: ByteView, _ separator: UInt8, _ body: (ByteView) -> Void) {
        var at = 0
        while at <= text.count {
            let end = text.firstIndex(of: separator, from: at) ?? text.count
            body(text[at..<end])
            at = end + 1
        }
    }
}
