import Model

/// Sending clients elsewhere: to HTTPS, or for good or for now to another address.
///
/// ```
///   temporal-redirect ─► permanent-redirect ─► ssl-redirect, force-ssl-redirect
/// ```
struct Redirects: Sendable, Equatable {
    /// To HTTPS where the host has a certificate; nil is yes, as ingress-nginx has it.
    var toHTTPS: Bool?
    /// To HTTPS also where it has none; nil is what holds for all.
    var toHTTPSAlways: Bool?
    var keepsTrailingSlash = false
    /// Whether the redirect to a path with a slash at its end says the path alone.
    var saysPathAlone = false
    var httpsStatus: UInt16?
    var permanent: String?
    var permanentStatus: UInt16?
    var temporal: String?
    var temporalStatus: UInt16?
    /// Whether the redirect to HTTPS says its port also where it is 443.
    var saysPort = false
    /// The port of HTTPS, where it is not the one of the flags.
    var port: UInt16?
    /// Another host, with or without a port, that every request is sent to.
    var host: String?
    var hostStatus: UInt16 = 302

    static let rows: [AnnotationRow] = [
        AnnotationRow(
            SettingRow(
                .nginx("ssl-redirect"), .own("ssl-redirect"), .haproxy("ssl-redirect"), form: .bool,
                fallback: "true", "Sends plain HTTP to HTTPS with 308 where the host has TLS."
            ) { $0.redirects.toHTTPS = $1 },
            phase: .redirect,
            differs:
                "paths below `/.well-known/acme-challenge` are never sent away; `haproxy.org/` has the same status and default"
        ),
        AnnotationRow(
            SettingRow(
                .nginx("force-ssl-redirect"), .own("force-ssl-redirect"), form: .bool, fallback: "false",
                "Sends plain HTTP to HTTPS also where the host has no TLS."
            ) { $0.redirects.toHTTPSAlways = $1 },
            phase: .redirect, risk: .medium),
        AnnotationRow(
            SettingRow(
                .nginx("preserve-trailing-slash"), .own("preserve-trailing-slash"), form: .bool,
                fallback: "false", "Keeps the trailing slash in the redirect to HTTPS."
            ) { $0.redirects.keepsTrailingSlash = $1 },
            phase: .redirect, risk: .medium),
        AnnotationRow(
            SettingRow(
                .haproxy("ssl-redirect-code"), .own("ssl-redirect-code"), form: .status(Redirect.statuses),
                fallback: "308", "The status of the redirect to HTTPS."
            ) { $0.redirects.httpsStatus = $1 },
            phase: .redirect),
        AnnotationRow(
            SettingRow(
                .nginx("permanent-redirect"), .own("permanent-redirect"), form: .location, fallback: "",
                "Sends every request to this address with 301; path and query are not appended."
            ) { $0.redirects.permanent = $1 },
            phase: .redirect, risk: .medium),
        AnnotationRow(
            SettingRow(
                .nginx("permanent-redirect-code"), .own("permanent-redirect-code"),
                form: .status([301, 302, 303, 307, 308]), fallback: "301",
                "The status of `permanent-redirect`."
            ) { $0.redirects.permanentStatus = $1 },
            phase: .redirect, whenInvalid: .fallsBack,
            differs: "300, 304, 305 and 306, which send nobody anywhere, are 301"),
        AnnotationRow(
            SettingRow(
                .nginx("temporal-redirect"), .own("temporal-redirect"), form: .url, fallback: "",
                "Sends every request to this URL with 302; wins over `permanent-redirect`."
            ) { $0.redirects.temporal = $1 },
            phase: .redirect, risk: .medium),
        AnnotationRow(
            SettingRow(
                .nginx("temporal-redirect-code"), .own("temporal-redirect-code"),
                form: .status([301, 302, 303, 307]), fallback: "302", "The status of `temporal-redirect`."
            ) { $0.redirects.temporalStatus = $1 },
            phase: .redirect, whenInvalid: .fallsBack,
            differs: "300, 304, 305 and 306, which send nobody anywhere, are 302"),
        AnnotationRow(
            SettingRow(
                .haproxy("request-redirect"), form: .otherHost, fallback: "",
                "Sends every request to the same path of this host, with 302."
            ) { $0.redirects.host = $1 },
            phase: .redirect, risk: .medium),
        AnnotationRow(
            SettingRow(
                .haproxy("request-redirect-code"), form: .status(Redirect.statuses), fallback: "302",
                "The status of that."
            ) { $0.redirects.hostStatus = $1 },
            phase: .redirect),
        AnnotationRow(
            SettingRow(
                .haproxy("ssl-redirect-port"), form: .integer(1...65_535),
                fallback: "443, or the flags'", "The port that the redirect to HTTPS says, if it is not 443."
            ) { $0.redirects.port = UInt16(clamping: $1) },
            phase: .redirect,
            differs: "without it the port is the one that clients find HTTPS at (there: 8443)"),
        AnnotationRow(
            SettingRow(
                .nginx("use-port-in-redirects"), .own("use-port-in-redirects"), form: .bool,
                fallback: "false", "Whether the redirect to HTTPS says the port where it is 443."
            ) { $0.redirects.saysPort = $1 },
            phase: .redirect, differs: "a port that is not 443 is said without it"),
        AnnotationRow(
            SettingRow(
                .nginx("relative-redirects"), .own("relative-redirects"), form: .bool, fallback: "true",
                "Whether a redirect to a path says a path."
            ) { $0.redirects.saysPathAlone = $1 },
            phase: .redirect,
            differs:
                "`permanent-redirect` to a path says it with either value; of the other redirects that for the slash at the end of a path alone heeds it"
        ),
    ]

