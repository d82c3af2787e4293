import Model

/// `server`.
extension SectionText {
    /// All of a backend's.
    mutating func addServers(of backend: Backend) {
        var taken: Set<String> = []
        for server in backend.servers {
            var name = context.isOfText ? server.name : PrintContext.sectionName(server.name)
            while !taken.insert(name).inserted { name += "_" }
            add(server, called: name)
        }
    }

    private mutating func add(_ server: Server, called name: String) {
        var words: [Word] = ["server", Word(name), Word(SectionText.place(of: server))]
        func number(_ word: Word, _ value: Int, unless usual: Int) {
            if value != usual { words += [word, "\(value)"] }
        }
        number("weight", server.weight, unless: 1)
        number("maxconn", server.maxConnections, unless: 0)
        number("minconn", server.minConnections, unless: 0)
        number("maxqueue", server.maxQueue, unless: 0)
        number("id", server.id, unless: 0)
        if server.hashKey != .id { words += ["hash-key", Word(server.hashKey.rawValue)] }
        if !server.cookie.isEmpty { words += ["cookie", Word(server.cookie)] }
        if !server.redirection.isEmpty { words += ["redir", Word(server.redirection)] }
        if server.isBackup { words.append("backup") }
        if server.isDisabled { words.append("disabled") }
        if !server.isRemembered { words.append("non-stick") }
        if server.slowStart > 0 { words += ["slowstart", TimeSpelling.word(server.slowStart)] }
        if let resolution = server.resolution {
            words += SectionText.words(of: resolution, from: server.address)
        }
        words += proxyHeader(server.sentProxyHeader)
        for field in server.ownProxyFields {
            words += [
                Word("set-proxy-v2-tlv-fmt(0x\(String(field.type, radix: 16)))"),
                word(field.value, for: .bytes),
            ]
        }
        switch server.speaks {
        case .negotiated, .fastCGI: break
        case .http1: words += ["proto", "h1"]
        case .http2: words += ["proto", "h2"]
        }
        if server.webSockets != .automatic { words += ["ws", Word(server.webSockets.rawValue)] }
        if server.idlePing > 0 { words += ["idle-ping", TimeSpelling.word(server.idlePing)] }
        if let source = server.source { words += SectionText.words(of: source) }
        words += tls(of: server)
        if let relay = server.relay { remark("server \(name) is reached through \(relay)") }
        if let check = server.check { words += self.words(of: check) }
        add(words)
    }

    private func proxyHeader(_ header: SentProxyHeader?) -> [Word] {
        switch header {
        case nil: return []
        case .text: return ["send-proxy"]
        case .binary(let fields):
            let names = SentProxyHeaderKeywords.fields.filter { fields.contains($0.value) }.map(\.key)
            return ["send-proxy-v2"]
                + (names.isEmpty ? [] : ["proxy-v2-options", Word(names.joined(separator: ","))])
        }
    }

    /// `ssl` and how; how alone for checks that speak it where requests do not.
    private mutating func tls(of server: Server) -> [Word] {
        if let tls = server.tls { return ["ssl"] + words(of: tls) }
        if case .always(let tls)? = server.check?.tls.use { return words(of: tls) }
        return []
    }

    mutating func words(of tls: ServerTLS) -> [Word] {
        var words: [Word] = []
        switch tls.verification {
        case .none: words += ["verify", "none"]
        case .required(let authorities): words += ["verify", "required"] + files(of: authorities)
        }
        switch tls.serverName {
        case .none: break
        case .fixed(let name): words += ["sni", Word("str(\(name))")]
        case .requestHost: words += ["sni", "req.hdr(host)"]
        case .sample(let expression): words += ["sni", word(expression)]
        }
        if let name = tls.verifiedName { words += ["verifyhost", Word(name)] }
        if let certificate = tls.clientCertificate { words += ["crt", file(of: certificate)] }
        if !tls.protocols.isEmpty { words += ["alpn", Word(tls.protocols.joined(separator: ","))] }
        if !tls.reusesSessions { words.append("no-ssl-reuse") }
        if tls.verifyDepth != nil { remark("chains of servers' certificates are not longer than said") }
        return words + TLSSpelling.words(tls.parameters, beyond: TLSParameters())
    }

    private mutating func file(of certificate: Certificate) -> Word {
        if let word = context.files?.certificates[certificate.chainPEM] { return word }
        let path = "/etc/sluice/client.pem"
        remark("the certificate that servers are shown is not printed: put it and its key into \(path)")
        return Word(path)
    }
}
