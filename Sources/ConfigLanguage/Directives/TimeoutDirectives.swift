import Model

/// `timeout …`.
enum TimeoutDirectives {
    static let table = [
        Directive("timeout client") { line, proxy throws(Refusal) in
            proxy.frontend.timeouts.client = try line.time()
        },
        Directive("timeout client-fin") { line, proxy throws(Refusal) in
            let time = try line.time()
            proxy.frontend.timeouts.clientFin = time
            proxy.frontend.timeouts.halfClosed = time
        },
        Directive("timeout http-request") { line, proxy throws(Refusal) in
            proxy.times.request = try line.time()
        },
        Directive("timeout http-keep-alive") { line, proxy throws(Refusal) in
            proxy.times.keepAlive = try line.time()
        },
        Directive("timeout connect") { line, proxy throws(Refusal) in
            proxy.backend.timeouts.connect = try line.time()
        },
        Directive("timeout server") { line, proxy throws(Refusal) in
            proxy.backend.timeouts.server = try line.time()
        },
        Directive("timeout server-fin") { line, proxy throws(Refusal) in
            proxy.backend.timeouts.halfClosed = try line.time()
        },
        Directive("timeout queue") { line, proxy throws(Refusal) in proxy.times.queue = try line.time() },
        Directive("timeout tunnel") { line, proxy throws(Refusal) in proxy.times.tunnel = try line.time() },
        Directive("timeout tarpit") { line, proxy throws(Refusal) in proxy.times.tarpit = try line.time() },
        checked("timeout client-hs", "'timeout client' counts for handshakes too"),
    ]

    /// A time that is read, so that a wrong one is found, and means nothing here.
    private static func checked(_ name: String, _ why: String) -> Directive {
        Directive(name) { line, _ throws(Refusal) in
            _ = try line.time()
            line.ignore(name, why)
        }
    }
}
