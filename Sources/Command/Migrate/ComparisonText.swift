import Controller

/// The report of `sluice migrate --compare` for a terminal.
struct ComparisonText {
    private let report: ComparisonReport
    private let proxies: (ProxyAddress, ProxyAddress)

    init(_ report: ComparisonReport, _ first: ProxyAddress, _ second: ProxyAddress) {
        self.report = report
        proxies = (first, second)
    }

    var text: String {
        var lines: [String] = []
        for group in report.groups where !group.different.isEmpty {
            lines.append(
                "\(group.name.host) \(group.name.path): \(group.different.count) of \(group.requests) differ")
            for result in group.different { lines += ComparisonText.lines(of: result) }
        }
        if !lines.isEmpty { lines.append("") }
        for group in report.groups {
            for result in group.restless {
                let aspects = result.differences.map(\.aspect).joined(separator: ", ")
                lines.append(
                    "\(ComparisonText.request(result.request)): not counted, changes from answer to answer: \(aspects)"
                )
            }
        }
        lines += ["A is \(proxies.0), B is \(proxies.1)"]
        lines += report.notes
        lines.append(
            report.different == 0
                ? "\(asked) answered alike." : "\(asked), \(report.different) not answered alike.")
        return lines.joined(separator: "\n") + "\n"
    }

    private var asked: String { "\(report.requests) \(report.requests == 1 ? "request" : "requests")" }

    private static func lines(of result: ComparisonReport.Result) -> [String] {
        ["  \(request(result.request))"]
            + result.differences.map { "    \($0.aspect)\n      A: \($0.first)\n      B: \($0.second)" }
    }

    private static func request(_ request: SampleRequest) -> String {
        "\(request.method) \(request.host)\(request.target)"
    }
}

extension ComparisonReport {
    /// What was not asked, a line each.
    var notes: [String] {
        Samples.Reason.allCases.compactMap { reason in
            passedOver[reason].map { "\($0) \($0 == 1 ? "line" : "lines") passed over: \(reason.words)" }
        }
    }
}

extension Samples.Reason {
    /// As reports say it.
    fileprivate var words: String {
        switch self {
        case .unsafe: "of a method that may change something (--unsafe-methods asks them too)"
        case .hostless: "no host in them, and not one Ingress alone that could be meant"
        case .unreadable: "no request in them that can be sent"
        case .tooMany: "more than \(Samples.limit) different requests"
        }
    }
}
