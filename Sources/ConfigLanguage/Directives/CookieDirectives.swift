import Model

/// `cookie`, `dynamic-cookie-key`, `persist`.
enum CookieDirectives {
    static let table = [
        Directive("cookie") { line, proxy throws(Refusal) in
            proxy.backend.persistence.cookie = try cookie(&line)
        },
        Directive("persist") { line, proxy throws(Refusal) in
            let word = try line.take("rdp-cookie or rdp-cookie(NAME)")
            let name = BalanceDirectives.argument(of: "rdp-cookie", in: word.text)
            guard word.text == "rdp-cookie" || name?.isEmpty == false else {
                throw .invalid(word, expected: "rdp-cookie or rdp-cookie(NAME)")
            }
            proxy.backend.persistence.desktopCookie = name ?? "msts"
        },
        Directive("dynamic-cookie-key") { line, proxy throws(Refusal) in
            proxy.dynamicCookieKey = try line.takeSecret("a key").text
        },
    ]

    private static let expected =
        "rewrite, insert, prefix, indirect, nocache, postonly, preserve, httponly, secure, domain, maxidle, maxlife, "
        + "dynamic or attr"

    private static func cookie(_ line: inout LineReader) throws(Refusal) -> PersistenceCookie {
        var cookie = PersistenceCookie(name: try line.take("a name").text, mode: nil)
        while let word = line.takeIfAny() { try read(word, &line, &cookie) }
        if (cookie.maxIdle > 0 || cookie.maxLife > 0), cookie.mode != .insert {
            throw .conflict("maxidle and maxlife go with insert only")
        }
        if let flaw = cookie.flaw { throw .conflict(sentence(flaw)) }
        return cookie
    }

    private static func read(
        _ word: Word, _ line: inout LineReader, _ cookie: inout PersistenceCookie
    ) throws(Refusal) {
        switch word.text {
        case "rewrite", "insert", "prefix":
            if let mode = cookie.mode, mode.rawValue != word.text {
                throw .conflict("'\(word.text)' after '\(mode.rawValue)': one of insert, rewrite and prefix")
            }
            cookie.mode = CookieMode(rawValue: word.text)
        case "indirect": cookie.isIndirect = true
        case "nocache": cookie.marksPrivate = true
        case "postonly": cookie.insertsOnPostOnly = true
        case "preserve": cookie.preservesServers = true
        case "httponly": cookie.isHTTPOnly = true
        case "secure": cookie.isSecure = true
        case "domain": cookie.domains.append(try line.take("a domain").text)
        case "maxidle": cookie.maxIdle = try line.time(unit: .seconds) / 1_000
        case "maxlife": cookie.maxLife = try line.time(unit: .seconds) / 1_000
        // The key comes with `dynamic-cookie-key`, before or after.
        case "dynamic": cookie.dynamicKey = ""
        case "attr": cookie.attributes.append(try line.take("an attribute").text)
        default: throw .invalid(word, expected: expected)
        }
    }

    private static func sentence(_ flaw: PersistenceFlaw) -> String {
        switch flaw {
        case .name: "the name holds what the name of a cookie can not"
        case .rewriteIndirect: "rewrite and indirect do not go together"
        case .preserveAlone: "preserve goes with insert or indirect"
        case .domain(let domain): "'\(domain)' is no domain"
        case .attribute(let attribute): "'\(attribute)' is no attribute"
        case .time: "a time is beyond 68 years"
        }
    }
}
