import Model

/// What a proxy section is as a whole: `mode`, `default_backend`, `http-reuse`, `maxconn`, `fullconn` and the like.
enum ProxyDirectives {
    static let table = [
        Directive("mode") { line, proxy throws(Refusal) in
            if let word = line.next, ["log", "spop", "haterm", "health"].contains(word.text) {
                throw .unsupported("mode \(word.text)", instead: nil)
            }
            proxy.mode = try line.choice(["http": .http, "tcp": Mode.tcp])
            proxy.saysMode = true
        },
        Directive("default_backend") { line, proxy throws(Refusal) in
            proxy.defaultBackend = try line.take("the name of a backend")
        },
        Directive("http-reuse") { line, proxy throws(Refusal) in
            if line.next?.text == "aggressive" { line.warn("'aggressive' is 'safe' here") }
            proxy.backend.reuse = try line.choice(reuse)
        },
        Directive("disabled") { _, proxy in proxy.isDisabled = true },
        Directive("enabled") { _, proxy in proxy.isDisabled = false },
        Directive("description") { line, proxy throws(Refusal) in
            let words = line.rest.map(\.text)
            guard !words.isEmpty else { throw .missing(expected: "a text") }
            proxy.description = words.joined(separator: " ")
            line.skipRest()
        },
        Directive("id") { line, proxy throws(Refusal) in
            proxy.id = try line.number(in: 1...0x7FFF_FFFF, "a number above 0")
        },
        .ignored("guid", "names tell proxies apart"),
        Directive("maxconn") { line, proxy throws(Refusal) in
            proxy.frontend.maxConnections = try line.number(in: 0...1_000_000_000, "a number of connections")
        },
        Directive("rate-limit sessions") { line, proxy throws(Refusal) in
            proxy.frontend.maxSessionRate = try line.number(
                in: 0...1_000_000_000, "a number of sessions per second")
        },
        .ignored("backlog", "the system's limit counts"),
        Directive("fullconn") { line, proxy throws(Refusal) in
            proxy.backend.fullConnections = try line.number(
                in: 1...1_000_000_000, "a number of connections above 0")
        },
        .ignored("bind-process", "there is one process"),
        .ignored("max-keep-alive-queue", "queues are common to all servers of a backend"),
        .ignored("clitcpka-cnt", "the system's values count"),
        .ignored("clitcpka-idle", "the system's values count"),
        .ignored("clitcpka-intvl", "the system's values count"),
        .ignored("srvtcpka-cnt", "the system's values count"),
        .ignored("srvtcpka-idle", "the system's values count"),
        .ignored("srvtcpka-intvl", "the system's values count"),
    ]

    /// What may stand behind `http-reuse`.
    static let reuse: KeyValuePairs<String, ConnectionReuse> = [
        "never": .never, "safe": .safe, "aggressive": .safe, "always": .always,
    ]

    static let options = [
        ProxyOption("abortonclose") { isOn, _, proxy in proxy.backend.abortsOnClose = isOn },
        ProxyOption("allbackups") { isOn, _, proxy in proxy.backend.usesAllBackups = isOn },
        ProxyOption("persist") { isOn, _, proxy in proxy.backend.persistence.keepsDownServers = isOn },
        ProxyOption("http-server-close") { isOn, _, proxy in proxy.closing = isOn ? .server : .none },
        ProxyOption("http-keep-alive") { isOn, _, proxy in
            if isOn { proxy.closing = .none }
        },
        ProxyOption("http-buffer-request") { isOn, _, proxy in
            proxy.frontend.buffersRequests = isOn
            proxy.backend.buffersRequests = isOn
        },
        ProxyOption("httpclose") { isOn, _, proxy in proxy.closing = isOn ? .both : .none },
        .ignored("tcpka", canBeNegated: false, "the system's values count"),
        .ignored("clitcpka", "the system's values count"),
        .ignored("srvtcpka", "the system's values count"),
        .ignored("splice-auto", "large answers that nothing is done with are spliced anyway"),
        .ignored("splice-request", "requests are copied"),
        .ignored("splice-response", "large answers that nothing is done with are spliced anyway"),
        .ignored("contstats", "counters always count at once"),
        ProxyOption("socket-stats") { isOn, _, proxy in proxy.frontend.countsListeners = isOn },
        .ignored("tcp-smart-accept", "it is done always"),
        .ignored("tcp-smart-connect", "it is done always"),
        .ignored("http-no-delay", "nothing is delayed"),
        .ignored("nolinger", "connections are closed in order"),
        .ignored("independent-streams", "it is always so"),
        .ignored(
            "http-ignore-probes",
            "connections that close without a request are not logged with dontlognull; one that only waits is answered 408"
        ),
        .ignored("idle-close-on-response", "idle connections are closed at once"),
        .ignored("http-pretend-keepalive", "servers are asked to keep connections whenever they are reused"),
        .ignored("prefer-last-server", "requests go where balancing says"),
    ]
}
