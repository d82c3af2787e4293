import Model

/// What pages of other sites may ask for: CORS.
struct CrossOrigin: Sendable, Equatable {
    var isOn = false
    /// Empty is everybody.
    var origins: [String] = []
    var methods = "GET, PUT, POST, DELETE, PATCH, OPTIONS"
    var headers =
        "DNT,Keep-Alive,User-Agent,X-Requested-With,If-Modified-Since,Cache-Control,Content-Type,Range,Authorization"
    var exposed: String?
    var allowsCredentials = true
    var maxAge = 1_728_000
    /// Whether preflights are answered here.
    var answersPreflights = true
    /// Whose origins match this are allowed, in place of `origins`.
    var pattern: String?
    /// Whether answers of ours tell it too.
    var coversOurs = true

    static let rows: [AnnotationRow] =
        [
            AnnotationRow(
                SettingRow(
                    .nginx("enable-cors"), .own("enable-cors"), form: .bool, fallback: "false",
                    "Tells browsers what pages of allowed origins may do, and answers their preflights with 204 before anything is asked for."
                ) { $0.crossOrigin.isOn = $1 },
                phase: .redirect),
            AnnotationRow(
                SettingRow(
                    .nginx("cors-allow-origin"), .own("cors-allow-origin"), form: .origins, fallback: "`*`",
                    "Who is allowed: `*`, or origins such as `https://a.example:8443`, `https://*.example` (one label) and `null`."
                ) { values, origins in
                    values.crossOrigin.origins = origins
                    values.crossOrigin.pattern = CrossOrigin.pattern(of: origins)
                },
                phase: .redirect, risk: .medium,
                differs:
                    "they are compared as a whole (ingress-nginx: their end); a list without any origin leaves the Ingress out"
            ),
            AnnotationRow(
                SettingRow(
                    .nginx("cors-allow-methods"), .own("cors-allow-methods"), form: .words,
                    fallback: "`GET, PUT, POST, DELETE, PATCH, OPTIONS`", "Told as it is."
                ) { $0.crossOrigin.methods = $1 },
                phase: .answer, risk: .medium, whenInvalid: .fallsBack),
            AnnotationRow(
                SettingRow(
                    .nginx("cors-allow-headers"), .own("cors-allow-headers"), form: .words,
                    fallback: "`DNT,Keep-Alive,User-Agent,…,Authorization`", "Told as it is."
                ) { $0.crossOrigin.headers = $1 },
                phase: .answer, risk: .medium, whenInvalid: .fallsBack),
            AnnotationRow(
                SettingRow(
                    .nginx("cors-expose-headers"), .own("cors-expose-headers"), form: .words, fallback: "",
                    "Told as it is; without it nothing is."
                ) { $0.crossOrigin.exposed = $1 },
                phase: .answer, risk: .medium, whenInvalid: .fallsBack),
            AnnotationRow(
                SettingRow(
                    .nginx("cors-allow-credentials"), .own("cors-allow-credentials"), form: .bool,
                    fallback: "true", "Whether credentials may be sent."
                ) { $0.crossOrigin.allowsCredentials = $1 },
                phase: .answer),
            AnnotationRow(
                SettingRow(
                    .nginx("cors-max-age"), .own("cors-max-age"), form: .integer(0...Int(Int32.max)),
                    fallback: "1728000", "How long a preflight counts, in seconds."
                ) { $0.crossOrigin.maxAge = $1 },
                phase: .answer),
        ]
        + ofHAProxy

