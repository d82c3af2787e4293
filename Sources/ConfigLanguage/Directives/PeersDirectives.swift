import Model

/// What stands in a `peers` section, and who this process is.
enum PeersDirectives {
    static let global = [
        GlobalDirective("localpeer") { line, global throws(Refusal) in
            let name = try name(&line)
            guard line.surroundings.localPeer == nil else {
                return line.ignore("localpeer", "'-L' says who this process is")
            }
            global.localPeer = name
        }
    ]

    static let section = [
        PeersKeyword("peer") { line, section throws(Refusal) in try add(&line, &section, hasAddress: true) },
        PeersKeyword("server") { line, section throws(Refusal) in try add(&line, &section, hasAddress: false)
        },
        PeersKeyword("bind") { line, section throws(Refusal) in
            let word = try line.take("an address and a port, e.g. *:10000")
            let (host, port) = try address(word)
            section.bind.line = line.place
            try bindWords(&line, &section.bind, in: "bind")
            try listen(host, port, &section)
        },
        PeersKeyword("default-bind") { line, section throws(Refusal) in
            section.bind.line = line.place
            try bindWords(&line, &section.bind, in: "default-bind")
        },
        PeersKeyword("default-server") { line, section throws(Refusal) in
            try serverWords(&line, &section.template, in: "default-server")
        },
        PeersKeyword("table") { line, section throws(Refusal) in
            let word = try line.take("the name of a table")
            do throws(Refusal) {
                guard !word.text.contains("/") else { throw .invalid(word, expected: "a name without '/'") }
                guard !section.tables.contains(where: { $0.name == word.text }) else {
                    throw .conflict("'\(word.text)' is another table of this section already")
                }
                var table = try TableDirectives.settings(&line)
                table.peers = section.section.name
                section.tables.append((word.text, table, line.place))
            } catch {
                section.refusedTables.insert(word.text)
                throw error
            }
        },
        PeersKeyword("shards") { line, section throws(Refusal) in
            section.section.shards = try line.number(in: 0...1_000_000, "a number of parts")
        },
        PeersKeyword("log") { line, _ throws(Refusal) in
            line.ignore("log in peers", "what happens between peers is said on stderr")
            line.skipRest()
        },
        PeersKeyword("disabled") { _, section in section.section.isDisabled = true },
        PeersKeyword("enabled") { _, section in section.section.isDisabled = false },
    ]

    private static func name(_ line: inout LineReader) throws(Refusal) -> String {
        let word = try line.take("the name of a peer")
        // It is a word of a line between peers.
        guard word.bytes.allSatisfy({ $0 > 0x20 && $0 != 0x7F }), word.bytes.count <= 255 else {
            throw .invalid(word, expected: "a name without blanks")
        }
        return word.text
    }

    /// A `peer`, or a `server`, which needs no address where it is this process: that is what `bind` says.
    private static func add(
        _ line: inout LineReader, _ section: inout PeersSection, hasAddress: Bool
    ) throws(Refusal) {
        let name = try name(&line)
        guard !section.section.peers.contains(where: { $0.name == name }) else {
            throw .conflict("'\(name)' is another peer of this section already")
        }
        let isLocal = name == section.section.localName
        guard let word = line.takeIfAny() else {
            guard isLocal, !hasAddress else { throw .missing(expected: "an address and a port") }
            section.section.peers.append(PeerSection.Peer(name, address: nil, port: 0))
            return
        }
        let (host, port) = try address(word)
        guard isLocal || port > 0 else { throw .invalid(word, expected: "a port from 1 to 65535") }
        var draft = section.template
        let shard = try serverWords(&line, &draft, in: hasAddress ? "peer" : "server")
        guard !isLocal else {
            if draft.speaksTLS { section.localTLS = line.place }
            section.section.peers.append(PeerSection.Peer(name, address: nil, port: 0))
            return try listen(host, port, &section)
        }
        guard let host, host != "0.0.0.0" else {
            throw .invalid(word, expected: "an address that can be connected to")
        }
        var peer = PeerSection.Peer(name, address: host, port: port)
        peer.shard = shard
        if shard > 0 { section.shardLine = line.place }
        if draft.speaksTLS { peer.tls = try tls(of: draft, line) }
        section.section.peers.append(peer)
    }

