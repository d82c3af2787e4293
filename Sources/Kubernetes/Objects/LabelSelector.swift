/// A selector of objects by their labels, in the words of the API: `team=shop,env in (prod,stage),!internal`.
///
/// The API server applies it. Here it is only read, so that a slip is told before anybody is asked.
public struct LabelSelector: Sendable, Equatable {
    /// As it was written.
    public let text: String

    /// Reads a selector; nil is none: one that selects nothing or that the API server would refuse.
    public init?(_ text: String) {
        guard let terms = LabelSelector.terms(of: text), terms.allSatisfy(LabelSelector.isTerm) else {
            return nil
        }
        self.text = text
    }

    /// What stands between commas, those in parentheses aside.
    private static func terms(of text: String) -> [Substring]? {
        var terms: [Substring] = []
        var (start, isInside) = (text.startIndex, false)
        for index in text.indices {
            switch text[index] {
            case "(":
                guard !isInside else { return nil }
                isInside = true
            case ")":
                guard isInside else { return nil }
                isInside = false
            case "," where !isInside:
                terms.append(text[start..<index])
                start = text.index(after: index)
            default: break
            }
        }
        terms.append(text[start...])
        return isInside ? nil : terms
    }

    private static func isTerm(_ text: Substring) -> Bool {
        let term = text.trimmed
        if let open = term.firstIndex(of: "(") {
            let words = term[..<open].split(separator: " ", omittingEmptySubsequences: true)
            guard term.last == ")", words.count == 2, words[1] == "in" || words[1] == "notin" else {
                return false
            }
            let values = term[term.index(after: open)...].dropLast()
            return isKey(words[0])
                && values.split(separator: ",", omittingEmptySubsequences: false).allSatisfy {
                    isValue($0.trimmed)
                }
        }
        if term.first == "!" { return isKey(term.dropFirst().trimmed) }
        if let sign = term.firstIndex(where: { $0 == ">" || $0 == "<" }) {
            return isKey(term[..<sign].trimmed) && Int64(term[term.index(after: sign)...].trimmed) != nil
        }
        for sign in ["!=", "==", "="] {
            guard let range = term.firstRange(of: sign) else { continue }
            return isKey(term[..<range.lowerBound].trimmed) && isValue(term[range.upperBound...].trimmed)
        }
        return isKey(term)
    }

    /// A name, or one with a DNS subdomain and a slash before it.
    private static func isKey(_ text: Substring) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard let name = parts.last, parts.count <= 2, isName(name) else { return false }
        return parts.count == 1 || isSubdomain(parts[0])
    }

    private static func isValue(_ text: Substring) -> Bool { text.isEmpty || isName(text) }

    private static func isName(_ text: Substring) -> Bool {
        (1...63).contains(text.utf8.count)
            && text.utf8.allSatisfy { isAlphanumeric($0) || "-_.".utf8.contains($0) }
            && isAlphanumeric(text.utf8.first) && isAlphanumeric(text.utf8.last)
    }

    private static func isSubdomain(_ text: Substring) -> Bool {
        text.utf8.count <= 253
            && text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
                !label.isEmpty && label.utf8.first != UInt8(ascii: "-")
                    && label.utf8.last != UInt8(ascii: "-")
                    && label.utf8.allSatisfy {
                        UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0
                            || UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0
                            || $0 == UInt8(ascii: "-")
                    }
            }
    }

    private static func isAlphanumeric(_ byte: UInt8?) -> Bool {
        guard let byte else { return false }
        return switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}

extension Substring {
    /// Without the white space around it.
    fileprivate var trimmed: Substring {
        var text = drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
