import Model

/// Versions of HTTP: `alpn` and `proto` of `bind` lines, `proto` of servers, whose `alpn` is one of `ServerTLSKeywords`.
enum VersionKeywords {
    static let binds = [
        BindKeyword("alpn") { line, draft throws(Refusal) in
            // In mode tcp it may be any.
            draft.bind.applicationProtocols = try names(&line)
            draft.offersHTTP2 = draft.bind.applicationProtocols.contains("h2")
        },
        BindKeyword("no-alpn") { _, draft in
            draft.offersHTTP2 = false
            draft.bind.applicationProtocols = []
        },
        BindKeyword("proto") { line, draft throws(Refusal) in draft.proto = try name(&line) },
        BindKeyword("idle-ping") { line, draft throws(Refusal) in
            draft.bind.idlePing = try line.time()
        },
        BindKeyword("npn") { _, _ throws(Refusal) in throw withoutNPN },
    ]

    static let servers = [
        ServerKeyword("proto") { line, draft throws(Refusal) in draft.proto = try name(&line) },
        ServerKeyword("alpn") { line, draft throws(Refusal) in
            draft.tls.settings.protocols = try protocols(&line)
        },
        ServerKeyword("ws") { line, draft throws(Refusal) in
            draft.server.webSockets = try line.choice(["auto": .automatic, "h1": .http1, "h2": .http2])
        },
        ServerKeyword("idle-ping") { line, draft throws(Refusal) in
            draft.server.idlePing = try line.time()
        },
        ServerKeyword("npn") { _, _ throws(Refusal) in throw withoutNPN },
    ]

    private static let withoutNPN = Refusal.unsupported("npn", instead: "'alpn' is, which replaced it")

    private static func name(_ line: inout LineReader) throws(Refusal) -> VersionName {
        if line.next?.text == "fcgi" {
            throw .unsupported("proto fcgi", instead: RefusedKeywords.reasons["proto fcgi"])
        }
        return try line.choice(["h1": .http1, "h2": .http2, "none": .bytes])
    }

    /// What follows `alpn`.
    static func protocols(_ line: inout LineReader) throws(Refusal) -> [String] {
        let names = try names(&line)
        if let name = stranger(among: names) {
            throw .unsupported("alpn \(name)", instead: "'h2' and 'http/1.1' do")
        }
        return names
    }

    private static func names(_ line: inout LineReader) throws(Refusal) -> [String] {
        let word = try line.take("protocols, e.g. h2,http/1.1")
        let names = word.text.split(separator: ",").map(String.init)
        guard !names.isEmpty else { throw .invalid(word, expected: "protocols, e.g. h2,http/1.1") }
        return names
    }

    /// The first that is no version of HTTP.
    static func stranger(among names: [String]) -> String? {
        names.first { !["h2", "http/1.1", "http/1.0"].contains($0) }
    }
}

extension BindDraft {
    /// What clients may speak.
    var versions: ClientVersions {
        switch proto {
        case .http1: .http1
        case .http2: .http2
        case nil, .bytes: bind.isTLS && !offersHTTP2 ? .http1 : .all
        }
    }
}

extension ServerDraft {
    /// What is spoken to it.
    var protocolSpoken: ServerProtocol {
        switch proto {
        case .http1: .http1
        case .http2: .http2
        case nil, .bytes: .negotiated
        }
    }
}

extension ServerDraft {
    /// Whether it may be spoken to by HTTP/2.
    var maySpeakHTTP2: Bool {
        switch server.speaks {
        case .http2: true
        case .negotiated: server.tls?.protocols.contains("h2") == true
        case .http1, .fastCGI: false
        }
    }
}

extension Proxy {
    /// The lines whose `proto` is of another mode, each with a sentence.
    var misplacedVersions: [(sentence: String, line: SourceLocation)] {
        let isHTTP = mode == .http
        let sentence = "'proto' names what mode \(mode.rawValue) does not speak"
        return binds.filter { $0.proto.map { $0.isOfHTTP != isHTTP } ?? false }
            .map { ("\(title): \(sentence)", $0.line) }
            + servers.filter { $0.proto.map { $0.isOfHTTP != isHTTP } ?? false }
            .map { ("server \($0.server.name) of \(title): \(sentence)", $0.line) }
    }
}
