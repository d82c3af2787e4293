import Model

/// What servers speak.
struct BackendProtocol: Sendable, Equatable {
    var spoken: Spoken?

    enum Spoken: Sendable, Equatable {
        case http
        case https
        case grpc
        case grpcs
        case fastCGI
        /// What the client has spoken: HTTP or HTTPS. There are two pools then.
        case asClient
    }

    static let rows: [AnnotationRow] = [
        AnnotationRow(
            SettingRow(
                .nginx("backend-protocol"), .own("backend-protocol"),
                form: .word([
                    "HTTP": .http, "HTTPS": .https, "GRPC": .grpc, "GRPCS": .grpcs,
                    "FCGI": .fastCGI,
                    "AUTO_HTTP": .asClient,
                ]), fallback: "HTTP, or what `appProtocol` says",
                "What servers speak. HTTPS and GRPCS neither verify nor tell a name; AUTO_HTTP is HTTP or HTTPS, as the client has it."
            ) { $0.spoken.spoken = $1 },
            scope: .backend, phase: .proxying, whenInvalid: .fallsBack,
            differs:
                "FCGI servers are also told the fields that others are (`X-Forwarded-*`, those of rules and of who was asked), and a body without a length is waited for, up to 16 KiB: a longer one is answered 411"
        ),
        AnnotationRow(
            SettingRow(
                .haproxy("server-ssl"), form: .bool, fallback: "false", "Speaks TLS to servers."
            ) { $0.spoken.spoken = $1 ? .https : $0.spoken.spoken },
            scope: .backend, phase: .proxying, whenInvalid: .refusesPaths),
        AnnotationRow(
            SettingRow(
                .haproxy("server-proto"), form: .word(["h2": BackendProtocol.Spoken.grpc, "h1": .http]),
                fallback: "h1", "`h2` speaks HTTP/2 to servers."
            ) { values, spoken in
                let isTLS = values.spoken.spoken == .https
                values.spoken.spoken = spoken == .grpc ? (isTLS ? .grpcs : .grpc) : values.spoken.spoken
            },
            scope: .backend, phase: .proxying, whenInvalid: .refusesPaths),
    ]

    func apply(to backend: inout Backend) {
        switch spoken {
        case .https: secure(&backend, .negotiated)
        case .grpcs: secure(&backend, .http2)
        case .grpc: for i in backend.servers.indices { backend.servers[i].speaks = .http2 }
        case .http, .asClient:
            for i in backend.servers.indices {
                (backend.servers[i].speaks, backend.servers[i].tls) = (.negotiated, nil)
            }
        case .fastCGI:
            for i in backend.servers.indices {
                (backend.servers[i].speaks, backend.servers[i].tls) = (.fastCGI, nil)
            }
        case nil: break
        }
    }

    private func secure(_ backend: inout Backend, _ spoken: ServerProtocol) {
        for i in backend.servers.indices {
            backend.servers[i].speaks = spoken
            backend.servers[i].tls = backend.servers[i].tls ?? ServerTLS()
        }
    }
}
