import Model

/// A field that says whose request it is, of proxies that are believed.
struct ClientAddress: Sendable, Equatable {
    var field: String?
    /// Networks of these proxies.
    var trusted: [String] = []
    /// Whether servers are told the client's address.
    var isTold = true

    static let rows: [AnnotationRow] = [
        AnnotationRow(
            SettingRow(
                .haproxy("src-ip-header"), .own("src-ip-header"), form: .fieldName, fallback: "",
                "The field whose last address is the client's: for lists of addresses, limits, servers and the log."
            ) { $0.client.field = $1 },
            phase: .connection, risk: .medium,
            differs:
                "only proxies that the ConfigMap of settings names are believed (`trusted-proxies`, `proxy-real-ip-cidr` with `use-forwarded-headers`)"
        ),
        AnnotationRow(
            SettingRow(
                .haproxy("forwarded-for"), .own("forwarded-for"), form: .bool, fallback: "true",
                "Whether servers are told the client's address, in `X-Forwarded-For` and `X-Real-IP`."
            ) { $0.client.isTold = $1 },
            phase: .proxying,
            differs:
                "the field holds one address, whatever the client has sent; with `false` not even that goes on"
        ),
    ]

    /// Takes it over.
    var first: [HTTPRule] {
        guard let field, !trusted.isEmpty, let peer = try? Expression(.ofClient(.source)),
            let told = try? Expression(.requestField(FieldPick(field)))
        else { return [] }
        let isBelieved = RuleCondition([
            [
                RuleCondition.Term([SampleTest(peer, .address(trusted))]),
                RuleCondition.Term([SampleTest(told, .found)]),
            ]
        ])
        return [HTTPRule(.setSource(told), when: isBelieved)]
    }
}
