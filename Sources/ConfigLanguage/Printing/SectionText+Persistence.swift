import Model

/// `cookie`, `stick …` and `stick-table`.
extension SectionText {
    mutating func addPersistence(of backend: Backend) {
        add("option", "persist", if: backend.persistence.keepsDownServers)
        if let cookie = backend.persistence.cookie { add(cookie) }
        if let name = backend.persistence.desktopCookie { add("persist", Word("rdp-cookie(\(name))")) }
        for exception in backend.persistence.exceptions {
            add([exception.forces ? "force-persist" : "ignore-persist"], when: exception.condition)
        }
        for rule in backend.persistence.stickRules {
            guard let name = StickDirectives.actions.first(where: { $0.value == rule.action })?.key else {
                continue
            }
            let words: [Word] = ["stick", Word(name), word(rule.key), "table", Word(rule.table.description)]
            add(words, when: rule.condition)
        }
    }

    private mutating func add(_ cookie: PersistenceCookie) {
        var words: [Word] = ["cookie", Word(cookie.name)]
        if let mode = cookie.mode { words.append(Word(mode.rawValue)) }
        let flags: [(Word, Bool)] = [
            ("indirect", cookie.isIndirect), ("nocache", cookie.marksPrivate),
            ("postonly", cookie.insertsOnPostOnly), ("preserve", cookie.preservesServers),
            ("httponly", cookie.isHTTPOnly), ("secure", cookie.isSecure),
        ]
        words += flags.filter(\.1).map(\.0)
        for domain in cookie.domains { words += ["domain", Word(domain)] }
        if cookie.maxIdle > 0 { words += ["maxidle", TimeSpelling.word(cookie.maxIdle * 1_000)] }
        if cookie.maxLife > 0 { words += ["maxlife", TimeSpelling.word(cookie.maxLife * 1_000)] }
        for attribute in cookie.attributes { words += ["attr", Word(attribute)] }
        if cookie.isSecureOverTLS, !cookie.isSecure {
            remark("the cookie is Secure where the client speaks TLS")
        }
        if let key = cookie.dynamicKey {
            words.append("dynamic")
            // It may be made from a Secret, and is one where it was not text.
            if context.isOfText {
                add("dynamic-cookie-key", Word(key))
            } else {
                add("dynamic-cookie-key", "sluice")
                remark(
                    "the key of the cookie's values is not printed; with this one clients are balanced anew")
            }
        }
        if cookie.path != "/" { remark("the cookie's path is '\(cookie.path)'") }
        add(words)
    }

    /// The table of a section.
    mutating func add(_ table: StickTable, called name: TableName) {
        add(
            ["stick-table"] + words(of: table, called: name)
                + (table.peers.map { ["peers", Word($0)] } ?? []))
    }

    /// What stands behind its name.
    func words(of table: StickTable, called name: TableName) -> [Word] {
        var words: [Word] = ["type"]
        switch table.type {
        case .ip: words.append("ip")
        case .ipv6: words.append("ipv6")
        case .integer: words.append("integer")
        case .string(let length): words += ["string", "len", "\(length)"]
        case .binary(let length): words += ["binary", "len", "\(length)"]
        }
        words += ["size", "\(table.size)"]
        if table.expire > 0 { words += ["expire", TimeSpelling.word(table.expire)] }
        if table.keepsEntries { words.append("nopurge") }
        if table.serverKey == .address { words += ["srvkey", "addr"] }
        let stored = said(table, name).map(SectionText.text)
        if !stored.isEmpty { words += ["store", Word(stored.joined(separator: ","))] }
        return words
    }

    /// Without the servers that `stick` rules make it hold.
    private func said(_ table: StickTable, _ name: TableName) -> [StoredData] {
        let isStuckTo = context.configuration.backends.values.contains { backend in
            backend.persistence.stickRules.contains { $0.table == name }
        }
        guard isStuckTo, table.stored.suffix(2).map(\.kind) == [.serverID, .serverKey] else {
            return table.stored
        }
        return table.stored.dropLast(2)
    }

    private static func text(_ data: StoredData) -> String {
        let arguments =
            (data.kind.isArray ? ["\(data.count)"] : [])
            + (data.kind.isRate ? [TimeSpelling.word(data.period).text] : [])
        return data.kind.rawValue + (arguments.isEmpty ? "" : "(\(arguments.joined(separator: ",")))")
    }
}
