extension AnnotationTable {
    /// The HAProxy controllers' annotations that are not honoured so far.
    static let ofHAProxy: [AnnotationRow] =
        names.map { AnnotationRow(haproxy: $0, .pending(.fallsBack)) }
        + needless.map { AnnotationRow(haproxy: $0.name, .refused($0.why, .fallsBack)) }
        + haproxySnippets.map {
            AnnotationRow(
                haproxy: $0,
                .refused(
                    "it holds text of HAProxy's configuration, which is never read from annotations",
                    .refusesPaths))
        }

    private static let names = [
        "forwarded-for"
    ]

    /// Those that have nothing to do here.
    private static let needless: [(name: String, why: String)] = [
        ("ingress.class", "`ingressClassName` or `kubernetes.io/ingress.class` says the class"),
        ("standalone-backend", "an Ingress whose annotations are about servers has backends of its own"),
        ("scale-server-slots", "pools have no slots"),
        ("abortonclose", "requests of clients that are gone are always given up"),
    ]

    private static let haproxySnippets = ["backend-config-snippet", "cr-backend", "route-acl"]
}
