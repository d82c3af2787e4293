import Model

/// How messages pass between clients and servers: buffers and connections, where ingress-nginx has words for them.
struct ServerConnections: Sendable, Equatable {
    /// Every request has a connection to its server that ends with it.
    var areSingle = false
    /// Bodies are waited for before a server is asked, as far as they fit.
    var waitsForBodies = false
    /// What connections to servers begin with.
    var header: SentProxyHeader?
    /// Requests of each server at a time; 0 is no limit.
    var mostPerServer = 0

    private static let streamed =
        "messages pass through buffers of the engine's own, and are never written to disk"

    static let rows: [AnnotationRow] =
        [
            AnnotationRow(
                SettingRow(
                    .nginx("proxy-request-buffering"), .own("proxy-request-buffering"), form: .onOff,
                    fallback: "off",
                    "Whether a request's body is waited for before a server is asked."
                ) { $0.connections.waitsForBodies = $1 },
                scope: .backend, phase: .proxying, whenInvalid: .fallsBack,
                differs:
                    "without it bodies are streamed (ingress-nginx: on); with `on` what fits a buffer of 36 KiB is waited for, and no more"
            ),
            AnnotationRow(
                SettingRow(
                    .nginx("proxy-buffering"), .own("proxy-buffering"), form: .onOff, fallback: "off",
                    "Whether a server's answer is read as fast as it comes."
                ) { _, _ in },
                scope: .backend, phase: .proxying, whenInvalid: .fallsBack,
                differs:
                    "answers are streamed with either value: a client that reads slowly holds its server back"
            ),
            AnnotationRow(
                SettingRow(
                    .nginx("proxy-buffer-size"), .own("proxy-buffer-size"), form: .size(), fallback: "32k",
                    "How long the head of a server's answer may be; longer ones are answered 502."
                ) { _, _ in },
                scope: .backend, phase: .proxying, whenInvalid: .fallsBack,
                differs: "it is 32 KiB whatever is said (ingress-nginx: 4k without it)"),
            AnnotationRow(
                SettingRow(
                    .nginx("proxy-http-version"), .own("proxy-http-version"),
                    form: .word(["1.0": true, "1.1": false]), fallback: "1.1",
                    "The version of HTTP that is spoken to servers."
                ) { $0.connections.areSingle = $1 || $0.connections.areSingle },
                scope: .backend, phase: .proxying, whenInvalid: .fallsBack,
                differs:
                    "`1.0` gives every request a connection of its own; HTTP/1.1 is spoken on it, or what `backend-protocol` says"
            ),
            AnnotationRow(
                SettingRow(
                    .nginx("connection-proxy-header"), .own("connection-proxy-header"),
                    form: .word(["close": true, "keep-alive": false]), fallback: "keep-alive",
                    "Whether connections to servers are used again."
                ) { $0.connections.areSingle = $1 || $0.connections.areSingle },
                scope: .backend, phase: .proxying, whenInvalid: .fallsBack,
                differs:
                    "the field itself is not sent: with `close` connections end with their answers; WebSockets go on with either"
            ),
        ]
        + [
            AnnotationRow(
                SettingRow(
                    .haproxy("send-proxy-protocol"),
                    form: .word([
                        "proxy": SentProxyHeader.text, "proxy-v1": .text, "proxy-v2": .binary([]),
                        "proxy-v2-ssl": .binary(.tls), "proxy-v2-ssl-cn": .binary(.commonName),
                    ]), fallback: "", "The PROXY header that connections to servers begin with."
                ) { $0.connections.header = $1 },
                scope: .backend, phase: .proxying, whenInvalid: .refusesPaths),
            AnnotationRow(
                SettingRow(
                    .haproxy("pod-maxconn"), form: .integer(0...1_000_000), fallback: "no limit",
                    "The most requests of a pod at a time; others wait."
                ) { $0.connections.mostPerServer = $1 },
                scope: .backend, phase: .proxying,
                differs: "each replica of this controller counts its own"),
        ]
        + [
            AnnotationRow(
                SettingRow(
                    .nginx("http2-push-preload"), .own("http2-push-preload"), form: .bool, fallback: "false",
                    "Whether what `Link` fields name is pushed to clients."
                ) { _, _ in },
                phase: .answer, whenInvalid: .fallsBack,
                differs:
                    "nothing is pushed with either value, as by ingress-nginx today: browsers do not take it")
        ]
        + [
            ("proxy-buffers-number", "4"), ("proxy-busy-buffers-size", ""),
            ("proxy-max-temp-file-size", "1024m"),
        ]
        .map { name, fallback in
            AnnotationRow(
                SettingRow(
                    .nginx(name), .own(name), form: .line("a number or a size"), fallback: fallback,
                    "How much of an answer is held for a slow client."
                ) { _, _ in },
                scope: .backend, phase: .proxying, whenInvalid: .fallsBack, differs: streamed)
        }

    func apply(to backend: inout Backend) {
        if waitsForBodies { backend.buffersRequests = true }
        for i in backend.servers.indices {
            if let header { backend.servers[i].sentProxyHeader = header }
            if mostPerServer > 0 { backend.servers[i].maxConnections = mostPerServer }
        }
        guard areSingle else { return }
        (backend.reuse, backend.maxIdlePerServer) = (.never, 0)
    }
}
