/// What annotations say of nginx's directives that stand in a snippet. Nothing of the text is run: each directive is recognised
/// as a whole, or not at all.
struct SnippetAdvice: Sendable, Equatable {
    /// Names without prefix, and values.
    private(set) var annotations: [String: String] = [:]
    /// Directives nothing here is said for, by their names.
    private(set) var left: [String] = []

    /// Whether all of it can be said by annotations.
    var isComplete: Bool { left.isEmpty && !annotations.isEmpty }

    /// What to do, in a sentence.
    var sentence: String? {
        let said = annotations.keys.sorted().map { "\($0): \"\(annotations[$0] ?? "")\"" }
        let rest = Set(left).sorted().joined(separator: ", ")
        if said.isEmpty { return left.isEmpty ? nil : "no annotation says what it does with \(rest)" }
        return "instead " + said.joined(separator: ", ") + (left.isEmpty ? "" : "; nothing says \(rest)")
    }

    /// Reads a snippet: directives end with `;` or have a block, which is not looked into.
    init(of snippet: String) {
        for directive in SnippetAdvice.directives(of: snippet) { take(directive) }
    }

    private mutating func take(_ words: [String]) {
        guard let name = words.first else { return }
        guard let (annotation, value) = SnippetAdvice.annotation(of: words), annotations[annotation] == nil
        else { return left.append(SnippetAdvice.isWord(name) ? name : "something else") }
        annotations[annotation] = value
    }

    /// The one annotation that says what a directive says.
    private static func annotation(of words: [String]) -> (String, String)? {
        let rest = words.dropFirst()
        guard rest.allSatisfy({ !$0.contains("$") }), let value = rest.first else { return nil }
        switch (words[0], rest.count) {
        case ("proxy_connect_timeout", 1), ("proxy_read_timeout", 1), ("proxy_send_timeout", 1):
            return seconds(value).map { (words[0].replacing("_", with: "-"), $0) }
        case ("client_max_body_size", 1): return ("proxy-body-size", value)
        case ("return", 2) where ["301", "302"].contains(value) && rest[2].hasPrefix("http"):
            return (value == "301" ? "permanent-redirect" : "temporal-redirect", rest[2])
        case ("proxy_set_header", 2) where value.lowercased() == "host":
            return ("upstream-vhost", rest[2])
        case ("proxy_next_upstream", _): return ("proxy-next-upstream", rest.joined(separator: " "))
        case ("proxy_next_upstream_tries", 1): return ("proxy-next-upstream-tries", value)
        default: return nil
        }
    }

    /// nginx's time as whole seconds.
    private static func seconds(_ text: String) -> String? {
        let isMinutes = text.hasSuffix("m")
        let digits = text.hasSuffix("s") || isMinutes ? String(text.dropLast()) : text
        guard let number = SettingText.number(digits) else { return nil }
        let (product, isTooLong) = number.multipliedReportingOverflow(by: isMinutes ? 60 : 1)
        return isTooLong ? nil : "\(product)"
    }

    private static func isWord(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 64 && text.utf8.allSatisfy(SettingText.isTokenByte)
    }

    /// The directives of a text as words; of one with a block only its name.
    private static func directives(of text: String) -> [[String]] {
        var (found, words, word): ([[String]], [String], String) = ([], [], "")
        var (depth, quote, isComment): (Int, Character?, Bool) = (0, nil, false)
        func endWord() {
            if !word.isEmpty { words.append(word) }
            word = ""
        }
        func endDirective(hasBlock: Bool) {
            endWord()
            if depth == 0, let name = words.first { found.append(hasBlock ? [name] : words) }
            words = []
        }
        for character in text.prefix(65_536) {
            if isComment {
                isComment = character != "\n"
            } else if let mark = quote {
                if character == mark { quote = nil } else { word.append(character) }
            } else {
                switch character {
                case "\"", "'": quote = character
                case "#" where word.isEmpty: isComment = true
                case ";": endDirective(hasBlock: false)
                case "{":
                    endDirective(hasBlock: true)
                    depth += 1
                case "}":
                    endDirective(hasBlock: false)
                    depth = max(0, depth - 1)
                case _ where character.isWhitespace: endWord()
                default: word.append(character)
                }
            }
        }
        endDirective(hasBlock: false)
        return found
    }
}
