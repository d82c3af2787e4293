import Model

/// `bind`: where clients come in.
extension SectionText {
    /// All of a frontend's.
    mutating func addBinds(of frontend: Frontend) {
        let known = context.files?.binds[frontend.name] ?? []
        for (number, bind) in frontend.binds.enumerated() {
            let words = number < known.count ? known[number] : certificates(of: bind)
            add(bind: bind, of: frontend, certificates: words)
        }
    }

    private mutating func add(bind: Bind, of frontend: Frontend, certificates: [Word]) {
        var words: [Word] = ["bind"] + address(of: bind)
        if !bind.name.isEmpty { words += ["name", Word(bind.name)] }
        if bind.id > 0 { words += ["id", "\(bind.id)"] }
        if bind.isTLS { words.append("ssl") }
        words += certificates
        switch bind.proxyProtocol {
        case .off: break
        case .everyone: words.append("accept-proxy")
        case .from(let networks): expectProxy(from: networks)
        }
        if bind.isStrictSNI { words.append("strict-sni") }
        words += TLSSpelling.words(bind.tlsParameters, beyond: context.global.bindParameters)
        words += versions(of: bind, frontend)
        if bind.idlePing > 0 { words += ["idle-ping", TimeSpelling.word(bind.idlePing)] }
        if bind.maxConnections > 0 { words += ["maxconn", "\(bind.maxConnections)"] }
        if let demand = bind.clientAuthentication { words += self.words(of: demand) }
        if bind.isTLS, certificates.isEmpty, !context.isOfText {
            comment(words.map(\.spelled).joined(separator: " "))
            remark(
                "there is no certificate, so that the line above would be refused; a self-signed one is served"
            )
        } else {
            add(words)
        }
    }

    private func address(of bind: Bind) -> [Word] {
        if let descriptor = bind.descriptor { return ["fd@\(descriptor)"] }
        if bind.isLocal { return [Word(bind.address ?? "")] + rights(bind.rights) }
        switch bind.address {
        case nil: return [":::\(bind.port)", "v4v6"]
        case "0.0.0.0": return ["*:\(bind.port)"]
        case "::": return [":::\(bind.port)", "v6only"]
        case .some(let address):
            return address.utf8.contains(UInt8(ascii: ":"))
                ? ["[\(address)]:\(bind.port)"] : ["\(address):\(bind.port)"]
        }
    }

    private func rights(_ rights: LocalSocketRights) -> [Word] {
        var words: [Word] = []
        if let mode = rights.mode { words += ["mode", Word(String(mode, radix: 8))] }
        if let owner = rights.owner { words += ["uid", "\(owner)"] }
        if let group = rights.group { words += ["gid", "\(group)"] }
        return words
    }

    /// Those that are behind the names of hosts, the one for all others first: places of files, for keys are not printed.
    private mutating func certificates(of bind: Bind) -> [Word] {
        guard bind.isTLS else { return [] }
        let all = context.configuration.certificates.keys.sorted { $0.description < $1.description }
        let first = context.configuration.defaultCertificates
        return (first + all.filter { !first.contains($0) }).flatMap { name -> [Word] in
            remark(
                "certificate and key of '\(name)' are not printed: put them into \(TLSSpelling.file(of: name))"
            )
            // A word that haproxy has had since 3.0; the first file needs none.
            let keyword: Word = first.dropFirst().contains(name) ? "default-crt" : "crt"
            return [keyword, Word(TLSSpelling.file(of: name))]
        }
    }

    private mutating func expectProxy(from networks: [String]) {
        guard let source = try? Expression(.ofClient(.source)) else { return }
        let condition = RuleCondition([[.init([SampleTest(source, .address(networks))])]])
        add(["tcp-request", "connection", "expect-proxy", "layer4"], when: condition)
    }

    private func versions(of bind: Bind, _ frontend: Frontend) -> [Word] {
        var words: [Word] = []
        let protocols = bind.applicationProtocols
        if !protocols.isEmpty { words += ["alpn", Word(protocols.joined(separator: ","))] }
        let versions = frontend.speaksHTTP2 ? bind.versions : .http1
        switch versions {
        case .http2: return words + ["proto", "h2"]
        case .http1 where bind.isTLS && !protocols.contains("h2"):
            // A word that haproxy has had since 2.8.
            let none: [Word] = context.isOfText ? ["no-alpn"] : ["alpn", "http/1.1"]
            return protocols.isEmpty ? words + none : words
        case .http1: return words + ["proto", "h1"]
        case .all: break
        }
        // Without the word haproxy of some versions offers nothing.
        let isFromElsewhere = bind.isTLS && protocols.isEmpty && !context.isOfText && frontend.mode == .http
        return isFromElsewhere ? words + ["alpn", "h2,http/1.1"] : words
    }

    mutating func words(of demand: ClientAuthentication) -> [Word] {
        let known = ClientDemandKeywords.demands.first { $0.value == demand.demand }?.key
        if known == nil { remark("certificates of clients are asked for, whoever signed them") }
        return ["verify", Word(known ?? "optional")]
            + files(of: demand.authorities)
            + ignored("crt-ignore-err", demand.ignoredErrors)
            + ignored("ca-ignore-err", demand.ignoredAuthorityErrors)
    }

    private func ignored(_ name: Word, _ errors: ClientAuthentication.IgnoredErrors) -> [Word] {
        switch errors {
        case .all: [name, "all"]
        case .only(let codes):
            codes.isEmpty ? [] : [name, Word(codes.sorted().map { "\($0)" }.joined(separator: ","))]
        }
    }

    /// `ca-file` and `crl-file`.
    mutating func files(of bundle: AuthorityBundle) -> [Word] {
        file("ca-file", bundle.certificatesFile)
            + (bundle.revocationsPEM.isEmpty ? [] : file("crl-file", bundle.revocationsFile))
    }

    private mutating func file(_ keyword: Word, _ name: String) -> [Word] {
        if let word = context.files?.authorities[name] { return [keyword, word] }
        let path = "/etc/sluice/\(keyword.text).pem"
        remark("what was read from no file is not printed: put it into \(path)")
        return [keyword, Word(path)]
    }
}
