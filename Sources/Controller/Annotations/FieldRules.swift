import Model

/// Fields that are set in what servers are asked and clients answered.
struct FieldRules: Sendable, Equatable {
    var asked: [Line] = []
    var answered: [Line] = []

    /// A field and its value.
    struct Line: Sendable, Equatable {
        var name: String
        var value: String

        fileprivate var rule: HTTPRule {
            HTTPRule(.change(.setField(name, FormatString([.text(Array(value.utf8))]))))
        }
    }

    static let rows: [AnnotationRow] = [
        AnnotationRow(
            SettingRow(
                .haproxy("request-set-header"), .own("request-set-header"), form: .fieldLines, fallback: "",
                "Sets fields of requests: a name and a value in each line."
            ) { $0.fields.asked = $1 },
            phase: .proxying, risk: .medium, differs: plainOnly),
        AnnotationRow(
            SettingRow(
                .haproxy("response-set-header"), .own("response-set-header"), form: .fieldLines, fallback: "",
                "The same of servers' answers."
            ) { $0.fields.answered = $1 },
            phase: .answer, risk: .medium, differs: plainOnly),
    ]

    private static let plainOnly =
        "values are texts: one with `%` leaves the Ingress out, and so does a field that tells how a message is sent"

    /// The rules about requests.
    var request: [HTTPRule] { asked.map(\.rule) }

    /// The rules about answers.
    var response: [HTTPRule] { answered.map(\.rule) }
}

extension SettingForm where Value == [FieldRules.Line] {
    /// A field in each line.
    static var fieldLines: SettingForm {
        SettingForm(type: "lines", expectation: "a name and a value in each line, without %") { text, _ in
            let lines = text.split { $0.isNewline }.map { SettingText.trimmed(String($0)) }.filter {
                !$0.isEmpty
            }
            let found = lines.compactMap { line -> FieldRules.Line? in
                let name = String(line.prefix { !$0.isWhitespace })
                let value = SettingText.trimmed(String(line.dropFirst(name.count)))
                guard let name = SettingForm<String>.fieldName.read(name),
                    !SettingText.framingFields.contains(name.lowercased()),
                    let value = SettingForm<String>.line("").read(unquoted(value)), !value.contains("%")
                else { return nil }
                return FieldRules.Line(name: name.lowercased(), value: value)
            }
            return found.isEmpty || found.count != lines.count || found.count > 64 ? nil : found
        }
    }

    private static func unquoted(_ text: String) -> String {
        text.count > 2 && text.hasPrefix("\"") && text.hasSuffix("\"")
            ? String(text.dropFirst().dropLast()) : text
    }
}