    /// The HAProxy controllers' words: the first of them brings their defaults.
    private static let ofHAProxy: [AnnotationRow] = [
        AnnotationRow(
            SettingRow(
                .haproxy("cors-enable"), form: .bool, fallback: "false",
                "Tells browsers what pages of allowed origins may do."
            ) { values, isOn in
                values.crossOrigin = CrossOrigin()
                values.crossOrigin.isOn = isOn
                (values.crossOrigin.methods, values.crossOrigin.headers) = ("*", "*")
                values.crossOrigin.allowsCredentials = false
                (values.crossOrigin.maxAge, values.crossOrigin.answersPreflights) = (5, false)
                values.crossOrigin.coversOurs = false
            },
            phase: .redirect, differs: "answers of our own (errors) carry no fields of CORS"),
        AnnotationRow(
            SettingRow(
                .haproxy("cors-allow-origin"), form: .originPattern, fallback: "`*`",
                "Who is allowed: `*`, or a regular expression that matches anywhere in the origin."
            ) { $0.crossOrigin.pattern = $1 == "*" ? nil : $1 },
            phase: .redirect, risk: .medium, differs: "what is no expression allows nobody"),
        AnnotationRow(
            SettingRow(
                .haproxy("cors-allow-methods"), form: .words, fallback: "`*`", "Told as it is."
            ) { $0.crossOrigin.methods = $1 },
            phase: .answer, risk: .medium, whenInvalid: .fallsBack),
        AnnotationRow(
            SettingRow(
                .haproxy("cors-allow-headers"), form: .words, fallback: "`*`", "Told as it is."
            ) { $0.crossOrigin.headers = $1 },
            phase: .answer, risk: .medium, whenInvalid: .fallsBack),
        AnnotationRow(
            SettingRow(
                .haproxy("cors-allow-credentials"), form: .bool, fallback: "false",
                "Whether credentials may be sent."
            ) { $0.crossOrigin.allowsCredentials = $1 },
            phase: .answer),
        AnnotationRow(
            SettingRow(
                .haproxy("cors-max-age"), form: .duration(), fallback: "5s", "How long a preflight counts."
            ) { $0.crossOrigin.maxAge = $1 / 1_000 },
            phase: .answer),
        AnnotationRow(
            SettingRow(
                .haproxy("cors-respond-to-options"), form: .bool, fallback: "false",
                "Whether preflights of allowed origins are answered here, with 204."
            ) { $0.crossOrigin.answersPreflights = $1 },
            phase: .redirect),
    ]

    private static let allowed = Variable(.transaction, "annotation.cors")
    private static let origin = try? Expression(.requestField(FieldPick("origin", isWhole: true)))

    /// Answers preflights of allowed origins, and remembers who asks.
    var first: [HTTPRule] {
        guard isOn, let method = try? Expression(.ofRequest(.method)), let origin = CrossOrigin.origin else {
            return []
        }
        let options = RuleCondition.Term([
            SampleTest(method, .text(.exact, [Array("OPTIONS".utf8)], ignoresCase: false))
        ])
        if isForEverybody { return answersPreflights ? [preflight("*", when: [options])] : [] }
        let matching: Matching =
            pattern.map { .regex([$0], ignoresCase: !origins.isEmpty) }
            ?? .text(.exact, origins.map { Array($0.utf8) }, ignoresCase: true)
        let isAllowed = RuleCondition.Term([SampleTest(origin, matching)])
        let remember = HTTPRule(
            .variable(.set(CrossOrigin.allowed, [], origin)), when: RuleCondition([[isAllowed]]))
        guard answersPreflights else { return [remember] }
        if pattern != nil { return [preflight(of: origin, when: [options, isAllowed]), remember] }
        return origins.map { name in
            let term = RuleCondition.Term([
                SampleTest(origin, .text(.exact, [Array(name.utf8)], ignoresCase: true))
            ])
            return preflight(name, when: [options, term])
        } + [remember]
    }

    private var isForEverybody: Bool { origins.isEmpty && pattern == nil }

    private func preflight(of origin: Expression, when terms: [RuleCondition.Term]) -> HTTPRule {
        let fields = fields("").map { field in
            ComposedPage.Field(
                field.name,
                FormatString([
                    field.value.isEmpty ? .sample(origin, .encoded) : .text(Array(field.value.utf8))
                ]))
        }
        let page = ComposedPage(
            status: 204, contentType: "text/plain charset=UTF-8", fields: fields, body: FormatString([]))
        return HTTPRule(.answer(.composed(page)), when: RuleCondition([terms]))
    }

    private func preflight(_ origin: String, when terms: [RuleCondition.Term]) -> HTTPRule {
        var page = ErrorPage(status: 204, contentType: "text/plain charset=UTF-8", body: [])
        page.fields += fields(origin).map { ErrorPage.Field($0.name, $0.value) }
        return HTTPRule(.answer(.own(page, loggedAs: 204)), when: RuleCondition([terms]))
    }

