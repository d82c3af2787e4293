/// Keys of the ConfigMap that have somebody asked about requests.
extension TrafficTable {
    private static let shut: @Sendable (inout TrafficSettings) -> Void = { $0.allowed = [nobody] }

    static let authentication: [Row] = [
        Row(
            .own("global-auth-url"), .nginx("global-auth-url"), form: .question, fallback: "nobody",
            "As the annotation `auth-url`, for every path of an Ingress without one, but for `enable-global-auth: \"false\"`. One that can not be used lets nobody in, nor does a bad value of the keys that follow.",
            whenBad: shut
        ) { $0.authentication.question = $1 },
        Row(
            .own("global-auth-method"), .nginx("global-auth-method"), form: .questionMethod, fallback: "GET",
            "As `auth-method`.", whenBad: shut
        ) { $0.authentication.method = $1 },
        Row(
            .own("global-auth-signin"), .nginx("global-auth-signin"), form: .signIn, fallback: "nowhere",
            "As `auth-signin`.", whenBad: shut
        ) { $0.authentication.signIn = $1 },
        Row(
            .own("global-auth-signin-redirect-param"), .nginx("global-auth-signin-redirect-param"),
            form: .fieldName, fallback: "rd", "As `auth-signin-redirect-param`.", whenBad: shut
        ) { $0.authentication.parameter = $1 },
        Row(
            .own("global-auth-response-headers"), .nginx("global-auth-response-headers"), form: .takenFields,
            fallback: "none", "As `auth-response-headers`.", whenBad: shut
        ) { $0.authentication.taken = $1 },
        Row(
            .own("global-auth-request-redirect"), .nginx("global-auth-request-redirect"),
            form: .nginxTemplate, fallback: "$request_uri", "As `auth-request-redirect`.", whenBad: shut
        ) { $0.authentication.told = $1 },
        Row(
            .own("global-auth-always-set-cookie"), .nginx("global-auth-always-set-cookie"), form: .bool,
            fallback: "false", "As `auth-always-set-cookie`."
        ) { $0.authentication.setsCookiesOfErrors = $1 },
        Row(
            .own("global-auth-cache-key"), .nginx("global-auth-cache-key"), form: .nginxTemplate,
            fallback: "nothing is kept", "As `auth-cache-key`."
        ) { $0.authentication.cacheKey = $1 },
        Row(
            .own("global-auth-cache-duration"), .nginx("global-auth-cache-duration"), form: .cacheLifetimes,
            fallback: "200 202 401 5m", "As `auth-cache-duration`.", whenBad: shut
        ) { $0.authentication.cacheLifetimes = $1 },
        Row(
            .own("global-auth-proxy-set-headers"), form: .object, fallback: "none",
            "As `auth-proxy-set-headers`, `namespace/name`; without the ConfigMap the question goes without its fields."
        ) { $0.authentication.source = $1 },
        Row(
            .own("no-auth-locations"), .nginx("no-auth-locations"),
            form: SettingForm<String>.pathPrefix.list(of: "paths"), fallback: "/.well-known/acme-challenge",
            "Prefixes of Ingresses' paths whose clients are asked for no password, and nobody is asked about."
        ) { $0.openPaths = $1 },
    ]
}
