extension AnnotationTable {
    /// The HAProxy controllers' annotations that nothing is done with.
    static let ofHAProxy: [AnnotationRow] =
        needless.map { AnnotationRow(haproxy: $0.name, .refused($0.why, .fallsBack)) }
        + haproxySnippets.map {
            AnnotationRow(
                haproxy: $0,
                .refused(
                    "it holds text of HAProxy's configuration, which is never read from annotations",
                    .refusesPaths))
        }

    /// Those that have nothing to do here.
    private static let needless: [(name: String, why: String)] = [
        ("ingress.class", "`ingressClassName` or `kubernetes.io/ingress.class` says the class"),
        ("standalone-backend", "an Ingress whose annotations are about servers has backends of its own"),
        ("scale-server-slots", "pools have no slots"),
        ("servers-increment", "pools have no slots"),
        ("server-slots", "pools have no slots"),
        ("cookie-persistence-no-dynamic", "values of cookies are made of servers' addresses"),
        (
            "request-capture",
            "what a line of the log holds says `log-format-upstream`, in nginx's words: `$http_NAME`"
        ),
        ("request-capture-len", "a value in a line of the log has 4,096 bytes at most"),
        ("abortonclose", "requests of clients that are gone are always given up"),
    ]

    private static let haproxySnippets = ["backend-config-snippet", "cr-backend", "route-acl"]
}