    private static func listen(
        _ host: String?, _ port: UInt16, _ section: inout PeersSection
    ) throws(Refusal) {
        guard section.section.binds.isEmpty else {
            throw .conflict("only one address of this process is possible")
        }
        section.section.binds.append(PeerSection.Listening(host, port: port))
    }

    /// An address and a port; nil is every address of both families.
    private static func address(_ word: Word) throws(Refusal) -> (String?, UInt16) {
        let expected = "an IPv4 or IPv6 address and a port, e.g. 192.0.2.1:10000"
        let (host, port) = AddressSyntax.split(try AddressSyntax.withoutFamily(word))
        guard let port, let number = AddressSyntax.port(port) else {
            throw .invalid(word, expected: expected)
        }
        switch host {
        case "", "*": return ("0.0.0.0", number)
        case "::": return (nil, number)
        default:
            guard AddressSyntax.isAddress(host) else { throw .invalid(word, expected: expected) }
            return (String(host), number)
        }
    }

    /// How a peer is called: no request says a name there.
    private static func tls(of draft: ServerDraft, _ line: LineReader) throws(Refusal) -> ServerTLS {
        let tls = try draft.tls.finished(line.global)
        guard !tls.serverName.dependsOnRequest else {
            throw .conflict("'sni' in peers: there is no request that says a name; write it as str(NAME)")
        }
        return tls
    }

    /// What may stand behind a peer's address. The part of the keys it is told; 0 is all.
    @discardableResult
    private static func serverWords(
        _ line: inout LineReader, _ draft: inout ServerDraft, in keyword: String
    ) throws(Refusal) -> Int {
        var shard = 0
        while let word = line.takeIfAny() {
            if word.text == "shard", keyword != "default-server" {
                shard = try line.number(in: 0...1_000_000, "the number of a part")
            } else if word.text == "no-check" {
                continue
            } else if let known = serverKeywords[word.text] {
                try known.apply(&line, &draft)
            } else {
                throw Suggestion.refusal(
                    of: word, known: KnownKeywords.server, here: ["shard"] + serverKeywords.keys.sorted(),
                    called: "\(keyword) … \(word.text) in peers")
            }
        }
        return shard
    }

    private static func bindWords(
        _ line: inout LineReader, _ draft: inout BindDraft, in keyword: String
    ) throws(Refusal) {
        while let word = line.takeIfAny() {
            guard let known = bindKeywords[word.text] else {
                throw Suggestion.refusal(
                    of: word, known: KnownKeywords.bind, here: bindKeywords.keys.sorted(),
                    called: "\(keyword) … \(word.text) in peers")
            }
            try known.apply(&line, &draft)
        }
    }

    /// What TLS needs, and what means nothing here: peers are neither checked nor chosen.
    private static let serverKeywords = Dictionary(
        ServerTLSKeywords.table.map { ($0.name, $0) }
    ) { first, _ in first }

    /// The same of addresses. A name's own settings, by `crt-list`, are for hosts.
    private static let bindKeywords: [String: BindKeyword] = {
        let names =
            [
                "ssl", "crt", "strict-sni", "no-strict-sni", "prefer-client-ciphers", "ecdhe", "no-sslv3",
                "no-tlsv10", "no-tlsv11", "name", "id",
            ] + TLSParameterKeywords.table.map(\.name) + ClientDemandKeywords.table.map(\.name)
        let limit = BindKeyword.ignored(
            "maxconn", arguments: 1, "each peer has one connection, and few others may call")
        let known = BindDirectives.keywords.filter { names.contains($0.name) } + [limit]
        return Dictionary(known.map { ($0.name, $0) }) { first, _ in first }
    }()
}
