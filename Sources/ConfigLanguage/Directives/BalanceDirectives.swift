import Model

/// `balance`, `hash-type`, `hash-balance-factor`.
enum BalanceDirectives {
    static let table = [
        Directive("balance") { line, proxy throws(Refusal) in proxy.backend.balance = try balance(&line) },
        Directive("hash-type") { line, proxy throws(Refusal) in proxy.backend.hashType = try hashType(&line)
        },
        Directive("hash-balance-factor") { line, proxy throws(Refusal) in
            let factor = try line.number(in: 0...65_535, "0, or a percentage above 100")
            guard factor == 0 || factor > 100 else {
                throw .conflict("'\(factor)': expected 0, or a percentage above 100")
            }
            proxy.backend.hashBalanceFactor = factor
        },
    ]

    private static let names = [
        "roundrobin", "static-rr", "leastconn", "first", "source", "uri", "url_param", "hdr(NAME)", "random",
        "rdp-cookie", "rdp-cookie(NAME)", "hash EXPRESSION",
    ]

    private static func balance(_ line: inout LineReader) throws(Refusal) -> Balance {
        let word = try line.take("an algorithm: \(names.joined(separator: ", "))")
        switch word.text {
        case "roundrobin": return .roundRobin
        case "static-rr": return .staticRoundRobin
        case "leastconn": return .leastConnections
        case "first": return .first
        case "source": return .source
        case "uri": return .hash(.uri(try uriPart(&line)))
        case "url_param":
            let name = try line.take("the name of a parameter").text
            return .hash(.parameter(name, searchesPosts: line.takes("check_post")))
        case "random": return .random(draws: 2)
        case "hash": return .hash(.expression(try line.expression(for: .choosingServer.union(.payload))))
        case "rdp-cookie": return desktopCookie("mstshash")
        case "sticky", "log-hash", "log-sticky":
            throw .unsupported("balance \(word.text)", instead: nil)
        default: break
        }
        if let name = argument(of: "hdr", in: word.text), !name.isEmpty {
            return .hash(.header(name, domainOnly: line.takes("use_domain_only")))
        }
        if let name = argument(of: "rdp-cookie", in: word.text), !name.isEmpty { return desktopCookie(name) }
        if let text = argument(of: "random", in: word.text) {
            guard let draws = try? Units.number(text), (1...10_000).contains(draws) else {
                throw .invalid(word, expected: "random(DRAWS) with at least one draw")
            }
            return .random(draws: draws)
        }
        throw .invalid(word, expected: "one of \(names.joined(separator: ", "))")
    }

    private static func desktopCookie(_ name: String) -> Balance {
        // A fetch alone always fits.
        (try? Expression(.desktopCookie(name, isCount: false))).map { .hash(.expression($0)) } ?? .roundRobin
    }

    /// `name(argument)`.
    static func argument(of name: String, in text: String) -> String? {
        guard text.hasPrefix("\(name)("), text.hasSuffix(")") else { return nil }
        return String(text.dropFirst(name.count + 1).dropLast())
    }

    private static func uriPart(_ line: inout LineReader) throws(Refusal) -> URIPart {
        var part = URIPart()
        while let word = line.next {
            line.skip()
            switch word.text {
            case "len": part.length = try line.number(in: 1...1_048_576, "a number of bytes")
            case "depth": part.depth = try line.number(in: 1...1_048_576, "a number of directories")
            case "whole": part.isWhole = true
            case "path-only": part.isPathOnly = true
            default: throw .invalid(word, expected: "len, depth, whole or path-only")
            }
        }
        return part
    }

    private static func hashType(_ line: inout LineReader) throws(Refusal) -> HashType {
        var type = try line.choice(["map-based": HashType.mapBased, "consistent": .consistent])
        guard line.next != nil else { return type }
        // A function without `avalanche` is not mixed, whatever the method.
        type.hasAvalanche = false
        type.function = try line.choice([
            "sdbm": .sdbm, "djb2": .djb2, "wt6": .wt6, "crc32": .crc32, "none": HashFunction.none,
        ])
        guard line.next != nil else { return type }
        type.hasAvalanche = try line.choice(["avalanche": true])
        return type
    }
}
