import Model

/// Whether servers are asked how they are, in the words of the HAProxy controllers.
struct ServerChecks: Sendable, Equatable {
    /// nil is if anything else is said of checks.
    var isOn: Bool?
    var probe: HTTPProbe?
    /// In milliseconds, as is the other.
    var interval: Int?
    var timeout: Int?

    private static let most = 86_400_000

    static let rows: [AnnotationRow] = [
        AnnotationRow(
            SettingRow(
                .haproxy("check"), form: .bool, fallback: "false",
                "Whether servers are asked how they are, by a connection at least."
            ) { $0.checks.isOn = $1 },
            scope: .backend, phase: .proxying,
            differs: "without any annotation about checks the cluster alone says which pods are ready"),
        AnnotationRow(
            SettingRow(
                .haproxy("check-http"), form: .httpProbe, fallback: "",
                "What they are asked: a path, a method and a path, or these and a version."
            ) { $0.checks.probe = $1 },
            scope: .backend, phase: .proxying),
        AnnotationRow(
            SettingRow(
                .haproxy("check-interval"), form: .duration(1...most), fallback: "2s",
                "From one check to the next."
            ) { $0.checks.interval = $1 },
            scope: .backend, phase: .proxying),
        AnnotationRow(
            SettingRow(
                .haproxy("timeout-check"), form: .duration(1...most), fallback: "check-interval",
                "How long the answer may take once the connection stands."
            ) { $0.checks.timeout = $1 },
            scope: .backend, phase: .proxying),
    ]

    func apply(to backend: inout Backend) {
        guard isOn ?? (self != ServerChecks()) else { return }
        var check = ServerCheck(probe.map { .http($0) } ?? .connect)
        if let interval { check.interval = interval }
        check.timeout = timeout
        for i in backend.servers.indices { backend.servers[i].check = check }
    }
}

extension SettingForm where Value == HTTPProbe {
    /// `uri`, `METHOD uri` or `METHOD uri VERSION`.
    static var httpProbe: SettingForm {
        SettingForm(
            type: "request", expectation: "a path, a method and a path, or these and HTTP/1.0 or HTTP/1.1"
        ) {
            text, _ in
            let words = text.split { $0.isWhitespace }.map(String.init)
            guard (1...3).contains(words.count) else { return nil }
            let uri = words.count == 1 ? words[0] : words[1]
            let isPlain = uri.utf8.count <= 1_024 && uri.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
            guard uri.hasPrefix("/"), isPlain else { return nil }
            var probe = HTTPProbe(uri: uri)
            if words.count > 1 {
                guard let method = SettingForm<String>.fieldName.read(words[0]) else { return nil }
                probe.method = method.uppercased()
            }
            if words.count > 2 {
                guard ["HTTP/1.0", "HTTP/1.1"].contains(words[2]) else { return nil }
                probe.version = words[2]
                if words[2] == "HTTP/1.1" { probe.fields = [HTTPProbe.Field("Host", "localhost")] }
            }
            return probe
        }
    }
}
