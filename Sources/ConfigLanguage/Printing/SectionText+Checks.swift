import Model

/// `check` and its like on `server` lines.
extension SectionText {
    mutating func words(of check: ServerCheck) -> [Word] {
        var words: [Word] = []
        let usual = ServerCheck()
        if check.probe != nil { words.append("check") }
        if let followed = check.follows {
            words += ["track", "\(context.name(of: followed.backend))/\(followed.server)"]
        }
        if check.interval != usual.interval { words += ["inter", TimeSpelling.word(check.interval)] }
        if let time = check.fastInterval { words += ["fastinter", TimeSpelling.word(time)] }
        if let time = check.downInterval { words += ["downinter", TimeSpelling.word(time)] }
        if check.rise != usual.rise { words += ["rise", "\(check.rise)"] }
        if check.fall != usual.fall { words += ["fall", "\(check.fall)"] }
        if !check.address.isEmpty { words += ["addr", Word(check.address)] }
        if check.port > 0 { words += ["port", "\(check.port)"] }
        if !check.isConnectedByStep { words += connection(check) }
        if check.endsSessionsWhenDown { words += ["on-marked-down", "shutdown-sessions"] }
        if check.endsBackupSessionsWhenUp { words += ["on-marked-up", "shutdown-backup-sessions"] }
        return words + observation(check.observation) + agent(check.agent)
    }

    private func connection(_ check: ServerCheck) -> [Word] {
        var words: [Word] = check.sendsProxyHeader ? ["check-send-proxy"] : []
        switch check.speaks {
        case .http1?: words += ["check-proto", "h1"]
        case .http2?: words += ["check-proto", "h2"]
        case .negotiated?, .fastCGI?, nil: break
        }
        return words + overTLS(check.tls)
    }

    private func overTLS(_ tls: CheckTLS) -> [Word] {
        var words: [Word] = []
        switch tls.use {
        case .likeRequests: break
        case .never: words.append("no-check-ssl")
        case .always: words.append("check-ssl")
        }
        if !tls.serverName.isEmpty { words += ["check-sni", Word(tls.serverName)] }
        if !tls.protocols.isEmpty { words += ["check-alpn", Word(tls.protocols.joined(separator: ","))] }
        return words
    }

    private func observation(_ observation: ServerObservation?) -> [Word] {
        guard let observation else { return [] }
        let usual = ServerObservation(observation.layer)
        var words: [Word] = []
        if let layer = ServerHealthKeywords.layers.first(where: { $0.value == observation.layer }) {
            words += ["observe", Word(layer.key)]
        }
        if observation.errorLimit != usual.errorLimit {
            words += ["error-limit", "\(observation.errorLimit)"]
        }
        if let name = ServerHealthKeywords.consequences.first(where: { $0.value == observation.consequence }),
            observation.consequence != usual.consequence
        {
            words += ["on-error", Word(name.key)]
        }
        return words
    }

    private func agent(_ agent: AgentCheck?) -> [Word] {
        guard let agent else { return [] }
        var words: [Word] = ["agent-check", "agent-port", "\(agent.port)"]
        if !agent.address.isEmpty { words += ["agent-addr", Word(agent.address)] }
        if agent.interval != AgentCheck(port: 1).interval {
            words += ["agent-inter", TimeSpelling.word(agent.interval)]
        }
        if !agent.greeting.isEmpty { words += ["agent-send", Word(agent.greeting)] }
        return words
    }
}
