import Model

/// What stands in a `ring` section.
enum RingDirectives {
    static let section = [
        RingKeyword("description") { line, _ throws(Refusal) in _ = try line.take("a text") },
        RingKeyword("format") { line, section throws(Refusal) in
            section.ring.framing = try LogTargetReader.framing(&line)
        },
        RingKeyword("maxlen") { line, section throws(Refusal) in
            section.ring.maxLength = try line.number(in: 1...65_535, "a number of bytes from 1 to 65535")
        },
        RingKeyword("size") { line, section throws(Refusal) in
            let size = try line.size()
            guard (1...(1 << 30)).contains(size) else {
                throw .conflict("'\(size)': expected a size from 1 to 1g")
            }
            section.ring.size = size
        },
        RingKeyword("timeout connect") { line, section throws(Refusal) in
            section.ring.connectTimeout = try line.time()
        },
        RingKeyword("timeout server") { line, _ throws(Refusal) in
            _ = try line.time()
            line.ignore("ring … timeout server", "servers of rings say nothing")
        },
        RingKeyword("server") { line, section throws(Refusal) in
            _ = try line.take("a name and an address")
            let word = try line.take("an address and a port")
            let (host, port) = try LogTargetReader.endpoint(word, line)
            var server = LogRing.Server(host, port: port)
            while let word = line.takeIfAny() {
                guard word.text == "log-proto" else {
                    throw .unsupported("server … \(word.text) in a ring", instead: "'log-proto' is")
                }
                server.countsOctets = try line.choice(["octet-count": true, "legacy": false])
            }
            section.ring.servers.append(server)
        },
    ]
}