    /// Where ACME's HTTP-01 asks: the answer must come over plain HTTP.
    static let challengePath = "/.well-known/acme-challenge"

    /// Rules about all requests.
    var first: [HTTPRule] {
        let target: String
        let status: UInt16
        if let temporal {
            (target, status) = (temporal, temporalStatus ?? 302)
        } else if let permanent {
            (target, status) = (permanent, permanentStatus ?? 301)
        } else {
            return toHost
        }
        var redirect = Redirect(.location, to: target)
        redirect.status = status
        return [HTTPRule(.redirect(redirect))]
    }

    private var toHost: [HTTPRule] {
        guard let host,
            let target = NginxTemplate("$scheme://\(host)$request_uri")?.format(TemplateNames())
        else { return [] }
        var redirect = Redirect(.location, to: target)
        redirect.status = hostStatus
        return [HTTPRule(.redirect(redirect))]
    }

    /// Whether plain requests for a path are sent to HTTPS, whatever holds for all.
    func sendsToHTTPS(path: String, hostHasTLS: Bool) -> Bool {
        guard toHTTPSAlways ?? false || hostHasTLS && toHTTPS ?? true else { return false }
        return !path.hasPrefix(Redirects.challengePath)
    }

    /// Rules about plain requests that are sent to HTTPS: all, or those of a condition. A port is said only where clients would not
    /// find it.
    func unsecured(port usual: UInt16?, when condition: RuleCondition? = nil) -> [HTTPRule] {
        let port = self.port ?? usual
        var parts: [FormatString.Part] = [.text(Array("https://".utf8))]
        if let host = Redirects.host { parts.append(.sample(host, .encoded)) }
        if let port = port ?? (saysPort ? 443 : nil), saysPort || port != 443 {
            parts.append(.text(Array(":\(port)".utf8)))
        }
        if let target = keepsTrailingSlash ? Redirects.target : Redirects.targetWithoutSlash {
            parts.append(.sample(target, .encoded))
        }
        var redirect = Redirect(.location, to: FormatString(parts))
        redirect.status = httpsStatus ?? 308
        return [HTTPRule(.redirect(redirect), when: condition)]
    }

    /// The rule for requests that lack the slash at the end of a path: as nginx makes it, with the query.
    func slash(_ path: String) -> HTTPRule? {
        guard let scheme = Redirects.scheme, let host = Redirects.host,
            let query = try? Expression(
                .ofRequest(.pathAndQuery), [.regexReplace(RegexReplacement("^[^?]*", by: []))])
        else { return nil }
        let origin: [FormatString.Part] =
            saysPathAlone
            ? [] : [.sample(scheme, []), .text(Array("://".utf8)), .sample(host, .encoded)]
        var redirect = Redirect(
            .location, to: FormatString(origin + [.text(Redirects.escaped(path)), .sample(query, .encoded)]))
        redirect.status = 301
        return HTTPRule(.redirect(redirect))
    }

    /// A path as it stands in a Location: nothing but what a URI may hold.
    private static func escaped(_ path: String) -> [UInt8] {
        path.utf8.flatMap { byte -> [UInt8] in
            guard byte > 0x20, byte < 0x7F, !"\"<>\\^`{|}?#".utf8.contains(byte) else {
                let digits = Array("0123456789ABCDEF".utf8)
                return [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
            return [byte]
        }
    }

    private static let scheme = try? Expression(
        .ofClient(.isTLS), [.choose(whenTrue: Array("https".utf8), whenFalse: Array("http".utf8))])

    /// The request's host without its port; of an IPv6 address in brackets these stay.
    private static let host = try? Expression(
        .requestField(FieldPick("host", isWhole: true)),
        [.regexReplace(RegexReplacement(":[0-9]*$", by: []))])
    private static let target = try? Expression(.ofRequest(.pathAndQuery))
    private static let targetWithoutSlash = try? Expression(
        .ofRequest(.pathAndQuery), [.regexReplace(RegexReplacement("/$", by: []))])
}

extension SettingForm where Value == String {
    /// A host, with or without a port.
    static var otherHost: SettingForm {
        SettingForm(type: "host", expectation: "a host or host:port") { text, _ in
            let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
            guard parts.count <= 2, let host = parts.first, ObjectReference(host.lowercased()) != nil,
                !host.contains("/")
            else { return nil }
            let hasPort =
                parts.count == 1 || SettingText.number(parts[1]).map { (1...65_535).contains($0) } == true
            return hasPort ? text : nil
        }
    }
}
