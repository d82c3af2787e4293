import Model

/// What stands in a `peers` section.
extension SectionText {
    mutating func add(_ section: PeerSection) {
        add("disabled", if: section.isDisabled)
        if section.shards > 0 { add("shards", "\(section.shards)") }
        for bind in section.binds {
            add(
                ["bind", SectionText.endpoint(bind.address ?? "::", bind.port)]
                    + words(of: bind, section.name))
        }
        for peer in section.peers {
            var words: [Word] = ["server", Word(peer.name)]
            if let address = peer.address { words.append(SectionText.endpoint(address, peer.port)) }
            if let tls = peer.tls { words += ["ssl"] + self.words(of: tls) }
            if peer.shard > 0 { words += ["shard", "\(peer.shard)"] }
            add(words)
        }
        let prefix = "\(section.name)/"
        let own = context.configuration.tables.filter { $0.key.description.hasPrefix(prefix) }
        for (name, table) in own.sorted(by: { $0.key.description < $1.key.description }) {
            add(
                [
                    ["table", Word(String(name.description.dropFirst(prefix.count)))],
                    words(of: table, called: name),
                ].flatMap(\.self))
        }
    }

    private mutating func words(of bind: PeerSection.Listening, _ section: String) -> [Word] {
        guard let tls = bind.tls else { return [] }
        var words: [Word] = ["ssl"]
        let known = context.files?.peerBinds[section]
        if known == nil {
            remark("the certificate that peers are shown is not printed: put it into /etc/sluice/peers.pem")
        }
        words += known ?? ["crt", "/etc/sluice/peers.pem"]
        if tls.isStrict { words.append("strict-sni") }
        words += TLSSpelling.words(tls.parameters, beyond: context.global.bindParameters)
        if let demand = tls.clientAuthentication { words += self.words(of: demand) }
        return words
    }
}
