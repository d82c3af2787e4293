import Model

/// `resolvers` sections, and how servers use them.
extension SectionText {
    /// All lines of a section; what is HAProxy's value is not said.
    mutating func add(_ resolvers: Resolvers) {
        let usual = Resolvers(name: resolvers.name)
        for server in resolvers.nameServers {
            let host = server.address.contains(":") ? "[\(server.address)]" : server.address
            let place = "\(server.usesTCP ? "tcp@" : "")\(host):\(server.port)"
            add(["nameserver", Word(server.name), Word(place)])
        }
        func time(_ words: [Word], _ value: Int, unless usual: Int) {
            if value != usual { add(words + [TimeSpelling.word(value)]) }
        }
        time(["hold", "valid"], resolvers.hold.valid, unless: usual.hold.valid)
        time(["hold", "obsolete"], resolvers.hold.obsolete, unless: usual.hold.obsolete)
        time(["hold", "nx"], resolvers.hold.absent, unless: usual.hold.absent)
        time(["hold", "refused"], resolvers.hold.refused, unless: usual.hold.refused)
        time(["hold", "timeout"], resolvers.hold.timeout, unless: usual.hold.timeout)
        time(["hold", "other"], resolvers.hold.other, unless: usual.hold.other)
        if resolvers.tries != usual.tries { add("resolve_retries", "\(resolvers.tries)") }
        time(["timeout", "resolve"], resolvers.interval, unless: usual.interval)
        time(["timeout", "retry"], resolvers.retryTimeout, unless: usual.retryTimeout)
        if resolvers.answerSize != usual.answerSize {
            add("accepted_payload_size", "\(resolvers.answerSize)")
        }
    }

    /// Where a server is: its name, where it is found by one.
    static func place(of server: Server) -> String {
        guard let resolution = server.resolution else {
            let isV6 = server.address.utf8.contains(UInt8(ascii: ":"))
            let host = isV6 ? "[\(server.address)]" : server.address
            return server.isLocal ? server.address : "\(host):\(server.port)"
        }
        return resolution.port > 0 ? "\(resolution.name):\(resolution.port)" : resolution.name
    }

    /// How it is found.
    static func words(of resolution: ServerResolution, from address: String) -> [Word] {
        var words: [Word] = []
        if let name = resolution.resolvers { words += ["resolvers", Word(name)] }
        if resolution.prefersV4 { words += ["resolve-prefer", "ipv4"] }
        if !resolution.networks.isEmpty {
            words += ["resolve-net", Word(resolution.networks.joined(separator: ","))]
        }
        let options = [
            resolution.allowsDuplicates ? "allow-dup-ip" : nil,
            resolution.ignoresWeight ? "ignore-weight" : nil,
        ].compactMap { $0 }
        if !options.isEmpty { words += ["resolve-opts", Word(options.joined(separator: ","))] }
        if !resolution.isService { words += ["init-addr", Word(address.isEmpty ? "none" : address)] }
        return words
    }
}
