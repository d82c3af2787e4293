/// TLS that is passed to servers as it comes, without being read.
struct Passthrough: Sendable, Equatable {
    var isOn = false

    static let rows: [AnnotationRow] = [
        AnnotationRow(
            SettingRow(
                .nginx("ssl-passthrough"), .own("ssl-passthrough"), .haproxy("ssl-passthrough"), form: .bool,
                fallback: "false",
                "Passes TLS connections that name the host to the servers of its path `/`, which have the certificate. Of them nothing else is asked that annotations say: no limit, no list, no authentication. Requests without TLS are served as ever."
            ) { $0.passthrough.isOn = $1 },
            scope: .host, phase: .connection,
            differs:
                "no flag has to allow it; connections go to the Service's pods, not to its address; names that stand for the host by `server-alias` are not passed through"
        )
    ]
}
