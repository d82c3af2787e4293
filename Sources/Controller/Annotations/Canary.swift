import Model

/// Giving some requests for another Ingress's path to this one's Service.
///
/// ```
///   canary-by-header (value, pattern, or always and never) ─► canary-by-cookie ─► canary-weight
/// ```
struct Canary: Sendable, Equatable {
    var isOn = false
    var header: String?
    var headerValue: String?
    var headerPattern: String?
    var cookie: String?
    /// So many requests of `total`.
    var weight = 0
    var total = 100

    private static let many = 0...Int(Int32.max)

    static let rows: [AnnotationRow] = [
        AnnotationRow(
            SettingRow(
                .nginx("canary"), .own("canary"), form: .bool, fallback: "false",
                "Gives some requests for the host, path and type that another Ingress has to this one's Service. Everything else is as the other Ingress says; without another it is not served."
            ) { $0.canary.isOn = $1 },
            scope: .backend, phase: .proxying,
            differs:
                "the other Ingress has to be of the same namespace; its `load-balance`, `upstream-hash-by` and affinity hold for the canary too"
        ),
        AnnotationRow(
            SettingRow(
                .nginx("canary-by-header"), .own("canary-by-header"), form: SettingForm<String>.fieldName,
                fallback: "", "Requests with `always` in this field are given, those with `never` are not."
            ) { $0.canary.header = $1 },
            scope: .backend, phase: .proxying, risk: .medium),
        AnnotationRow(
            SettingRow(
                .nginx("canary-by-header-value"), .own("canary-by-header-value"),
                form: .line("a text without control characters"), fallback: "",
                "Requests with exactly this in the field are given; `always` and `never` mean nothing then."
            ) { $0.canary.headerValue = $1 },
            scope: .backend, phase: .proxying, risk: .medium),
        AnnotationRow(
            SettingRow(
                .nginx("canary-by-header-pattern"), .own("canary-by-header-pattern"),
                form: .line("a regular expression"), fallback: "",
                "The same with a regular expression that matches anywhere."
            ) { $0.canary.headerPattern = $1 },
            scope: .backend, phase: .proxying, risk: .medium,
            differs: "what is no expression matches nothing, and cookie and weight decide"),
        AnnotationRow(
            SettingRow(
                .nginx("canary-by-cookie"), .own("canary-by-cookie"), form: SettingForm<String>.fieldName,
                fallback: "", "The same as `canary-by-header` with the value of a cookie."
            ) { $0.canary.cookie = $1 },
            scope: .backend, phase: .proxying, risk: .medium),
        AnnotationRow(
            SettingRow(
                .nginx("canary-weight"), .own("canary-weight"), form: .integer(many), fallback: "0",
                "So many of `canary-weight-total` requests are given, by chance."
            ) { $0.canary.weight = $1 },
            scope: .backend, phase: .proxying),
        AnnotationRow(
            SettingRow(
                .nginx("canary-weight-total"), .own("canary-weight-total"), form: .integer(many),
                fallback: "100", "What `canary-weight` is a part of; less than 100 is 100."
            ) { $0.canary.total = max(100, $1) },
            scope: .backend, phase: .proxying),
    ]

    /// Which requests of a route to `main` go to `canary`; the first rule that applies decides.
    func rules(from main: BackendName, to canary: BackendName) -> [BackendRule] {
        byHeader(main, canary) + byCookie(main, canary) + byWeight(canary)
    }

    private func byHeader(_ main: BackendName, _ canary: BackendName) -> [BackendRule] {
        guard let header,
            let field = try? Expression(.requestField(FieldPick(header.lowercased(), isWhole: true)))
        else { return [] }
        if let headerValue { return [Canary.rule(canary, field, Canary.text(headerValue))] }
        if let headerPattern {
            return [Canary.rule(canary, field, .regex([headerPattern], ignoresCase: false))]
        }
        return Canary.alwaysOrNever(field, main, canary)
    }

    private func byCookie(_ main: BackendName, _ canary: BackendName) -> [BackendRule] {
        guard let cookie, let value = try? Expression(.cookie(cookie, as: .string)) else { return [] }
        return Canary.alwaysOrNever(value, main, canary)
    }

    private func byWeight(_ canary: BackendName) -> [BackendRule] {
        guard weight > 0 else { return [] }
        guard weight < total, let number = try? Expression(.random(range: UInt32(clamping: total))) else {
            return [BackendRule(canary)]
        }
        return [Canary.rule(canary, number, .number([0...Int64(weight - 1)]))]
    }

    private static func alwaysOrNever(_ value: Expression, _ main: BackendName, _ canary: BackendName)
        -> [BackendRule]
    {
        [rule(canary, value, text("always")), rule(main, value, text("never"))]
    }

    private static func text(_ text: String) -> Matching {
        .text(.exact, [Array(text.utf8)], ignoresCase: false)
    }

    private static func rule(_ backend: BackendName, _ value: Expression, _ matching: Matching) -> BackendRule
    {
        BackendRule(
            backend, when: RuleCondition([[RuleCondition.Term([SampleTest(value, matching)])]]))
    }
}
