import Kubernetes
import Model

/// The annotations of one Ingress as typed values, and what is wrong with them.
struct AnnotationReading: Equatable {
    private(set) var values = AnnotationValues()
    private(set) var diagnostics: [Diagnostic] = []
    /// What becomes of the Ingress because of that; nil is nothing.
    private(set) var failure: AnnotationRow.Failure?
    private let object: Origin

    /// One annotation under one of our prefixes.
    private struct Entry {
        var place: Int
        /// Where several names say the same, the lowest counts.
        var rank: Int
        var name: SettingName
        var value: String
    }

    /// Reads an Ingress's annotations. Each is judged by itself; an empty one counts as absent.
    init(_ ingress: Ingress) {
        object = Origin(ingress.meta.key)
        var entries: [Entry] = []
        for (key, value) in ingress.meta.annotations {
            guard let name = AnnotationPrefix.name(of: key), value.contains(where: { !$0.isWhitespace })
            else {
                continue
            }
            guard let place = AnnotationTable.place(of: name) else {
                note(unknown: name)
                continue
            }
            entries.append(
                Entry(
                    place: place, rank: AnnotationReading.rank(of: name, in: place), name: name, value: value)
            )
        }
        take(entries.sorted { ($0.place, $0.rank) < ($1.place, $1.rank) })
        diagnostics.sort { ($0.field, $0.reason) < ($1.field, $1.reason) }
    }

    /// Whether there is anything to read at all.
    static func isNeeded(for ingress: Ingress) -> Bool {
        ingress.meta.annotations.keys.contains { AnnotationPrefix.name(of: $0) != nil }
    }

    /// Ours count before ingress-nginx's, and these before the HAProxy controllers'.
    private static func rank(of name: SettingName, in place: Int) -> Int {
        let names = AnnotationTable.rows[place].setting.names
        let dialect = SettingName.Dialect.allCases.firstIndex(of: name.dialect) ?? 0
        return dialect * names.count + (names.firstIndex(of: name) ?? 0)
    }

    private mutating func take(_ entries: [Entry]) {
        var last: Entry?
        for entry in entries {
            let row = AnnotationTable.rows[entry.place]
            switch row.standing {
            case .honoured, .differs:
                if let last, last.place == entry.place {
                    note(
                        SettingProblem(entry.name.text, .shadowed(by: AnnotationPrefix.key(of: last.name))),
                        entry)
                } else if let problem = row.setting.take(entry.value, as: entry.name, into: &values) {
                    note(problem, entry, row.whenInvalid)
                } else {
                    last = entry
                }
            case .refused(let why, let outcome): note(refused: entry, because: why, outcome)
            case .pending(let outcome): note(pending: entry, outcome)
            }
        }
    }

    /// Takes over what holds for all; true if it does here.
    mutating func takeGlobal(_ external: ExternalAuthentication) -> Bool {
        guard external.isOn, !values.external.isOn, values.external.takesGlobal else { return false }
        values.external = external
        return true
    }

    /// The same of single values, each where the Ingress does not say it.
    mutating func take(_ basis: IngressPlan.Basis) {
        values.limits.pace = values.limits.pace.over(basis.pace)
        values.access = values.access.over(basis.access)
        values.body.limit = values.body.limit ?? basis.maxBodySize
        values.redirects.httpsStatus = values.redirects.httpsStatus ?? basis.redirection.status
    }

    /// Takes over what holds for all that do not say it themselves.
    mutating func take(_ usual: TrafficSettings.UsualIngress) {
        values.client.trusted = usual.trusted
        values.redirects.toHTTPS = values.redirects.toHTTPS ?? usual.isSentToHTTPS
        (values.limits.rateStatus, values.limits.connectionStatus) = (
            usual.rateStatus, usual.connectionStatus
        )
    }

    /// Takes over fields that ConfigMaps hold: of every answer, and of the questions of `auth-url`.
    mutating func take(answered: FieldMap, asked: FieldMap) {
        (values.answered, values.external.added) = (answered, asked)
    }

    // MARK: - What is wrong

    private mutating func note(unknown name: SettingName) {
        let hint = AnnotationTable.nearest(to: name).map { "; did you mean \($0)?" } ?? ""
        add(.warning, name, "AnnotationUnknown", "there is no such annotation\(hint)")
    }

    private mutating func note(
        _ problem: SettingProblem, _ entry: Entry, _ outcome: AnnotationRow.Failure = .fallsBack
    ) {
        guard case .notOfForm(let value, let expected, _) = problem.kind else {
            return add(.warning, entry.name, "AnnotationTwice", problem.message)
        }
        fail(outcome)
        add(
            outcome == .fallsBack ? .warning : .error, entry.name, "AnnotationInvalid",
            "\"\(AnnotationReading.excerpt(value))\" is not \(expected); \(AnnotationReading.words(outcome))")
    }

    private mutating func note(refused entry: Entry, because why: String, _ outcome: AnnotationRow.Failure) {
        fail(outcome)
        add(
            outcome == .fallsBack ? .warning : .error, entry.name, "AnnotationRefused",
            "\(why)\(AnnotationReading.firstLine(of: entry.value)); \(AnnotationReading.words(outcome))")
    }

    /// Where a text of several lines begins to say something.
    private static func firstLine(of value: String) -> String {
        let lines = value.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count > 1, let place = lines.firstIndex(where: { $0.contains { !$0.isWhitespace } })
        else {
            return ""
        }
        return ", and line \(place + 1) is \"\(excerpt(SettingText.trimmed(String(lines[place]))))\""
    }

    private mutating func note(pending entry: Entry, _ outcome: AnnotationRow.Failure) {
        fail(outcome)
        add(
            outcome == .fallsBack ? .warning : .error, entry.name, "AnnotationNotHonoured",
            "it is not honoured yet; \(AnnotationReading.words(outcome))")
    }

    /// For what families find out beyond single values.
    mutating func refusePaths(because message: String, of name: SettingName, reason: String) {
        fail(.refusesPaths)
        add(.error, name, reason, "\(message); \(AnnotationReading.words(.refusesPaths))")
    }

    /// The same.
    mutating func refusePaths(because flaw: AnnotationFlaw) {
        refusePaths(because: flaw.message, of: flaw.annotation, reason: flaw.reason)
    }

    /// What closes hosts elsewhere.
    mutating func refuseHosts(because flaw: AnnotationFlaw) {
        add(.error, flaw.annotation, flaw.reason, "\(flaw.message); its hosts are answered 403")
    }

    private mutating func add(
        _ severity: Diagnostic.Severity, _ name: SettingName, _ reason: String, _ message: String
    ) {
        diagnostics.append(
            Diagnostic(
                severity, kind: Ingress.resource.kind, object: object,
                field: "metadata.annotations[\(AnnotationPrefix.key(of: name))]", reason: reason,
                message: message))
    }

    /// The worst counts.
    private mutating func fail(_ outcome: AnnotationRow.Failure) {
        switch outcome {
        case .fallsBack: break
        case .refusesPaths: failure = failure ?? .refusesPaths
        case .leavesIngressOut: failure = .leavesIngressOut
        }
    }

    private static func words(_ outcome: AnnotationRow.Failure) -> String {
        switch outcome {
        case .leavesIngressOut: "the Ingress is left out until it is right"
        case .refusesPaths: "the Ingress's paths are answered 503"
        case .fallsBack: "it is ignored"
        }
    }

    private static func excerpt(_ value: String) -> String {
        let line = value.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : Character($0) }
        return line.count <= 80 ? String(line) : "\(String(line.prefix(77)))..."
    }
}
