import Model

/// `option httpchk` and its like: what the servers of a section are asked.
extension SectionText {
    mutating func addProbe(of backend: Backend) {
        let checks = backend.servers.compactMap(\.check)
        let probes = checks.compactMap(\.probe)
        if let time = checks.compactMap(\.timeout).first { add("timeout", "check", TimeSpelling.word(time)) }
        if let probe = probes.first { add(probe, of: backend) }
        if probes.contains(where: { $0 != probes.first }) {
            remark("some servers are asked otherwise than the first one")
        }
        if !probes.contains(where: \.drainsOn404), checks.compactMap(\.follows).contains(where: drains) {
            add("http-check", "disable-on-404")
        }
    }

    /// Whether a server that others follow gets nobody new when it answers 404: they have to say so too.
    private func drains(_ followed: ServerReference) -> Bool {
        var (next, steps) = (followed, 0)
        while steps < 64 {
            let servers = context.configuration.backends[next.backend]?.servers ?? []
            guard let check = servers.first(where: { $0.name == next.server })?.check else { return false }
            if let probe = check.probe { return probe.drainsOn404 }
            guard let further = check.follows else { return false }
            (next, steps) = (further, steps + 1)
        }
        return false
    }

    private mutating func add(_ probe: HealthProbe, of backend: Backend) {
        if let plain = HealthDirectives.plain.first(where: { $0.value == probe }) {
            return add("option", Word(plain.key))
        }
        switch probe {
        case .connect, .redis, .ldap, .tls: break
        case .http(let probe): add(probe)
        case .tcp(let steps):
            add("option", "tcp-check")
            let check = backend.servers.compactMap(\.check).first { $0.probe != nil }
            for step in steps { add(step, check) }
        case .smtp(let hello):
            add(["option", "smtpchk"] + hello.split(separator: " ").map { Word(String($0)) })
        case .mysql(let login):
            let user =
                login.map { ["user", Word($0.user)] + ($0.isBefore41 ? ["pre-41"] : []) as [Word] } ?? []
            add(["option", "mysql-check"] + user)
        case .postgreSQL(let user): add("option", "pgsql-check", "user", Word(user))
        case .grpc(let probe): remark("servers are asked by grpc.health.v1.Health ('\(probe.service)')")
        }
    }

    /// What the first step says: all of how, if the lines of servers do not.
    private func connection(_ check: ServerCheck) -> [Word] {
        guard check.isConnectedByStep else { return ["default"] }
        var words: [Word] = []
        if case .always = check.tls.use { words.append("ssl") }
        if !check.tls.serverName.isEmpty { words += ["sni", Word(check.tls.serverName)] }
        if !check.tls.protocols.isEmpty {
            words += ["alpn", Word(check.tls.protocols.joined(separator: ","))]
        }
        if check.speaks == .http2 { words += ["proto", "h2"] }
        if check.sendsProxyHeader { words.append("send-proxy") }
        return words
    }

    private mutating func add(_ step: TCPCheckStep, _ check: ServerCheck?) {
        switch step {
        case .connect: add(["tcp-check", "connect"] + (check.map(connection) ?? ["default"]))
        case .send(let bytes):
            let isText = bytes.allSatisfy { $0 >= 0x20 && $0 < 0x7F || [9, 10, 13].contains($0) }
            if isText {
                add("tcp-check", "send", Word(bytes, column: 1))
            } else {
                add("tcp-check", "send-binary", Word(HexDigits.text(bytes)))
            }
        case .sendFormat(let format, let isHexadecimal):
            add("tcp-check", isHexadecimal ? "send-binary-lf" : "send-lf", word(format, for: .value))
        case .expect(let expectation):
            let atLeast: [Word] = expectation.atLeast.map { ["min-recv", "\($0)"] } ?? []
            add(
                ["tcp-check", "expect"] + atLeast + words(of: expectation.wording)
                    + (expectation.isNegated ? ["!"] : []) + words(of: expectation))
        case .change(let change): add(["tcp-check"] + words(of: change))
        case .comment(let text): add("tcp-check", "comment", Word(text))
        }
    }

    private func words(of expectation: TCPExpectation) -> [Word] {
        switch expectation.kind {
        case .pattern(let pattern): ["rstring", Word(pattern)]
        case .hexadecimalPattern(let pattern): ["rbinary", Word(pattern)]
        case .bytes where expectation.isHexadecimal: ["binary", Word(expectation.text)]
        case .bytes(let bytes): ["string", Word(bytes, column: 1)]
        case .format(let format, let isHexadecimal):
            [isHexadecimal ? "binary-lf" : "string-lf", word(format, for: .value)]
        }
    }
}

extension ServerCheck {
    /// Whether `tcp-check connect` says how it connects, and the server's line does not.
    var isConnectedByStep: Bool {
        guard case .tcp(let steps)? = probe, steps.first == .connect, speaks != nil else { return false }
        return tls.use != .likeRequests
    }
}

extension HealthProbe {
    /// Whether an answer of 404 keeps new requests away.
    fileprivate var drainsOn404: Bool {
        guard case .http(let probe) = self else { return false }
        return probe.drainsOn404
    }
}