    /// An expression for origins of which some have a `*.`; nil if none has.
    private static func pattern(of origins: [String]) -> String? {
        guard origins.contains(where: { $0.contains("*") }) else { return nil }
        let each = origins.map { origin in
            origin.map { character in
                switch character {
                case "*": "[a-z0-9-]+"
                case _ where character.isLetter || character.isNumber: String(character)
                default: "\\\(character)"
                }
            }.joined()
        }
        return "^(\(each.joined(separator: "|")))$"
    }

    /// Tells in servers' answers.
    var response: [HTTPRule] { coversOurs ? [] : told }

    /// Tells in all answers.
    var after: [HTTPRule] { coversOurs ? told : [] }

    private var told: [HTTPRule] {
        guard isOn else { return [] }
        guard !isForEverybody else {
            return fields("*").map { CrossOrigin.set($0.name, .text(Array($0.value.utf8)), nil) }
        }
        guard let who = try? Expression(.variable(CrossOrigin.allowed, else: nil)) else { return [] }
        let condition = RuleCondition([[RuleCondition.Term([SampleTest(who, .found)])]])
        return fields("").map { field in
            CrossOrigin.set(
                field.name, field.value.isEmpty ? .sample(who, .encoded) : .text(Array(field.value.utf8)),
                condition)
        }
    }

    private static func set(_ name: String, _ part: FormatString.Part, _ condition: RuleCondition?)
        -> HTTPRule
    {
        HTTPRule(.change(.setField(name, FormatString([part]))), when: condition)
    }

    private func fields(_ origin: String) -> [(name: String, value: String)] {
        var fields: [(name: String, value: String)] = [("Access-Control-Allow-Origin", origin)]
        if allowsCredentials { fields.append(("Access-Control-Allow-Credentials", "true")) }
        fields.append(("Access-Control-Allow-Methods", methods))
        fields.append(("Access-Control-Allow-Headers", headers))
        if let exposed { fields.append(("Access-Control-Expose-Headers", exposed)) }
        fields.append(("Access-Control-Max-Age", "\(maxAge)"))
        return fields
    }
}

extension SettingForm where Value == [String] {
    /// Origins; everybody is the empty list.
    static var origins: SettingForm {
        SettingForm(type: "list of origins", expectation: "* or origins such as https://a.example:8443") {
            text, _ in
            let items = text.split { $0 == "," || $0.isWhitespace }.map(String.init)
            if items.first == "*" { return [] }
            // Others are skipped, unless there are lines: what was to be a field is no origin that somebody got wrong.
            let good = items.filter { item in
                item == "null"
                    || item.contains("://") && SettingForm<String>.location.read(item) != nil
                        && isNameOrLabel(item)
            }
            let isLine = text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
            return good.isEmpty || items.count > 64 || good.count < items.count && !isLine ? nil : good
        }
    }

    /// Whether a `*`, if there is one, stands for the first label of the host.
    private static func isNameOrLabel(_ origin: String) -> Bool {
        let parts = origin.split(separator: "*", omittingEmptySubsequences: false)
        return parts.count == 1
            || parts.count == 2 && parts[0].hasSuffix("://") && parts[1].hasPrefix(".") && parts[1].count > 1
    }
}

extension SettingForm where Value == String {
    /// `*`, or an expression about origins.
    static var originPattern: SettingForm {
        SettingForm(type: "expression", expectation: "* or a regular expression about origins") { text, _ in
            let isPlain = text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
            return !text.isEmpty && text.utf8.count <= 1_024 && isPlain ? text : nil
        }
    }

    /// Words with commas and blanks between them.
    static var words: SettingForm {
        SettingForm(type: "list", expectation: "words with commas between them") { text, _ in
            let isList = text.utf8.allSatisfy { SettingText.isTokenByte($0) || $0 == 0x20 || $0 == 0x2C }
            return !text.isEmpty && text.utf8.count <= 4_096 && isList ? text : nil
        }
    }
}
