import Model

/// `send-proxy`, `send-proxy-v2` and what goes with them, in `server`.
enum SentProxyHeaderKeywords {
    static let table = [
        ServerKeyword("send-proxy") { _, draft in draft.server.sentProxyHeader = .text },
        ServerKeyword("send-proxy-v2") { _, draft in add([], to: &draft) },
        ServerKeyword("send-proxy-v2-ssl") { _, draft in add(.tls, to: &draft) },
        ServerKeyword("send-proxy-v2-ssl-cn") { _, draft in add(.commonName, to: &draft) },
        ServerKeyword("no-send-proxy") { _, draft in
            if draft.server.sentProxyHeader == .text { draft.server.sentProxyHeader = nil }
        },
        ServerKeyword("no-send-proxy-v2") { _, draft in
            if draft.server.sentProxyHeader != .text { draft.server.sentProxyHeader = nil }
        },
        ServerKeyword("proxy-v2-options") { line, draft throws(Refusal) in
            let word = try line.take("options of version 2")
            for name in word.text.split(separator: ",") {
                guard let field = fields.first(where: { $0.key == name })?.value else {
                    let names = fields.map(\.key).joined(separator: ", ")
                    throw .invalid(word, expected: names)
                }
                // They count only if a version 2 header is sent, which may be said behind them.
                draft.proxyFields.formUnion(field)
            }
        },
    ]

    /// `set-proxy-v2-tlv-fmt(0xE1)`, which is a word of its own for each type; nil if it is another word.
    static func field(_ word: Word) throws(Refusal) -> ServerKeyword? {
        let name = "set-proxy-v2-tlv-fmt"
        guard word.text == name || word.text.hasPrefix("\(name)(") else { return nil }
        let argument = word.text.dropFirst(name.count + 1)
        guard argument.last == ")", let type = AnnouncedSamples.number(String(argument.dropLast())) else {
            throw .invalid(word, expected: "\(name)(TYPE), a type being a number from 0 to 255")
        }
        return ServerKeyword(name) { line, draft throws(Refusal) in
            let value = try line.format(for: .bytes, [.connection, .request, .backend, .server])
            draft.server.ownProxyFields.append(OwnProxyField(type, value))
        }
    }

    /// What may stand behind `proxy-v2-options`.
    static let fields: KeyValuePairs<String, SentProxyHeader.Fields> = [
        "ssl": .tls, "cert-cn": .commonName, "ssl-cipher": .cipher, "cert-sig": .signature, "cert-key": .key,
        "authority": .authority, "crc32c": .checksum, "unique-id": .uniqueID,
    ]

    private static func add(_ more: SentProxyHeader.Fields, to draft: inout ServerDraft) {
        var all = more
        if case .binary(let fields) = draft.server.sentProxyHeader { all.formUnion(fields) }
        draft.server.sentProxyHeader = .binary(all)
    }
}
