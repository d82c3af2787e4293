import Model

/// Asking servers how they are, beside what the cluster says of their pods.
struct HealthChecks: Sendable, Equatable {
    /// nil asks nobody.
    var kind: Kind?
    /// Nobody is asked, whatever else is said.
    var isOff = false
    var path = "/"
    var host: String?
    /// The gRPC service that is asked about; empty is the whole server.
    var service = ""
    var port: Int?
    /// In milliseconds.
    var interval: Int?
    var timeout: Int?
    var rise: Int?
    var fall: Int?

    enum Kind: Sendable, Equatable {
        case tcp
        case http
        case grpc
        /// By HTTP, with this request.
        case request(HTTPProbe)
    }

    /// In the words of the HAProxy controllers, any of which asks the servers.
    static let ofHAProxy: [AnnotationRow] = [
        AnnotationRow(
            SettingRow(
                .haproxy("check"), form: .bool, fallback: "false",
                "Whether servers are asked how they are, by a connection at least."
            ) { if $1 { $0.health.ask() } else { $0.health.isOff = true } },
            scope: .backend, phase: .proxying,
            differs: "without any annotation about checks the cluster alone says which pods are ready"),
        AnnotationRow(
            SettingRow(
                .haproxy("check-http"), form: .httpProbe, fallback: "",
                "What they are asked: a path, a method and a path, or these and a version."
            ) { $0.health.kind = .request($1) },
            scope: .backend, phase: .proxying),
        AnnotationRow(
            SettingRow(
                .haproxy("check-interval"), form: .duration(1...day), fallback: "2s",
                "From one check to the next."
            ) {
                $0.health.interval = $1
                $0.health.ask()
            },
            scope: .backend, phase: .proxying),
        AnnotationRow(
            SettingRow(
                .haproxy("timeout-check"), form: .duration(1...day), fallback: "check-interval",
                "How long the answer may take once the connection stands."
            ) {
                $0.health.timeout = $1
                $0.health.ask()
            },
            scope: .backend, phase: .proxying),
    ]

    private static let day = 86_400_000

    /// By a connection, unless more was said.
    private mutating func ask() { kind = kind ?? .tcp }

    static let rows: [AnnotationRow] =
        [
            row(
                "health-check", form: .word(["off": nil, "tcp": .tcp, "http": .http, "grpc": .grpc]),
                fallback: "off",
                "How the servers are asked: by a connection, by HTTP (GET, which must be answered 200 to 399), or by gRPC's health service. One that fails gets nothing until it answers again."
            ) { $0.health.kind = $1 },
            row(
                "health-check-path", form: .target, fallback: "/",
                "The path that HTTP asks for."
            ) { $0.health.path = $1 },
            row(
                "health-check-host", form: .line("a host name", atMost: 120), fallback: "localhost",
                "The host that HTTP and gRPC ask for."
            ) { $0.health.host = $1 },
            row(
                "health-check-service", form: .line("the name of a gRPC service", atMost: 120),
                fallback: "the whole server", "The service that gRPC asks about."
            ) { $0.health.service = $1 },
            row(
                "health-check-port", form: .integer(1...65_535), fallback: "the server's own",
                "The port that is asked."
            ) { $0.health.port = $1 },
        ] + pace

    private static let pace: [AnnotationRow] = [
        row(
            "health-check-interval", form: .duration(100...SettingText.week), fallback: "2s",
            "From one check to the next."
        ) { $0.health.interval = $1 },
        row(
            "health-check-timeout", form: .duration(1...SettingText.week), fallback: "the interval",
            "How long the answer may take, once the connection stands."
        ) { $0.health.timeout = $1 },
        row(
            "health-check-rise", form: .integer(1...1_000), fallback: "2",
            "So many good checks bring a server back."
        ) { $0.health.rise = $1 },
        row(
            "health-check-fall", form: .integer(1...1_000), fallback: "3",
            "So many bad checks take it out."
        ) { $0.health.fall = $1 },
    ]

    private static func row<Value: Sendable>(
        _ name: String, form: SettingForm<Value>, fallback: String, _ sentence: String,
        _ apply: @escaping @Sendable (inout AnnotationValues, Value) -> Void
    ) -> AnnotationRow {
        AnnotationRow(
            SettingRow(.own(name), form: form, fallback: fallback, sentence) { apply(&$0, $1) },
            scope: .backend, phase: .proxying, whenInvalid: .fallsBack)
    }

    /// Whether servers are asked at all.
    var isOn: Bool { kind != nil && !isOff }

    func apply(to backend: inout Backend) {
        guard let kind, !isOff else { return }
        var check = ServerCheck(probe(kind))
        if let port { check.port = UInt16(port) }
        if let interval { check.interval = interval }
        check.timeout = timeout
        if let rise { check.rise = rise }
        if let fall { check.fall = fall }
        for i in backend.servers.indices { backend.servers[i].check = check }
    }

    private func probe(_ kind: Kind) -> HealthProbe {
        switch kind {
        case .tcp: return .connect
        case .request(let probe): return .http(probe)
        case .grpc: return .grpc(GRPCProbe(service: service, authority: host ?? "localhost"))
        case .http:
            var probe = HTTPProbe(method: "GET", uri: path, version: "HTTP/1.1")
            probe.fields = [HTTPProbe.Field("Host", host ?? "localhost")]
            return .http(probe)
        }
    }
}

extension SettingForm where Value == String {
    /// A path, with a query or without, that can stand in a request line; its first slash may be left out.
    static var target: SettingForm {
        SettingForm(type: "path", expectation: "a path without blanks") { text, _ in
            let target = text.hasPrefix("/") ? text : "/\(text)"
            return isTarget(target) ? target : nil
        }
    }

    fileprivate static func isTarget(_ text: String) -> Bool {
        text.utf8.count <= 1_024 && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
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
            guard uri.hasPrefix("/"), SettingForm<String>.isTarget(uri) else { return nil }
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
