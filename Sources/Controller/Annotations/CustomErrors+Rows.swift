extension CustomErrors {
    static let rows: [AnnotationRow] = [
        AnnotationRow(
            SettingRow(
                .nginx("default-backend"), .own("default-backend"), form: SettingForm<String>.sibling,
                fallback: "the default backend of the flags",
                "The Service, by its first port, that gets requests where the path's own has no servers, and that writes the answers of `custom-http-errors`. It is told `X-Code`, `X-Format`, `X-Original-URI`, `X-Namespace`, `X-Ingress-Name`, `X-Service-Name` and `X-Service-Port`."
            ) { $0.errors.service = $1 },
            phase: .answer),
        AnnotationRow(
            SettingRow(
                .nginx("custom-http-errors"), .own("custom-http-errors"), form: .errorStatuses,
                fallback: "the ConfigMap's",
                "Answers with these statuses, of servers and of this proxy, are thrown away: `default-backend` is asked for `/` with the request's method, and what it answers is passed on. Where it does not answer, the status stays."
            ) { $0.errors.statuses = $1 },
            phase: .answer,
            differs:
                "that request has no body; without a default backend answers stay as they are (ingress-nginx: 404); a 401 of ours stays, with what it asks for"
        ),
        AnnotationRow(
            SettingRow(
                .nginx("disable-proxy-intercept-errors"), .own("disable-proxy-intercept-errors"), form: .bool,
                fallback: "false", "Leaves servers' answers as they are, with `custom-http-errors`."
            ) { $0.errors.leavesServersAnswers = $1 },
            phase: .answer),
    ]
}
