import Model

/// `bind`.
enum BindDirectives {
    static let table = [
        Directive("bind") { line, proxy throws(Refusal) in proxy.binds.append(try bind(&line)) }
    ]

    static let keywords = own + LocalSocketKeywords.binds + VersionKeywords.binds + parameters + demands

    private static let own = [
        BindKeyword("ssl") { _, draft in draft.bind.isTLS = true },
        BindKeyword("crt") { line, draft throws(Refusal) in
            let word = try line.take("a file or a folder")
            draft.add(try CertificateFiles.read(&line, word), by: ["crt", word], areDefaults: false)
        },
        BindKeyword("default-crt") { line, draft throws(Refusal) in
            let word = try line.take("a file")
            draft.add(try CertificateFiles.read(&line, word), by: ["default-crt", word], areDefaults: true)
        },
        BindKeyword("crt-list") { line, draft throws(Refusal) in
            let word = try line.take("a file")
            draft.add(try CertificateLists.read(&line, word), by: ["crt-list", word], areDefaults: false)
        },
        BindKeyword("accept-proxy") { _, draft in draft.bind.proxyProtocol = .everyone },
        BindKeyword("v4v6") { _, draft in draft.isV6Only = false },
        BindKeyword("v6only") { _, draft in draft.isV6Only = true },
        BindKeyword("strict-sni") { _, draft in draft.bind.isStrictSNI = true },
        BindKeyword("no-strict-sni") { _, draft in draft.bind.isStrictSNI = false },
        BindKeyword("prefer-client-ciphers") { _, draft in
            var parameters = draft.bind.tlsParameters ?? TLSParameters()
            parameters.followsClients = true
            draft.bind.tlsParameters = parameters
        },
        // An earlier way to name a curve; `curves` counts where there are both.
        BindKeyword("ecdhe") { line, draft throws(Refusal) in
            let curve = try line.take("a curve").text
            var parameters = draft.bind.tlsParameters ?? TLSParameters()
            parameters.curves = parameters.curves ?? curve
            draft.bind.tlsParameters = parameters
        },
        // What they turn off is not there.
        BindKeyword("no-sslv3") { _, _ in }, BindKeyword("no-tlsv10") { _, _ in },
        BindKeyword("no-tlsv11") { _, _ in },
        BindKeyword("name") { line, draft throws(Refusal) in
            draft.bind.name = try line.take("a name").text
        },
        BindKeyword("id") { line, draft throws(Refusal) in
            draft.bind.id = try line.number(in: 1...Int(Int32.max), "a number above 0")
        },
        .ignored("guid-prefix", arguments: 1, "listeners are told apart by their addresses"),
        .ignored("defer-accept", "it is done always"),
        .ignored("backlog", arguments: 1, "the system's limit counts"),
        BindKeyword("maxconn") { line, draft throws(Refusal) in
            draft.bind.maxConnections = try line.number(in: 0...1_000_000_000, "a number of connections")
        },
        .ignored("nice", arguments: 1, "all connections are equal"),
        .ignored("process", arguments: 1, "every worker has every listener"),
        .ignored("thread", arguments: 1, "every worker has every listener"),
        .ignored("shards", arguments: 1, "every worker has every listener"),
        .ignored("tfo", "TCP Fast Open is not used"),
        .ignored("tcp-ut", arguments: 1, "the system's value counts"),
        .ignored("mss", arguments: 1, "the system's value counts"),
    ]

    private static let parameters = TLSParameterKeywords.table.map { keyword in
        BindKeyword(keyword.name) { line, draft throws(Refusal) in
            var parameters = draft.bind.tlsParameters ?? TLSParameters()
            try keyword.apply(&line, &parameters)
            draft.bind.tlsParameters = parameters
        }
    }

    private static let demands = ClientDemandKeywords.table.map { keyword in
        BindKeyword(keyword.name) { line, draft throws(Refusal) in try keyword.apply(&line, &draft.demand) }
    }

    private static let byName = Dictionary(keywords.map { ($0.name, $0) }) { first, _ in first }

    private static func bind(_ line: inout LineReader) throws(Refusal) -> BindDraft {
        var draft = BindDraft()
        draft.line = SourceLocation(file: line.line.file, line: line.line.number)
        draft.bind.tlsParameters = line.global.bindParameters
        (draft.bind.rights, draft.pathPrefix) = (
            line.global.localSockets.rights, line.global.localSockets.prefix
        )
        let addresses = try line.take("an address and a port, e.g. *:80")
        while let word = line.takeIfAny() {
            guard let keyword = byName[word.text] else {
                throw Suggestion.refusal(
                    of: word, known: KnownKeywords.bind, here: keywords.map(\.name),
                    called: "bind … \(word.text)")
            }
            try keyword.apply(&line, &draft)
        }
        for part in addresses.text.split(separator: ",", omittingEmptySubsequences: false) {
            draft.places += try places(Word(String(part), column: addresses.column), draft)
        }
        for i in draft.certificates.indices {
            try CertificateLists.settle(&draft.certificates[i], on: draft, &line)
        }
        if draft.bind.isTLS { draft.bind.clientAuthentication = try draft.demand.finished() }
        if draft.bind.isTLS, draft.certificates.isEmpty {
            line.warn("'ssl' without 'crt': a self-signed certificate is served")
        }
        return draft
    }

    /// One place for each port of `address:port[-port]`.
    private static func places(
        _ word: Word, _ draft: BindDraft
    ) throws(Refusal) -> [BindPlace] {
        let expected = "an address and a port, e.g. 192.0.2.1:80, *:80 or [::]:80"
        if let socket = try AddressSyntax.local(word, prefix: draft.pathPrefix, room: 12) {
            return [BindPlace(address: socket, isLocal: true)]
        }
        if let descriptor = try AddressSyntax.descriptor(word) { return [BindPlace(descriptor: descriptor)] }
        let (host, port) = AddressSyntax.split(try AddressSyntax.withoutFamily(word))
        guard let port else { throw .invalid(word, expected: "a port behind the address") }
        let ends = port.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = AddressSyntax.port(ends[0]), let last = AddressSyntax.port(ends[ends.count - 1]),
            first <= last, ends.count == 1 || first > 0
        else { throw .invalid(word, expected: expected) }
        let address: String?
        switch host {
        case "", "*": address = "0.0.0.0"
        case "::": address = draft.isV6Only ? "::" : nil
        default:
            guard AddressSyntax.isAddress(host) else { throw .invalid(word, expected: expected) }
            address = String(host)
        }
        return (first...last).map { BindPlace(address: address, port: $0) }
    }
}
