import Kubernetes
import Model

/// Says of single objects what of them is kept: a pure function of the tables.
enum MigrationJudge {
    /// Every annotation of an Ingress under a prefix that is read here.
    static func findings(of ingress: Ingress) -> [MigrationFinding] {
        let reading = AnnotationReading(ingress)
        let told = Dictionary(grouping: reading.diagnostics, by: \.field)
        var findings: [MigrationFinding] = []
        for (key, value) in ingress.meta.annotations.sorted(by: { $0.key < $1.key }) {
            guard let name = AnnotationPrefix.name(of: key), value.contains(where: { !$0.isWhitespace })
            else { continue }
            findings.append(
                judge(key, name, value, told["metadata.annotations[\(key)]"] ?? []))
        }
        return findings
    }

    private static func judge(
        _ key: String, _ name: SettingName, _ value: String, _ told: [Diagnostic]
    ) -> MigrationFinding {
        guard let place = AnnotationTable.place(of: name) else {
            let nearest = AnnotationTable.nearest(to: name).map { AnnotationPrefix.key(of: $0) }
            return MigrationFinding(
                key, .unknown, "there is no such annotation", advice: nearest.map { "perhaps \($0)" })
        }
        let row = AnnotationTable.rows[place]
        let advice = AnnotationTable.advice(on: name, saying: value)
        switch row.standing {
        case .refused(let why, _) where row.isNeedless:
            return MigrationFinding(key, .needless, why, advice: advice)
        case .refused(let why, let outcome):
            return MigrationFinding(key, .refused, "\(why)\(words(outcome))", advice: advice)
        case .honoured, .differs:
            return judge(key, row, told)
        }
    }

    private static func judge(_ key: String, _ row: AnnotationRow, _ told: [Diagnostic]) -> MigrationFinding {
        if let finding = told.first {
            let verdict: MigrationFinding.Verdict =
                switch finding.reason {
                case "AnnotationInvalid": .invalid
                case "AnnotationTwice": .needless
                default: .refused
                }
            return MigrationFinding(key, verdict, finding.message)
        }
        if case .differs(let how) = row.standing { return MigrationFinding(key, .differs, how) }
        return MigrationFinding(key, .honoured)
    }

    private static func words(_ outcome: AnnotationRow.Failure) -> String {
        switch outcome {
        case .fallsBack: ""
        case .refusesPaths: "; the Ingress's paths are answered 503"
        case .leavesIngressOut: "; the Ingress is left out"
        }
    }

    /// Every key of a ConfigMap of settings.
    static func findings(of settings: ConfigMap) -> [MigrationFinding] {
        var read = TrafficSettings()
        let problems = TrafficTable.table.take(settings.data, into: &read) + read.remarks
        let told = Dictionary(grouping: problems, by: \.name)
        return settings.data.keys.sorted().map { key in
            guard let row = TrafficTable.table.row(named: key) else {
                let nearest = TrafficTable.table.nearest(to: key)
                return MigrationFinding(
                    key, .unknown, "there is no such setting", advice: nearest.map { "perhaps \($0)" })
            }
            return judge(key, row, told[key] ?? [])
        }
    }

    private static func judge(
        _ key: String, _ row: SettingRow<TrafficSettings>, _ told: [SettingProblem]
    ) -> MigrationFinding {
        switch row.standing {
        case .needless(let why): return MigrationFinding(key, .needless, why)
        case .refused(let why): return MigrationFinding(key, .refused, why)
        case .honoured, .differs: break
        }
        if let problem = told.first {
            switch problem.kind {
            case .shadowed: return MigrationFinding(key, .needless, problem.message)
            case .unknownVariables: return MigrationFinding(key, .differs, problem.message)
            default: return MigrationFinding(key, .invalid, problem.message)
            }
        }
        if case .differs(let how) = row.standing { return MigrationFinding(key, .differs, how) }
        return MigrationFinding(key, .honoured)
    }

    /// The words that start ingress-nginx; nil if they start something else.
    static func findings(ofCommand words: [String]) -> [MigrationFinding]? {
        guard let arguments = NginxArguments(ofCommand: words) else { return nil }
        return arguments.words.map { word in
            guard let flag = NginxFlagTable.flag(word.name) else {
                return MigrationFinding("--\(word.name)", .unknown, "ingress-nginx has no such flag")
            }
            return MigrationFinding("--\(word.name)", flag.verdict, flag.note)
        }
    }
}

extension AnnotationRow {
    /// Whether nothing gets lost though nothing is done with it: what it was about is not there, here or in ingress-nginx itself.
    var isNeedless: Bool {
        if case .refused(_, .fallsBack) = standing { phase != .access } else { false }
    }
}
