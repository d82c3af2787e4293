import Model

/// `source`, of sections and of servers, and `tcp-ut` of servers.
enum SourceKeywords {
    static let table = [
        Directive("source") { line, proxy throws(Refusal) in proxy.source = try source(&line) }
    ]

    static let servers = [
        ServerKeyword("source") { line, draft throws(Refusal) in
            var source = try source(&line)
            source.patience = draft.server.source?.patience ?? 0
            (draft.server.source, draft.saysSource) = (source, true)
        },
        ServerKeyword("tcp-ut") { line, draft throws(Refusal) in
            var source = draft.server.source ?? ServerSource()
            source.patience = try line.time()
            draft.server.source = source == ServerSource() ? nil : source
        },
        ServerKeyword("usesrc") { _, _ throws(Refusal) in throw .conflict("it stands behind 'source ADDRESS'")
        },
    ]

    /// `ADDRESS[:PORT[-PORT]] [usesrc client|clientip] [interface NAME]`.
    private static func source(_ line: inout LineReader) throws(Refusal) -> ServerSource {
        var source = try place(line.take("an address"))
        while let next = line.next, ["usesrc", "interface"].contains(next.text) {
            line.skip()
            guard next.text == "usesrc" else {
                let name = try line.take("a network interface")
                guard name.bytes.count < 16, !name.bytes.contains(0) else {
                    throw .invalid(name, expected: "a network interface")
                }
                source.interface = name.text
                continue
            }
            source.foreign = try foreign(line.take("client or clientip"))
        }
        return source
    }

    private static func foreign(_ word: Word) throws(Refusal) -> ServerSource.Foreign {
        if let found = ServerSource.Foreign(rawValue: word.text) { return found }
        if word.text.hasPrefix("hdr_ip(") {
            throw .unsupported(
                "usesrc hdr_ip", instead: "'http-request set-src hdr_ip(…)' with 'usesrc clientip' does it")
        }
        let (host, _) = AddressSyntax.split(word.text[...])
        if AddressSyntax.isAddress(host) {
            throw .unsupported(
                "usesrc ADDRESS", instead: "'source ADDRESS' is, for addresses of this machine")
        }
        throw .invalid(word, expected: "client or clientip")
    }

    private static func place(_ word: Word) throws(Refusal) -> ServerSource {
        let expected = "an address such as 192.0.2.1 or 192.0.2.1:1024-65535"
        let text = try AddressSyntax.withoutFamily(word)
        var source = ServerSource()
        var (host, ports) = AddressSyntax.isAddress(text) ? (text, nil) : AddressSyntax.split(text)
        if ports == "0" || ports == "" { ports = nil }
        if host.isEmpty || host == "*" { host = "0.0.0.0" }
        guard AddressSyntax.isAddress(host) else { throw .invalid(word, expected: expected) }
        let isAny = ["0.0.0.0", "::"].contains(host)
        if !isAny || ports != nil { source.address = String(host) }
        guard let ports else { return source }
        let ends = ports.split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count <= 2, let first = AddressSyntax.port(ends[0]), first > 0,
            let last = AddressSyntax.port(ends[ends.count - 1]), first <= last
        else { throw .invalid(word, expected: expected) }
        source.ports = first...last
        return source
    }

    /// What holds for a server: what its section says, unless its line does.
    static func settled(_ draft: ServerDraft, in section: ServerSource?) -> ServerSource? {
        var source = draft.server.source ?? ServerSource()
        if !draft.saysSource, let section {
            let patience = source.patience
            source = section
            source.patience = patience
        }
        return source == ServerSource() ? nil : source
    }
}
