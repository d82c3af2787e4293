import Kubernetes
import Model

/// The annotations of one Ingress as typed values, and what is wrong with them.
struct AnnotationReading: Equatable {
    private(set) var values = AnnotationValues()
    private(set) var diagnostics: [Diagnostic] = []
    /// What becomes of the Ingress because of that; nil is nothing.
    private(set) var failure: AnnotationRow.Failure?
    private let object: Origin
    private let choices: ReadingChoices

    /// One annotation under one of our prefixes.
    private struct Entry {
        var place: Int
        /// Where several names say the same, the lowest counts.
        var rank: Int
        var name: SettingName
        var value: String
    }

    /// Reads an Ingress's annotations. Each is judged by itself; an empty one counts as absent.
    init(_ ingress: Ingress, _ choices: ReadingChoices = ReadingChoices()) {
        object = Origin(ingress.meta.key)
        self.choices = choices
        var entries: [Entry] = []
        for (key, value) in ingress.meta.annotations {
            guard let name = choices.prefixes.name(of: key), value.contains(where: { !$0.isWhitespace })
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
    static func isNeeded(for ingress: Ingress, _ choices: ReadingChoices) -> Bool {
        ingress.meta.annotations.keys.contains { choices.prefixes.name(of: $0) != nil }
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
                        SettingProblem(entry.name.text, .shadowed(by: choices.prefixes.key(of: last.name))),
                        entry)
                } else if let problem = row.setting.take(entry.value, as: entry.name, into: &values) {
                    note(problem, entry, outcome(ofValue: row))
                } else {
                    last = entry
                }
            case .refused where choices.translatesSnippets && entry.name.text == "configuration-snippet":
                take(snippet: entry, besides: entries)
            case .refused(let why, let outcome):
                let isSnippet = ["configuration-snippet", "server-snippet"].contains(entry.name.text)
                note(refused: entry, because: why, isSnippet ? self.outcome(ofSnippet: outcome) : outcome)
            }
        }
    }

    private func outcome(ofSnippet usual: AnnotationRow.Failure) -> AnnotationRow.Failure {
        choices.relaxed.contains(.snippets) ? .fallsBack : usual
    }

    /// What keeps clients out, or makes sure of servers, is never let go.
    private func outcome(ofValue row: AnnotationRow) -> AnnotationRow.Failure {
        let isGuard = row.phase == .access || row.phase == .connection || row.verifiesServers
        return choices.relaxed.contains(.values) && !isGuard ? .fallsBack : row.whenInvalid
    }

    /// Takes a snippet over, if all of it is known and nothing else says the same.
    private mutating func take(snippet entry: Entry, besides others: [Entry]) {
        let before = values
        do throws(SnippetFlaw) {
            let snippet = try SnippetReader.read(entry.value)
            for setting in snippet.settings { try take(setting, besides: others) }
            if !snippet.access.isEmpty, values.authentication.isEitherEnough || !values.access.isEmpty {
                throw SnippetFlaw(1, "who may come in is said by other annotations too")
            }
            if snippet.rewrite != nil, values.rewrites.target != nil || !values.paths.request.isEmpty {
                throw SnippetFlaw(1, "the path is rewritten by other annotations too")
            }
            values.snippet = snippet
        } catch {
            values = before
            let outcome = outcome(ofSnippet: .refusesPaths)
            fail(outcome)
            add(
                outcome == .fallsBack ? .warning : .error, entry.name, "SnippetNotKnown",
                "\(AnnotationReading.excerpt(error.sentence)); \(AnnotationReading.words(outcome))")
        }
    }

    private mutating func take(_ setting: Snippet.Setting, besides others: [Entry]) throws(SnippetFlaw) {
        let name = SettingName(text: setting.annotation, dialect: .nginx)
        guard let place = AnnotationTable.place(of: name) else {
            throw SnippetFlaw(setting.line, "there is no annotation \(setting.annotation)")
        }
        guard !others.contains(where: { $0.place == place }) else {
            throw SnippetFlaw(setting.line, "\(setting.annotation) says the same")
        }
        if let problem = AnnotationTable.rows[place].setting.take(setting.value, as: name, into: &values) {
            throw SnippetFlaw(setting.line, problem.message)
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
        values.traces = values.traces.over(basis.traces)
        values.redirects.httpsStatus = values.redirects.httpsStatus ?? basis.redirection.status
    }

    /// Takes over what holds for all that do not say it themselves.
    mutating func take(_ usual: TrafficSettings.UsualIngress) {
        values.client.trusted = usual.trusted
        values.access.believesProxies = !usual.trusted.isEmpty
        values.snippet.believesProxies = !usual.trusted.isEmpty
        values.redirects.toHTTPS = values.redirects.toHTTPS ?? usual.isSentToHTTPS
        (values.limits.rateStatus, values.limits.connectionStatus) = (
            usual.rateStatus, usual.connectionStatus
        )
    }

    /// Takes over fields of every answer that a ConfigMap holds.
    mutating func take(answered: FieldMap) { values.answered = answered }

    /// The same of the questions of `auth-url`.
    mutating func take(asked: FieldMap) { values.external.added = asked }

    // MARK: - What is wrong

    private mutating func note(unknown name: SettingName) {
        let nearest = AnnotationTable.nearest(to: name)
        let hint = nearest.map { "; did you mean \(choices.prefixes.key(of: $0))?" } ?? ""
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

    /// For what families find out beyond single values.
    mutating func refusePaths(because message: String, of name: SettingName, reason: String) {
        fail(.refusesPaths)
        add(.error, name, reason, "\(message); \(AnnotationReading.words(.refusesPaths))")
    }

    /// The same.
    mutating func refusePaths(because flaw: AnnotationFlaw) {
        refusePaths(because: flaw.message, of: flaw.annotation, reason: flaw.reason)
    }

    /// What is wrong with fields that answers were to have.
    mutating func refuseFields(because flaw: AnnotationFlaw) {
        guard choices.relaxed.contains(.fields) else { return refusePaths(because: flaw) }
        add(.warning, flaw.annotation, flaw.reason, "\(flaw.message); \(AnnotationReading.words(.fallsBack))")
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
                field: "metadata.annotations[\(choices.prefixes.key(of: name))]", reason: reason,
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
