import Model

/// How the name of a `server` becomes an address.
enum ServerResolutionKeywords {
    static let table = [
        ServerKeyword("resolvers") { line, draft throws(Refusal) in
            draft.resolution.resolvers = try line.take("the name of a resolvers section")
        },
        ServerKeyword("resolve-prefer") { line, draft throws(Refusal) in
            draft.resolution.prefersV4 = try line.choice(["ipv4": true, "ipv6": false])
        },
        ServerKeyword("resolve-net") { line, draft throws(Refusal) in
            let word = try line.take("networks such as 10.0.0.0/8,fd00::/8")
            for network in word.text.split(separator: ",", omittingEmptySubsequences: false) {
                guard isNetwork(network) else {
                    throw .invalid(word, expected: "networks such as 10.0.0.0/8,fd00::/8")
                }
                draft.resolution.networks.append(String(network))
            }
            guard draft.resolution.networks.count <= 5 else {
                throw .conflict("at most 5 networks can be preferred")
            }
        },
        ServerKeyword("resolve-opts") { line, draft throws(Refusal) in
            let expected = "allow-dup-ip, ignore-weight, prevent-dup-ip"
            let word = try line.take(expected)
            for option in word.text.split(separator: ",", omittingEmptySubsequences: false) {
                switch option {
                case "allow-dup-ip": draft.resolution.allowsDuplicates = true
                case "prevent-dup-ip": draft.resolution.allowsDuplicates = false
                case "ignore-weight": draft.resolution.ignoresWeight = true
                default: throw .invalid(word, expected: "some of \(expected)")
                }
            }
        },
        ServerKeyword("init-addr") { line, draft throws(Refusal) in
            let expected = "some of last, libc, none and an address"
            let word = try line.take(expected)
            draft.resolution.beginnings = []
            for method in word.text.split(separator: ",", omittingEmptySubsequences: false) {
                switch method {
                case "last": draft.resolution.beginnings.append(.last)
                case "libc": draft.resolution.beginnings.append(.system)
                case "none": draft.resolution.beginnings.append(.none)
                case _ where AddressSyntax.isAddress(method):
                    draft.resolution.beginnings.append(.address(String(method)))
                default: throw .invalid(word, expected: expected)
                }
            }
        },
    ]

    private static func isNetwork(_ text: Substring) -> Bool {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard AddressSyntax.isAddress(parts[0]) else { return false }
        guard parts.count == 2 else { return true }
        guard let prefix = try? Units.number(parts[1]) else { return false }
        return prefix <= (parts[0].contains(":") ? 128 : 32)
    }

    /// Gives a server that is named the address it begins with, and says how others are found.
    static func settle(
        _ name: String, in word: Word, _ draft: inout ServerDraft, _ line: LineReader
    ) throws(Refusal) {
        let isService = name.hasPrefix("_")
        guard !isService || draft.resolution.resolvers != nil else {
            throw .conflict("'\(name)' is the name of a service: 'resolvers' has to say who is asked for it")
        }
        let beginnings: [ServerResolutionDraft.Beginning] = isService ? [.none] : draft.resolution.beginnings
        var isWithoutAddress = false
        search: for beginning in beginnings {
            switch beginning {
            case .last:
                draft.resolution.beginsWhereItWas = true
                continue
            case .system:
                guard let address = line.surroundings.resolve(name) else { continue }
                draft.server.address = address
            case .address(let address): draft.server.address = address
            case .none: isWithoutAddress = true
            }
            break search
        }
        // As if 'none' stood behind the others: files are checked where their names are not known.
        if draft.server.address.isEmpty, line.surroundings.toleratesUnknownNames { isWithoutAddress = true }
        guard !draft.server.address.isEmpty || isWithoutAddress else {
            let way = draft.resolution.resolvers == nil ? "" : "; 'init-addr none' begins without one"
            throw .conflict("'\(word.text)': no address is known for '\(name)'\(way)")
        }
        guard isWithoutAddress || draft.resolution.resolvers != nil else { return }
        draft.server.resolution = draft.resolution.resolution(of: name, port: draft.server.port)
    }
}
