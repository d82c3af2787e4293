/// `log` and what goes with it: read, and not done yet.
enum LoggingDirectives {
    private static let why = "the access log is written as --access-log says"

    static let table = [
        Directive.ignored("log", why), .ignored("log-format", why), .ignored("log-format-sd", why),
        .ignored("error-log-format", why), .ignored("log-tag", why), .ignored("log-steps", why),
    ]

    static let options = [
        ProxyOption.ignored("httplog", canBeNegated: false, why),
        .ignored("tcplog", canBeNegated: false, why), .ignored("httpslog", canBeNegated: false, why),
        .ignored("dontlognull", why), .ignored("dontlog-normal", why), .ignored("logasap", why),
        .ignored("log-separate-errors", why), .ignored("log-health-checks", why),
    ]
}
