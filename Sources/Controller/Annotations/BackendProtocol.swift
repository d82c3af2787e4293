import Model

/// What servers speak.
struct BackendProtocol: Sendable, Equatable {
    var spoken: Spoken?

    enum Spoken: Sendable, Equatable {
        case http
        case https
        case grpc
        case grpcs
        /// Known, and spoken to nobody here.
        case other(String)
    }

    static let rows: [AnnotationRow] = [
        AnnotationRow(
            SettingRow(
                .nginx("backend-protocol"), .own("backend-protocol"),
                form: .word([
                    "HTTP": .http, "HTTPS": .https, "GRPC": .grpc, "GRPCS": .grpcs,
                    "AUTO_HTTP": .other("AUTO_HTTP"), "FCGI": .other("FCGI"),
                ]), fallback: "HTTP, or what `appProtocol` says",
                "What servers speak. HTTPS and GRPCS neither verify nor tell a name."
            ) { $0.spoken.spoken = $1 },
            scope: .backend, phase: .proxying, whenInvalid: .fallsBack,
            differs: "AUTO_HTTP and FCGI are not spoken: paths are closed"),
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

    /// Why servers can not be spoken to; nil if they can.
    var flaw: String? {
        guard case .other(let name) = spoken else { return nil }
        return "\(name) is not spoken here"
    }

    func apply(to backend: inout Backend) {
        switch spoken {
        case .https: secure(&backend, .negotiated)
        case .grpcs: secure(&backend, .http2)
        case .grpc: for i in backend.servers.indices { backend.servers[i].speaks = .http2 }
        case .http:
            for i in backend.servers.indices {
                (backend.servers[i].speaks, backend.servers[i].tls) = (.negotiated, nil)
            }
        case nil, .other: break
        }
    }

    private func secure(_ backend: inout Backend, _ spoken: ServerProtocol) {
        for i in backend.servers.indices {
            backend.servers[i].speaks = spoken
            backend.servers[i].tls = backend.servers[i].tls ?? ServerTLS()
        }
    }
}
