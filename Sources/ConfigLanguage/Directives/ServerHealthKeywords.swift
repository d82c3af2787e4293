import Model

/// What a `server` line says about its checks.
enum ServerHealthKeywords {
    static let table =
        checks + overTLS + agents + observations
        + ["check-via-socks4", "pool-conn-name"].map { name in
            ServerKeyword(name) { _, _ throws(Refusal) in throw .unsupported("server … \(name)", instead: nil)
            }
        }

    private static let checks = [
        ServerKeyword("check") { line, draft in
            draft.health.isChecked = true
            draft.health.check.spread = line.global.spreadChecks
        },
        ServerKeyword("track") { line, draft throws(Refusal) in
            draft.health.follows = try line.take("a server, as BACKEND/SERVER or SERVER").text
        },
        ServerKeyword("no-check") { _, draft in draft.health.isChecked = false },
        ServerKeyword("inter") { line, draft throws(Refusal) in draft.health.check.interval = try line.time()
        },
        ServerKeyword("fastinter") { line, draft throws(Refusal) in
            draft.health.check.fastInterval = try line.time()
        },
        ServerKeyword("downinter") { line, draft throws(Refusal) in
            draft.health.check.downInterval = try line.time()
        },
        ServerKeyword("rise") { line, draft throws(Refusal) in
            draft.health.check.rise = try line.number(in: 1...1_000_000, "a number above 0")
        },
        ServerKeyword("fall") { line, draft throws(Refusal) in
            draft.health.check.fall = try line.number(in: 1...1_000_000, "a number above 0")
        },
        ServerKeyword("port") { line, draft throws(Refusal) in
            draft.health.check.port = UInt16(try line.number(in: 1...65_535, "a port from 1 to 65535"))
        },
        ServerKeyword("addr") { line, draft throws(Refusal) in
            if let word = line.next, let socket = try AddressSyntax.local(word) {
                _ = line.takeIfAny()
                draft.health.check.address = socket
            } else {
                draft.health.check.address = try address(&line)
            }
        },
        ServerKeyword("check-send-proxy") { _, draft in draft.health.check.sendsProxyHeader = true },
        ServerKeyword("no-check-send-proxy") { _, draft in draft.health.check.sendsProxyHeader = false },
        ServerKeyword("on-marked-down") { line, draft throws(Refusal) in
            draft.health.check.endsSessionsWhenDown = try line.choice(["shutdown-sessions": true])
        },
        ServerKeyword("on-marked-up") { line, draft throws(Refusal) in
            draft.health.check.endsBackupSessionsWhenUp = try line.choice(["shutdown-backup-sessions": true])
        },
    ]

    private static let overTLS = [
        ServerKeyword("check-ssl") { _, draft in draft.health.tlsUse = .always },
        ServerKeyword("no-check-ssl") { _, draft in draft.health.tlsUse = .never },
        ServerKeyword("check-sni") { line, draft throws(Refusal) in
            draft.health.check.tls.serverName = try line.take("a name").text
        },
        ServerKeyword("check-alpn") { line, draft throws(Refusal) in
            let word = try line.take("protocols, e.g. http/1.1")
            draft.health.check.tls.protocols = word.text.split(separator: ",").map(String.init)
            if draft.health.check.tls.protocols.contains("h2") {
                line.warn(
                    "'check-alpn h2': checks speak HTTP/2 where 'check-proto h2' or 'proto h2' says so, without a choice"
                )
            }
        },
        ServerKeyword("check-proto") { line, draft throws(Refusal) in
            draft.health.check.speaks = try line.choice(["h1": .http1, "h2": .http2])
        },
    ]

    private static let agents = [
        ServerKeyword("agent-check") { _, draft in draft.health.isAgentChecked = true },
        ServerKeyword("no-agent-check") { _, draft in draft.health.isAgentChecked = false },
        ServerKeyword("agent-port") { line, draft throws(Refusal) in
            draft.health.agent.port = UInt16(try line.number(in: 1...65_535, "a port from 1 to 65535"))
        },
        ServerKeyword("agent-addr") { line, draft throws(Refusal) in
            draft.health.agent.address = try address(&line)
        },
        ServerKeyword("agent-inter") { line, draft throws(Refusal) in
            draft.health.agent.interval = try line.time()
        },
        ServerKeyword("agent-send") { line, draft throws(Refusal) in
            draft.health.agent.greeting = try line.take("a text").text
        },
    ]

    private static let observations = [
        ServerKeyword("observe") { line, draft throws(Refusal) in
            draft.health.observes = try line.choice(layers)
        },
        ServerKeyword("error-limit") { line, draft throws(Refusal) in
            draft.health.observation.errorLimit = try line.number(in: 1...1_000_000, "a number above 0")
        },
        ServerKeyword("on-error") { line, draft throws(Refusal) in
            draft.health.observation.consequence = try line.choice(consequences)
        },
    ]

    /// What may stand behind `observe`.
    static let layers: KeyValuePairs<String, ServerObservation.Layer?> = [
        "none": nil, "layer4": .connections, "layer7": .answers,
    ]

    /// What may stand behind `on-error`.
    static let consequences: KeyValuePairs<String, ServerObservation.Consequence> = [
        "fastinter": .fastInterval, "fail-check": .failedCheck, "sudden-death": .suddenDeath,
        "mark-down": .down,
    ]

    private static func address(_ line: inout LineReader) throws(Refusal) -> String {
        let word = try line.take("an address")
        let host = try AddressSyntax.withoutFamily(word)
        if AddressSyntax.isAddress(host) { return String(host) }
        guard let address = line.surroundings.resolve(String(host)) else {
            throw .conflict("'\(word.text)': no address is known for '\(host)'")
        }
        return address
    }
}
