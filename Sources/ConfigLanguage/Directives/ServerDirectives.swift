import Model

/// `server`, `default-server`, `server-template`.
enum ServerDirectives {
    static let table = [
        Directive("server") { line, proxy throws(Refusal) in
            let name = try line.take("a name and an address")
            guard name.isName() else {
                throw .invalid(name, expected: "a name of letters, digits, '-', '_', '.' and ':'")
            }
            proxy.servers.append(try server(name.text, &line, proxy.serverTemplate))
        },
        Directive("default-server") { line, proxy throws(Refusal) in
            guard line.next != nil else { throw .missing(expected: "a keyword of servers") }
            try readKeywords(&line, &proxy.serverTemplate)
        },
        Directive("server-template") { line, proxy throws(Refusal) in
            proxy.servers += try template(&line, proxy.serverTemplate)
        },
    ]

    static let keywords =
        [
            ServerKeyword("weight") { line, draft throws(Refusal) in
                draft.server.weight = try line.number(in: 0...256, "a weight from 0 to 256")
            },
            ServerKeyword("maxconn") { line, draft throws(Refusal) in
                draft.server.maxConnections = try line.number(
                    in: 0...1_000_000_000, "a number of connections")
            },
            ServerKeyword("minconn") { line, draft throws(Refusal) in
                draft.server.minConnections = try line.number(
                    in: 0...1_000_000_000, "a number of connections")
            },
            ServerKeyword("maxqueue") { line, draft throws(Refusal) in
                draft.server.maxQueue = try line.number(in: 0...1_000_000_000, "a number of requests")
            },
            ServerKeyword("id") { line, draft throws(Refusal) in
                draft.server.id = try line.number(in: 1...Int(Int32.max), "a number above 0")
            },
            ServerKeyword("cookie") { line, draft throws(Refusal) in
                draft.server.cookie = try line.take("the value of the cookie").text
            },
            ServerKeyword("redir") { line, draft throws(Refusal) in
                let word = try line.take("the front of a location")
                if let flaw = Redirect(.prefix, to: word.text).flaw { throw .conflict(flaw) }
                draft.server.redirection = word.text
            },
            ServerKeyword("backup") { _, draft in draft.server.isBackup = true },
            ServerKeyword("no-backup") { _, draft in draft.server.isBackup = false },
            ServerKeyword("non-stick") { _, draft in draft.server.isRemembered = false },
            ServerKeyword("stick") { _, draft in draft.server.isRemembered = true },
            ServerKeyword("disabled") { _, draft in draft.server.isDisabled = true },
            ServerKeyword("enabled") { _, draft in draft.server.isDisabled = false },
            ServerKeyword("slowstart") { line, draft throws(Refusal) in
                // HAProxy counts it in whole seconds, rounded up.
                draft.server.slowStart = (try line.time() + 999) / 1_000 * 1_000
            },
            ServerKeyword("hash-key") { line, draft throws(Refusal) in
                if line.next?.text == "guid" { throw .unsupported("hash-key guid", instead: "'id' is") }
                let names = ServerHashKey.allCases.map(\.rawValue).joined(separator: ", ")
                let word = try line.take("one of \(names)")
                guard let key = ServerHashKey(rawValue: word.text) else {
                    throw .invalid(word, expected: "one of \(names)")
                }
                draft.server.hashKey = key
            },
            .ignored(
                "pool-max-conn", arguments: 1, "256 idle connections are kept to a server by each worker"),
            .ignored("pool-purge-delay", arguments: 1, "servers end idle connections"),
            .ignored("pool-low-conn", arguments: 1, "idle connections belong to a worker"),
            .ignored("tfo", "TCP Fast Open is not used"),
        ] + SentProxyHeaderKeywords.table + ServerHealthKeywords.table + ServerTLSKeywords.table
        + VersionKeywords.servers + ServerResolutionKeywords.table + SourceKeywords.servers

    private static let byName = Dictionary(keywords.map { ($0.name, $0) }) { first, _ in first }

    static func server(
        _ name: String, _ line: inout LineReader, _ template: ServerDraft, isAdded: Bool = false
    ) throws(Refusal) -> ServerDraft {
        var draft = template
        draft.line = SourceLocation(file: line.line.file, line: line.line.number)
        draft.server.name = name
        // Two servers of one address are two servers.
        draft.server.identity = name
        let word = try line.take("an address and a port")
        let host = try readAddress(word, &draft)
        try readKeywords(&line, &draft, isAdded: isAdded)
        if let host { try ServerResolutionKeywords.settle(host, in: word, &draft, line) }
        if draft.speaksTLS {
            draft.server.tls = try draft.tls.finished(line.global)
            if draft.tls.isVerified == nil, draft.tls.authorities != nil, !line.global.verifiesServers {
                line.warn("it is not verified, for 'ssl-server-verify' says 'none': say 'verify required'")
            }
        }
        draft.server.speaks = draft.protocolSpoken
        if draft.server.webSockets == .http2, !draft.maySpeakHTTP2 {
            throw .conflict("'ws h2' needs 'proto h2', or 'ssl' and 'alpn' with h2")
        }
        draft.health.ownTLS = try? draft.tls.finished(line.global)
        draft.health.check.tls.use = try checksOverTLS(draft, line.global)
        return draft
    }

