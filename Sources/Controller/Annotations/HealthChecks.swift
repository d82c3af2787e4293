import Model

/// Asking servers how they are, beside what the cluster says of their pods.
struct HealthChecks: Sendable, Equatable {
    var kind: Kind?
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

    enum Kind: Sendable {
        case tcp
        case http
        case grpc
    }

    static let rows: [AnnotationRow] =
        [
            row(
                "health-check", form: .word(["off": nil, "tcp": .tcp, "http": .http, "grpc": .grpc]),
                fallback: "off",
                "How the servers are asked: by a connection, by HTTP (GET, which must be answered 200 to 399), or by gRPC's health service. One that fails gets nothing until it answers again."
            ) { $0.health.kind = $1 },
            row(
                "health-check-path", form: .line("a path", atMost: 1_000), fallback: "/",
                "The path that HTTP asks for."
            ) { $0.health.path = $1.hasPrefix("/") ? $1 : "/\($1)" },
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

    func apply(to backend: inout Backend) {
        guard let kind else { return }
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
        case .grpc: return .grpc(GRPCProbe(service: service, authority: host ?? "localhost"))
        case .http:
            var probe = HTTPProbe(method: "GET", uri: path, version: "HTTP/1.1")
            probe.fields = [HTTPProbe.Field("Host", host ?? "localhost")]
            return .http(probe)
        }
    }
}
