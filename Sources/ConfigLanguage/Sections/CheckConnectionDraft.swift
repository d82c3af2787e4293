import Model

/// What `tcp-check connect` or `http-check connect` says: where servers are asked, and how. What it does not say is not as the server's
/// line has it, but for address and port, unless it says `default`.
struct CheckConnectionDraft: Sendable {
    /// `default`.
    var isLikeServer = false
    var port: UInt16 = 0
    var address = ""
    /// `ssl`.
    var speaksTLS = false
    /// `sni`.
    var serverName = ""
    /// `alpn`.
    var protocols: [String] = []
    /// `proto`.
    var speaks: ServerProtocol?
    var sendsProxyHeader = false
    let place: SourceLocation

    init(_ place: SourceLocation) { self.place = place }

    /// Reads what stands behind the keyword.
    static func read(_ line: inout LineReader) throws(Refusal) -> CheckConnectionDraft {
        var draft = CheckConnectionDraft(line.place)
        while let word = line.takeIfAny() {
            switch word.text {
            case "default": draft.isLikeServer = true
            case "port": draft.port = try readPort(&line)
            case "addr":
                let (address, port) = try place(&line)
                draft.address = address
                if draft.port == 0 { draft.port = port }
            case "ssl": draft.speaksTLS = true
            case "sni":
                let name = try line.take("a name").text
                // Expressions of the check are not there; one that says itself what it is may stand for it.
                let isText = name.hasPrefix("str(") && name.hasSuffix(")")
                draft.serverName = isText ? String(name.dropFirst(4).dropLast()) : name
            case "alpn":
                draft.protocols = try line.take("protocols, e.g. h2,http/1.1").text.split(separator: ",")
                    .map(String.init)
            case "proto": draft.speaks = try line.choice(["h1": .http1, "h2": .http2])
            case "send-proxy": draft.sendsProxyHeader = true
            // Connections of checks end as soon as the answer is here.
            case "linger":
                line.ignore("\(line.subject) … linger", "connections of checks are closed as they are")
            case "comment": _ = try line.take("a comment")
            case "via-socks4": throw .unsupported("\(line.subject) via-socks4", instead: nil)
            default:
                throw .invalid(
                    word,
                    expected: "default, port, addr, ssl, sni, alpn, proto, send-proxy, linger or comment")
            }
        }
        return draft
    }

    private static func readPort(_ line: inout LineReader) throws(Refusal) -> UInt16 {
        let expected = "a port from 1 to 65535"
        let word = try line.take(expected)
        if let port = AddressSyntax.port(word.text[...]), port > 0 { return port }
        guard word.text.contains("(") || KnownSamples.fetches.contains(word.text) else {
            throw .invalid(word, expected: expected)
        }
        throw .unsupported("\(line.subject) port with an expression", instead: "a number is")
    }

    /// An address, with a port or without.
    private static func place(_ line: inout LineReader) throws(Refusal) -> (address: String, port: UInt16) {
        let expected = "an address such as 192.0.2.1 or 192.0.2.1:80"
        let word = try line.take(expected)
        let text = try AddressSyntax.withoutFamily(word)
        if AddressSyntax.isAddress(text) { return (String(text), 0) }
        let (host, behind) = AddressSyntax.split(text)
        guard AddressSyntax.isAddress(host), let behind, let port = AddressSyntax.port(behind) else {
            throw .invalid(word, expected: expected)
        }
        return (String(host), port)
    }

    /// Makes it a check's, which so far is as the server's line says; `tls` is how TLS is spoken with the server, if it is at all.
    func apply(to check: inout ServerCheck, over tls: ServerTLS?) {
        if port > 0 { check.port = port }
        if !address.isEmpty { check.address = address }
        if speaksTLS, let tls {
            check.tls.use = .always(tls)
        } else if !isLikeServer {
            check.tls.use = .never
        }
        if !serverName.isEmpty || !isLikeServer { check.tls.serverName = serverName }
        if !protocols.isEmpty || !isLikeServer { check.tls.protocols = protocols }
        if speaks != nil || !isLikeServer { check.speaks = speaks ?? .http1 }
        if sendsProxyHeader || !isLikeServer { check.sendsProxyHeader = sendsProxyHeader }
    }
}
