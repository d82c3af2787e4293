import Model

/// Sections of peers, and the tables that are shared.
extension Assembly {
    /// Their own tables have their names in front of theirs: `cluster/clients`.
    mutating func enterPeers() {
        for var section in peers {
            settle(&section)
            result.peers.append(section.section)
            for (name, table, _) in section.tables {
                result.tables[TableName("\(section.section.name)/\(name)")] = table
            }
            guard !section.section.hasLocal else { continue }
            add(
                .warning, "NeverMatches",
                "peers \(section.section.name): none of them is called '\(section.section.localName)', as this process is, so that "
                    + "nothing is shared; 'localpeer' or '-L' says another name", section.line)
        }
    }

    /// What lines of a section say together.
    private mutating func settle(_ peers: inout PeersSection) {
        let title = "peers \(peers.section.name)"
        do throws(Refusal) {
            try peers.settle()
        } catch {
            add(.error, error.reason, "\(title): 'bind': \(error.sentence)", peers.bind.line)
        }
        let (most, largest) = (peers.section.shards, peers.section.peers.map(\.shard).max() ?? 0)
        if most > 0, largest > most {
            add(
                .error, "Conflict", "\(title): 'shard \(largest)': it is at most \(most), as 'shards' says",
                peers.shardLine ?? peers.line)
        }
        if let line = peers.localTLS, !peers.bind.bind.isTLS {
            add(
                .warning, "NoEffect",
                "\(title): 'ssl' says here how others are called, and this is '\(peers.section.localName)' itself, which is reached "
                    + "without: say 'bind … ssl', or 'default-bind ssl'", line)
        }
    }

    /// The section that a table is shared by has to be there.
    mutating func checkPeers(of table: StickTable, _ proxy: Proxy) {
        guard let name = table.peers, !peers.contains(where: { $0.section.name == name }) else { return }
        let known = peers.map(\.section.name)
        let nearest = Suggestion.nearest(to: name, among: known)
        add(
            .error, "UnknownPeers",
            "'stick-table' of \(proxy.title): no peers section is called '\(name)'"
                + (nearest.map { "; did you mean '\($0)'?" } ?? ""), proxy.line)
    }

    /// Whether a table is missing because its line was refused, which was told already.
    func isRefusedTable(_ name: TableName) -> Bool {
        let parts = name.description.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return false }
        return peers.contains { $0.section.name == parts[0] && $0.refusedTables.contains(String(parts[1])) }
    }
}
