import Model

/// Changing what servers say of where things are: domains and paths of their cookies, addresses they send clients to.
struct AnswerRewrites: Sendable, Equatable {
    var cookieDomain: Pair?
    var cookiePath: Pair?
    /// nil is that nothing is changed.
    var location: String?
    var newLocation: String?

    /// What is looked for, and what takes its place.
    struct Pair: Sendable, Equatable {
        var old: String
        var new: String
    }

    static let rows: [AnnotationRow] = [
        AnnotationRow(
            SettingRow(
                .nginx("proxy-cookie-domain"), .own("proxy-cookie-domain"), form: .textPair, fallback: "off",
                "`OLD NEW` gives servers' cookies of the Domain `OLD` another one; `off` leaves them."
            ) { $0.answers.cookieDomain = $1.pair },
            phase: .answer, risk: .medium, differs: plainOnly),
        AnnotationRow(
            SettingRow(
                .nginx("proxy-cookie-path"), .own("proxy-cookie-path"), form: .textPair, fallback: "off",
                "`OLD NEW` puts `NEW` in place of `OLD` where the Path of servers' cookies begins with it."
            ) { $0.answers.cookiePath = $1.pair },
            phase: .answer, risk: .medium, differs: plainOnly),
        AnnotationRow(
            SettingRow(
                .nginx("proxy-redirect-from"), .own("proxy-redirect-from"), form: .plainText, fallback: "off",
                "What servers' `Location` and `Refresh` begin with where `proxy-redirect-to` takes its place; `off` and `default` leave them."
            ) { $0.answers.location = ["off", "default"].contains($1) ? nil : $1 },
            phase: .answer, risk: .medium, differs: plainOnly),
        AnnotationRow(
            SettingRow(
                .nginx("proxy-redirect-to"), .own("proxy-redirect-to"), form: .plainText, fallback: "off",
                "What takes the place of `proxy-redirect-from`; `off` leaves it."
            ) { $0.answers.newLocation = $1 == "off" ? nil : $1 },
            phase: .answer, risk: .medium, differs: plainOnly),
    ]

    private static let plainOnly =
        "variables and regular expressions (`~…`) are not taken; such a value leaves the Ingress out"

    /// The rules about answers.
    var response: [HTTPRule] {
        var rules: [HTTPRule] = []
        if let pair = cookieDomain {
            let bare = pair.old.hasPrefix(".") ? String(pair.old.dropFirst()) : pair.old
            rules.append(
                AnswerRewrites.rule(
                    "set-cookie",
                    "(?i)\(AnswerRewrites.attribute("domain"))\\.?\(AnswerRewrites.quoted(bare))(\\s*(?:;.*)?)$",
                    "\\1\(pair.new)\\2"))
        }
        if let pair = cookiePath {
            rules.append(
                AnswerRewrites.rule(
                    "set-cookie",
                    "\(AnswerRewrites.attribute("(?i:path)"))\(AnswerRewrites.quoted(pair.old))(.*)$",
                    "\\1\(pair.new)\\2"))
        }
        if let location, let newLocation {
            let old = AnswerRewrites.quoted(location)
            rules.append(AnswerRewrites.rule("location", "^\(old)(.*)$", "\(newLocation)\\1"))
            rules.append(
                AnswerRewrites.rule("refresh", "^([^=]*(?i:url)=)\(old)(.*)$", "\\1\(newLocation)\\2"))
        }
        return rules
    }

    /// The line of a cookie up to the value of an attribute.
    private static func attribute(_ name: String) -> String { "^([^;]*(?:;[^;]*)*?;\\s*\(name)=)" }

    /// A text that stands for itself in a regular expression.
    private static func quoted(_ text: String) -> String {
        text.map { $0.isLetter || $0.isNumber ? "\($0)" : "\\\($0)" }.joined()
    }

    private static func rule(_ field: String, _ pattern: String, _ text: String) -> HTTPRule {
        HTTPRule(
            .change(
                .replaceField(
                    field, pattern: pattern, FormatString([.text(Array(text.utf8))]), isEachValue: false)))
    }
}

/// Two texts, or none.
struct TextPair: Sendable, Equatable {
    var pair: AnswerRewrites.Pair?
}

extension SettingForm where Value == TextPair {
    /// Two plain texts, or `off`.
    static var textPair: SettingForm {
        SettingForm(type: "two texts", expectation: "off, or two texts with a blank between them") {
            text, _ in
            if text == "off" { return TextPair(pair: nil) }
            let parts = text.split { $0 == " " }.compactMap { SettingForm<String>.plainText.read(String($0)) }
            guard parts.count == 2, text.split(separator: " ").count == 2 else { return nil }
            return TextPair(pair: AnswerRewrites.Pair(old: parts[0], new: parts[1]))
        }
    }
}

extension SettingForm where Value == String {
    /// A text without blanks and marks that mean something elsewhere.
    static var plainText: SettingForm {
        SettingForm(type: "text", expectation: "a text without blanks, quotes, ;, $, ~ and backslashes") {
            text, _ in
            let isPlain = text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"\"'\\;,$~{}".utf8.contains($0) }
            return !text.isEmpty && text.utf8.count <= 1_024 && isPlain ? text : nil
        }
    }
}
