import Model

/// `stats …`: the page of statistics.
extension SectionText {
    mutating func add(_ page: StatisticsPage, of name: String) {
        let usual = StatisticsPage()
        add("stats", "enable")
        if page.uri != usual.uri { add("stats", "uri", Word(page.uri)) }
        if page.realm != usual.realm { add("stats", "realm", Word(page.realm)) }
        for user in page.users {
            guard case .plain(let password) = user.password else { continue }
            add("stats", "auth", "\(user.name):\(password)")
        }
        if page.refresh > 0 { add("stats", "refresh", TimeSpelling.word(page.refresh * 1_000)) }
        for name in page.scope { add("stats", "scope", Word(name)) }
        for rule in page.access {
            add(
                ["stats", "http-request"] + (words(of: rule.action, .request, usual.realm) ?? []),
                when: rule.condition)
        }
        for condition in page.admins { add(["stats", "admin"], when: condition) }
        add("stats", "hide-version", if: page.hidesVersion)
        add("stats", "show-modules", if: page.showsModules)
        add("stats", "show-legends", if: page.showsLegends)
        if let node = page.node { add(["stats", "show-node"] + SectionText.name(node)) }
        if let text = page.description { add(["stats", "show-desc"] + (text.isEmpty ? [] : [Word(text)])) }
    }

    /// What is no name is the machine's own.
    private static func name(_ node: String) -> [Word] {
        let isName = node.utf8.allSatisfy { byte in
            (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte &- UInt8(ascii: "0") < 10
                || "-_".utf8.contains(byte)
        }
        return isName && !node.isEmpty ? [Word(node)] : []
    }
}
