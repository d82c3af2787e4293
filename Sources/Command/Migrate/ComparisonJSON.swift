import Admin
import Controller

/// The report of `sluice migrate --compare` for programs.
enum ComparisonJSON {
    static func document(_ report: ComparisonReport, _ first: ProxyAddress, _ second: ProxyAddress)
        -> JSONValue
    {
        .members([
            "alike": .bool(report.different == 0),
            "a": .string(first.description),
            "b": .string(second.description),
            "requests": .count(report.requests),
            "different": .count(report.different),
            "groups": .array(report.groups.map(group)),
            "passedOver": .object(
                Samples.Reason.allCases.map {
                    JSONValue.Member($0.rawValue, .count(report.passedOver[$0] ?? 0))
                }),
        ])
    }

    private static func group(_ group: ComparisonReport.Group) -> JSONValue {
        .members([
            "host": .string(group.name.host),
            "path": .string(group.name.path),
            "requests": .count(group.requests),
            "different": .array(group.different.map(result)),
            "restless": .array(group.restless.map(result)),
        ])
    }

    private static func result(_ result: ComparisonReport.Result) -> JSONValue {
        .members([
            "method": .string(result.request.method),
            "host": .string(result.request.host),
            "target": .string(result.request.target),
            "differences": .array(
                result.differences.map { one in
                    .members([
                        "aspect": .string(one.aspect), "a": .string(one.first), "b": .string(one.second),
                    ])
                }),
        ])
    }
}
