extension AnnotationTable {
    /// The HAProxy controllers' annotations that are not honoured so far.
    static let ofHAProxy: [AnnotationRow] =
        names.map { AnnotationRow(haproxy: $0, .pending(.fallsBack)) }
        + guarding.map { AnnotationRow(haproxy: $0, .pending(.refusesPaths)) }
        + haproxySnippets.map {
            AnnotationRow(
                haproxy: $0,
                .refused(
                    "it holds text of HAProxy's configuration, which is never read from annotations",
                    .refusesPaths))
        }

    private static let names = [
        "ingress.class", "path-rewrite", "request-redirect", "request-redirect-code", "ssl-redirect-port",
        "standalone-backend",
        "rate-limit-requests", "rate-limit-period", "rate-limit-size", "rate-limit-status-code",
        "rate-limit-whitelist", "cors-enable", "cors-allow-origin", "cors-allow-methods",
        "cors-allow-headers",
        "cors-allow-credentials", "cors-max-age", "cors-respond-to-options", "src-ip-header",
        "check", "check-http", "check-interval", "timeout-check", "send-proxy-protocol",
        "pod-maxconn", "scale-server-slots", "forwarded-for", "abortonclose",
    ]

    /// Without them requests would come in that must not, or go where they are not understood.
    private static let guarding = [
        "route-acl", "ssl-passthrough", "server-ca", "server-crt",
    ]

    private static let haproxySnippets = ["backend-config-snippet", "cr-backend"]
}
