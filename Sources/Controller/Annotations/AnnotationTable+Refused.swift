/// What others know and nothing is done with here, and why. Whoever was guarded by such an annotation stays guarded: the
/// paths are answered 503.
extension AnnotationTable {
    static let refused: [AnnotationRow] = [
        "enable-modsecurity", "enable-owasp-core-rules", "modsecurity-transaction-id",
        "modsecurity-snippet",
    ].map {
        AnnotationRow(
            $0, .refused("there is no web application firewall here", .fallsBack), phase: .access,
            "there is no web application firewall here")
    }

    /// Text of nginx's configuration is never run. What it guarded is not known: nobody comes in.
    static let snippets: [AnnotationRow] = [
        "configuration-snippet", "server-snippet", "stream-snippet", "auth-snippet",
    ].map {
        AnnotationRow(
            $0, .refused("it holds text of nginx's configuration, which is never run", .refusesPaths),
            scope: $0 == "server-snippet" ? .host : .path, phase: .redirect, risk: .critical,
            $0 == "configuration-snippet"
                ? "text of nginx's configuration is never run; with `--translate-snippets` lines that are known become rules"
                : "text of nginx's configuration is never run")
    }

    /// What ingress-nginx itself has dropped.
    static let removed: [AnnotationRow] = [
        "global-rate-limit", "global-rate-limit-window", "global-rate-limit-key",
        "global-rate-limit-ignored-cidrs",
        "session-cookie-hash", "enable-opentracing", "opentracing-trust-incoming-span", "enable-influxdb",
        "influxdb-measurement", "influxdb-port", "influxdb-host", "influxdb-server-name", "secure-backends",
        "secure-verify-ca-secret",
    ].map {
        AnnotationRow(
            $0, .refused("ingress-nginx has dropped it", .fallsBack), "ingress-nginx has dropped it")
    }
}
