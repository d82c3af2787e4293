extension ExternalAuthentication {
    private static let kept =
        "connections to who is asked are always kept and shared, up to 32 idle ones per worker"

    static let rows: [AnnotationRow] =
        [
            AnnotationRow(
                SettingRow(
                    .nginx("auth-url"), .own("auth-url"), form: .question, fallback: "",
                    "Whether a request may go on is what this URL answers: 2xx is yes, 401 and 403 are passed to the client, anything else, or nothing in time, is 500. The question has the request's fields and no body. A host `NAME.NAMESPACE.svc…` is that Service; any other is resolved, and with `$host` the question goes to whoever this controller has for the request's host and the URL's path, if no other annotation keeps requests out of there or changes them."
                ) { $0.external.question = $1 },
                phase: .access, risk: .high, whenInvalid: .refusesPaths,
                differs:
                    "variables may be the whole host or stand behind it; fields such as `X-Forwarded-Host` are passed on from trusted proxies alone; nothing of an answer's body is waited for"
            ),
            AnnotationRow(
                SettingRow(
                    .nginx("auth-method"), .own("auth-method"), form: .questionMethod, fallback: "GET",
                    "The question's method. With it the question also has `X-Original-URI` and `X-Scheme`."
                ) { $0.external.method = $1 },
                phase: .access, whenInvalid: .refusesPaths),
            AnnotationRow(
                SettingRow(
                    .nginx("auth-signin"), .own("auth-signin"), form: .signIn, fallback: "",
                    "Where clients are sent with 302 in place of 401; the URL they came for stands in the parameter `rd`, unless there is one."
                ) { $0.external.signIn = $1 },
                phase: .access, risk: .high, whenInvalid: .refusesPaths),
            AnnotationRow(
                SettingRow(
                    .nginx("auth-signin-redirect-param"), .own("auth-signin-redirect-param"),
                    form: .fieldName,
                    fallback: "rd", "Another name for that parameter."
                ) { $0.external.parameter = $1 },
                phase: .access, risk: .medium, whenInvalid: .refusesPaths),
            AnnotationRow(
                SettingRow(
                    .nginx("auth-response-headers"), .own("auth-response-headers"), form: .takenFields,
                    fallback: "",
                    "Fields of the answer that the request to the server gets, in place of the client's of these names; one that is not in the answer is taken from the request."
                ) { $0.external.taken = $1 },
                phase: .access, risk: .medium, whenInvalid: .refusesPaths),
            AnnotationRow(
                SettingRow(
                    .nginx("auth-request-redirect"), .own("auth-request-redirect"), form: .nginxTemplate,
                    fallback: "$request_uri", "The question's `X-Auth-Request-Redirect`."
                ) { $0.external.told = $1 },
                phase: .access, risk: .medium, whenInvalid: .refusesPaths),
            AnnotationRow(
                SettingRow(
                    .nginx("auth-always-set-cookie"), .own("auth-always-set-cookie"), form: .bool,
                    fallback: "false",
                    "Whether clients get cookies of the answer also when the server answers with an error."
                ) { $0.external.setsCookiesOfErrors = $1 },
                phase: .access, differs: "with 401 and 403 of who was asked they always do"),
            AnnotationRow(
                SettingRow(
                    .nginx("enable-global-auth"), .own("enable-global-auth"), form: .bool, fallback: "true",
                    "Whether `global-auth-url` of the ConfigMap is asked about requests of an Ingress without `auth-url`."
                ) { $0.external.takesGlobal = $1 },
                phase: .access),
            AnnotationRow(
                SettingRow(
                    .nginx("auth-cache-key"), .own("auth-cache-key"), form: .nginxTemplate, fallback: "",
                    "For whom answers are kept, such as `$remote_user$http_authorization` or `$cookie_session`: requests for one path of a host for which it comes out the same are not asked about again for a while. Without it every request is."
                ) { $0.external.cacheKey = $1 },
                phase: .access, risk: .medium, whenInvalid: .fallsBack,
                differs: "each worker keeps its own, up to 4,096 answers and 4 MiB"),
            AnnotationRow(
                SettingRow(
                    .nginx("auth-cache-duration"), .own("auth-cache-duration"), form: .cacheLifetimes,
                    fallback: "200 202 401 5m",
                    "How long, by status. Answers with `Set-Cookie` or `Vary`, or that forbid it by `Cache-Control`, are never kept."
                ) { $0.external.cacheLifetimes = $1 },
                phase: .access, whenInvalid: .refusesPaths,
                differs:
                    "a week at most; `Cache-Control` and `Expires` of the answer only shorten it; answers that are 500 here are never kept"
            ),
            AnnotationRow(
                SettingRow(
                    .nginx("auth-keepalive-share-vars"), .own("auth-keepalive-share-vars"), form: .bool,
                    fallback: "false", "Whether the question has the request's `X-Request-ID`."
                ) { _, _ in },
                phase: .access, whenInvalid: .fallsBack, differs: "it has it with either value"),
        ]
        + ["auth-keepalive", "auth-keepalive-requests", "auth-keepalive-timeout"].map { name in
            AnnotationRow(
                SettingRow(
                    .nginx(name), .own(name), form: .integer(-1_000_000...1_000_000), fallback: "",
                    "Connections to who is asked."
                ) { _, _ in },
                phase: .access, whenInvalid: .fallsBack, differs: kept)
        }
}
