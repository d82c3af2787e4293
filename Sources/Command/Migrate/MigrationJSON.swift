import Admin
import Controller
import Model

/// The report of `sluice migrate` for programs.
enum MigrationJSON {
    static func document(_ report: MigrationReport) -> JSONValue {
        .members([
            "kept": .bool(report.isClean),
            "ingresses": .count(report.ingresses),
            "ofOtherControllers": .count(report.strangers),
            "objects": .array(report.objects.map(object)),
            "summary": .array(report.totals.map(total)),
            "problems": .array(report.problems.map { .string("\($0)") }),
        ])
    }

    private static func object(_ object: MigrationReport.Object) -> JSONValue {
        .members([
            "kind": .string(object.kind),
            "namespace": .string(object.origin.namespace),
            "name": .string(object.origin.name),
            "file": .optional(object.place?.file),
            "line": object.place.map { .count($0.line) } ?? .null,
            "verdict": .string(object.verdict.rawValue),
            "findings": .array(object.findings.map(finding)),
        ])
    }

    private static func finding(_ finding: MigrationFinding) -> JSONValue {
        .members([
            "name": .string(finding.name),
            "verdict": .string(finding.verdict.rawValue),
            "note": .string(finding.note),
            "advice": .optional(finding.advice),
        ])
    }

    private static func total(_ total: MigrationReport.Total) -> JSONValue {
        .members([
            "name": .string(total.name),
            "verdict": .string(total.verdict.rawValue),
            "objects": .count(total.count),
            "note": .string(total.note),
        ])
    }
}
