import Model

/// What becomes of requests' paths, in the words of the HAProxy controllers.
struct PathChanges: Sendable, Equatable {
    var lines: [Line] = []

    /// One change: what matches becomes this.
    struct Line: Sendable, Equatable {
        /// nil is the whole path.
        var pattern: String?
        /// `\1` to `\9` are groups of the pattern.
        var replacement: String
    }

    static let rows: [AnnotationRow] = [
        AnnotationRow(
            SettingRow(
                .haproxy("path-rewrite"), form: .pathChanges, fallback: "",
                "The whole path becomes this one; of two words in a line the first is a regular expression, and what matches becomes the second, in which `\\1` to `\\9` are its groups. Lines are followed in order. The query stays."
            ) { $0.paths.lines = $1 },
            phase: .proxying, risk: .medium,
            differs:
                "texts with `%` leave the Ingress out; to an expression that is none requests are answered 500"
        )
    ]

    /// The rules about requests.
    var request: [HTTPRule] {
        lines.map { line in
            let format = FormatString([.text(Array(line.replacement.utf8))])
            guard let pattern = line.pattern else { return HTTPRule(.change(.setTarget(.path, format))) }
            return HTTPRule(.change(.replaceTarget(.path, pattern: pattern, format)))
        }
    }
}

extension SettingForm where Value == [PathChanges.Line] {
    /// A path, or an expression and what takes its place, in each line.
    static var pathChanges: SettingForm {
        SettingForm(
            type: "lines", expectation: "a path, or an expression and a path, in each line, without %"
        ) {
            text, _ in
            let lines = text.split { $0.isNewline }.map { $0.split { $0.isWhitespace }.map(String.init) }
                .filter { !$0.isEmpty }
            let found = lines.compactMap { words -> PathChanges.Line? in
                let isPlain = words.allSatisfy { word in
                    word.utf8.count <= 1_024 && word.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x25 }
                }
                guard isPlain, let last = words.last else { return nil }
                switch words.count {
                case 1 where last.hasPrefix("/"): return PathChanges.Line(pattern: nil, replacement: last)
                case 2: return PathChanges.Line(pattern: words[0], replacement: last)
                default: return nil
                }
            }
            return found.isEmpty || found.count != lines.count || found.count > 64 ? nil : found
        }
    }
}
