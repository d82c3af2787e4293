import Engine

/// `show resolvers`: what happened with the name servers.
struct ResolversCommands: Sendable {
    /// The sections there are, by name.
    let resolvers: @Sendable () -> [ResolversReport]

    var commands: [RuntimeCommand] {
        [
            RuntimeCommand(
                "show resolvers", "[id]",
                "dumps counters from all resolvers section and associated name servers", .user
            ) { call in ResolversCommands.text(resolvers(), of: call.words.first) }
        ]
    }

    /// All of them, or that of a name.
    static func text(_ resolvers: [ResolversReport], of name: String?) -> String {
        let found = resolvers.filter { name == nil || $0.name == name }
        if name != nil, found.isEmpty { return "Can't find that resolvers section\n" }
        if found.isEmpty { return "No resolvers found\n" }
        return found.map { section in
            "Resolvers section \(section.name)\n" + section.nameServers.map(text).joined()
        }.joined()
    }

    private static func text(_ server: ResolversReport.NameServer) -> String {
        " nameserver \(server.name):\n"
            + server.counts.named.map { name, count in
                let blanks = String(repeating: " ", count: max(1, 12 - name.utf8.count))
                return "  \(name):\(blanks)\(count)\n"
            }.joined()
    }
}
