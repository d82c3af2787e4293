import Model

/// What stands in a `resolvers` section.
enum ResolversDirectives {
    static let section = [
        ResolversKeyword("nameserver") { line, section throws(Refusal) in
            let name = try line.take("a name and an address")
            let word = try line.take("an address and a port")
            guard !section.resolvers.nameServers.contains(where: { $0.name == name.text }) else {
                throw .conflict("'\(name.text)' is the name of another name server of this section already")
            }
            let server = try nameServer(name.text, word, line)
            section.resolvers.nameServers.append(server)
        },
        ResolversKeyword("parse-resolv-conf") { line, section throws(Refusal) in
            guard case .file(let bytes) = line.surroundings.read(systemFile) else {
                throw .conflict("\(systemFile) can not be read")
            }
            for server in nameServers(of: bytes) {
                guard !section.resolvers.nameServers.contains(where: { $0.name == server.name }) else {
                    line.warn("\(systemFile): '\(server.name)' is there already and left out")
                    continue
                }
                section.resolvers.nameServers.append(server)
            }
        },
        ResolversKeyword("hold") { line, section throws(Refusal) in
            let place = try line.choice([
                "valid": \Resolvers.Hold.valid, "obsolete": \.obsolete, "nx": \.absent, "refused": \.refused,
                "timeout": \.timeout, "other": \.other,
            ])
            section.resolvers.hold[keyPath: place] = try line.time()
        },
        ResolversKeyword("resolve_retries") { line, section throws(Refusal) in
            section.resolvers.tries = try line.number(in: 1...1_000, "a number from 1 to 1000")
        },
        ResolversKeyword("timeout resolve") { line, section throws(Refusal) in
            section.resolvers.interval = try time(&line)
        },
        ResolversKeyword("timeout retry") { line, section throws(Refusal) in
            section.resolvers.retryTimeout = try time(&line)
        },
        ResolversKeyword("accepted_payload_size") { line, section throws(Refusal) in
            section.resolvers.answerSize = try line.number(
                in: 12...65_535, "a number of bytes from 12 to 65535")
        },
    ]

    /// Where this machine's name servers stand.
    private static let systemFile = "/etc/resolv.conf"

    /// Asking without a pause would be an attack on the name server.
    private static func time(_ line: inout LineReader) throws(Refusal) -> Int {
        let time = try line.time()
        guard time > 0 else { throw .conflict("a time above 0 is needed") }
        return time
    }

    private static func nameServer(
        _ name: String, _ word: Word, _ line: LineReader
    ) throws(Refusal) -> Resolvers.NameServer {
        var text = word.text[...]
        var usesTCP = false
        if let at = text.firstIndex(of: "@") {
            let family = text[..<at]
            usesTCP = family.hasPrefix("tcp")
            guard ["udp", "udp4", "udp6", "tcp", "tcp4", "tcp6", "ipv4", "ipv6"].contains(family) else {
                throw .unsupported("nameserver … \(family)@", instead: "udp@ and tcp@ are")
            }
            text = text[text.index(after: at)...]
        }
        let (host, number) = AddressSyntax.split(text)
        guard let number, let port = AddressSyntax.port(number), port > 0 else {
            throw .invalid(word, expected: "an address and a port from 1 to 65535")
        }
        if AddressSyntax.isAddress(host) {
            return Resolvers.NameServer(name: name, address: String(host), port: port, usesTCP: usesTCP)
        }
        guard !host.isEmpty, let address = line.surroundings.resolve(String(host)) else {
            throw .conflict("'\(word.text)': no address is known for '\(host)'")
        }
        return Resolvers.NameServer(name: name, address: address, port: port, usesTCP: usesTCP)
    }

    /// The section that there is without a line, as this machine resolves names; nil without a name server.
    static func system(_ surroundings: Surroundings) -> Resolvers? {
        guard case .file(let bytes) = surroundings.read(systemFile) else { return nil }
        let servers = nameServers(of: bytes)
        return servers.isEmpty ? nil : Resolvers(name: Resolvers.defaultName, nameServers: servers)
    }

    /// Each once, called by its address.
    private static func nameServers(of bytes: [UInt8]) -> [Resolvers.NameServer] {
        var servers: [Resolvers.NameServer] = []
        for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) {
            let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
            guard words.count >= 2, words[0] == "nameserver", AddressSyntax.isAddress(words[1]),
                !servers.contains(where: { $0.name == words[1] })
            else { continue }
            servers.append(Resolvers.NameServer(name: String(words[1]), address: String(words[1])))
        }
        return servers
    }
}