    private static func checksOverTLS(
        _ draft: ServerDraft, _ global: GlobalSettings
    ) throws(Refusal) -> CheckTLS.Use {
        switch draft.health.tlsUse {
        case .likeRequests: .likeRequests
        case .never: .never
        case .always: .always(try draft.tls.finished(global))
        }
    }

    /// Keywords of HAProxy's that are not for servers which operators add (3.2).
    private static let notAdded: Set<String> = [
        "enabled", "init-addr", "log-bufsize", "log-proto", "max-reuse", "namespace", "no-agent-check",
        "no-check",
        "no-check-reuse-pool", "no-check-send-proxy", "no-check-ssl", "no-send-proxy-v2-ssl",
        "no-send-proxy-v2-ssl-cn", "no-ssl", "non-stick", "redir", "resolve-net", "resolve-opts",
        "resolve-prefer",
        "resolvers", "socks4", "ssl-reuse", "stick",
    ]

    private static func readKeywords(
        _ line: inout LineReader, _ draft: inout ServerDraft, isAdded: Bool = false
    ) throws(Refusal) {
        while let word = line.takeIfAny() {
            if isAdded, notAdded.contains(word.text) {
                throw .conflict("'\(word.text)' option is not accepted for dynamic server")
            }
            let field = try SentProxyHeaderKeywords.field(word)
            guard let keyword = byName[word.text] ?? field else {
                throw Suggestion.refusal(
                    of: word, known: KnownKeywords.server, here: keywords.map(\.name),
                    called: "server … \(word.text)")
            }
            try keyword.apply(&line, &draft)
        }
    }

    /// The name of its host or service, where that is to be resolved when the keywords are known.
    private static func readAddress(_ word: Word, _ draft: inout ServerDraft) throws(Refusal) -> String? {
        if let socket = try AddressSyntax.local(word) {
            (draft.server.address, draft.server.port, draft.server.isLocal) = (socket, 0, true)
            return nil
        }
        let (host, text) = AddressSyntax.split(try AddressSyntax.withoutFamily(word))
        // Its records say ports.
        if host.hasPrefix("_"), text == nil { return String(host) }
        // It is where clients have connected to.
        if ["0.0.0.0", "::"].contains(host), text == nil || text == "0" {
            (draft.server.address, draft.server.port) = (String(host), 0)
            return nil
        }
        guard let text, !text.hasPrefix("+"), !text.hasPrefix("-") else {
            throw .unsupported("a server on the client's port", instead: "write ADDRESS:PORT")
        }
        guard let port = AddressSyntax.port(text), port > 0 else {
            throw .invalid(word, expected: "an address and a port from 1 to 65535")
        }
        draft.server.port = port
        if AddressSyntax.isAddress(host) {
            draft.server.address = String(host)
            return nil
        }
        guard !host.isEmpty, !host.contains(":"), host.utf8.count <= 253 else {
            throw .conflict("'\(word.text)': no address is known for '\(host)'")
        }
        return String(host)
    }

    /// `server-template PREFIX COUNT|FIRST-LAST ADDRESS:PORT …`: alike but for their names.
    private static func template(
        _ line: inout LineReader, _ defaults: ServerDraft
    ) throws(Refusal) -> [ServerDraft] {
        let prefix = try line.take("a prefix of names")
        guard prefix.isName("-_.") else {
            throw .invalid(prefix, expected: "a prefix of letters, digits, '-', '_' and '.'")
        }
        let expected = "a number of servers, or FIRST-LAST"
        let word = try line.take(expected)
        let ends = word.text.split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count <= 2, let low = try? Units.number(ends[0]),
            let high = try? Units.number(ends[ends.count - 1])
        else { throw .invalid(word, expected: expected) }
        let range = ends.count == 2 ? (low, high) : (1, low)
        guard range.0 <= range.1, range.1 - range.0 < 4_096 else {
            throw .invalid(word, expected: "at least one server and at most 4096")
        }
        let first = try server(prefix.text, &line, defaults)
        return (range.0...range.1).map { number in
            var draft = first
            draft.server.name = "\(prefix.text)\(number)"
            draft.server.identity = draft.server.name
            if draft.server.id > 0 { draft.server.id += number - range.0 }
            return draft
        }
    }
}
