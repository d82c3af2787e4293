extension AnnotationTable {
    /// The HAProxy controllers' annotations that are not honoured so far.
    static let ofHAProxy: [AnnotationRow] =
        names.map { AnnotationRow(haproxy: $0, .pending(.fallsBack)) }
        + needless.map { AnnotationRow(haproxy: $0.name, .refused($0.why, .fallsBack)) }
        + guarding.map { AnnotationRow(haproxy: $0, .pending(.refusesPaths)) }
        + haproxySnippets.map {
            AnnotationRow(
                haproxy: $0,
                .refused(
                    "it holds text of HAProxy's configuration, which is never read from annotations",
                    .refusesPaths))
        }

    private static let names = [
        "src-ip-header", "forwarded-for", "abortonclose",
    ]

    /// Those that have nothing to do here.
    private static let needless: [(name: String, why: String)] = [
        ("ingress.class", "`ingressClassName` or `kubernetes.io/ingress.class` says the class"),
        ("standalone-backend", "an Ingress whose annotations are about servers has backends of its own"),
        ("scale-server-slots", "pools have no slots"),
    ]

    /// Without them requests would come in that must not, or go where they are not understood.
    private static let guarding = [
        "server-ca", "server-crt",
    ]

    private static let haproxySnippets = ["backend-config-snippet", "cr-backend", "route-acl"]
}
