import Controller
import Model

/// The report of `sluice migrate` for a terminal.
struct MigrationText {
    private let report: MigrationReport

    init(_ report: MigrationReport) { self.report = report }

    var text: String {
        var lines: [String] = []
        for object in report.objects {
            let place = object.place.map { "  \($0.file):\($0.line)" } ?? ""
            lines.append("\(object.kind) \(object.origin.namespace)/\(object.origin.name)\(place)")
            for finding in object.findings {
                lines.append(
                    "  \(MigrationText.padded(finding.verdict.word))  \(finding.name)\(MigrationText.end(finding))"
                )
            }
        }
        if !report.objects.isEmpty { lines.append("") }
        for problem in report.problems { lines.append("\(problem)") }
        lines += summary
        return lines.joined(separator: "\n") + "\n"
    }

    private static func end(_ finding: MigrationFinding) -> String {
        (finding.note.isEmpty ? "" : ": \(finding.note)") + (finding.advice.map { " (\($0))" } ?? "")
    }

    private static func padded(_ text: String) -> String {
        text + String(repeating: " ", count: max(0, 11 - text.count))
    }

    private var summary: [String] {
        var lines = ["\(report.ingresses) Ingresses" + others]
        for verdict in MigrationFinding.Verdict.allCases.reversed() {
            let totals = report.totals.filter { $0.verdict == verdict }
            guard !totals.isEmpty else { continue }
            lines.append("\(verdict.word):")
            lines += totals.map { "  \($0.count) x \($0.name)" }
        }
        lines.append(report.isClean ? "All of it is kept." : "Not all of it is kept.")
        return lines
    }

    private var others: String {
        report.strangers == 0 ? "" : "; \(report.strangers) of other controllers were passed over"
    }
}

extension MigrationFinding.Verdict {
    /// As reports say it.
    var word: String {
        switch self {
        case .needless: "not needed"
        case .pending: "not yet"
        default: rawValue
        }
    }
}
