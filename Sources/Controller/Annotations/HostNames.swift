import Kubernetes
import Model

/// Further names of a host, and where its front door leads.
struct HostNames: Sendable, Equatable {
    /// Further names that are served as the host is.
    var aliases: [HostPattern] = []
    /// Whether `www.` is put in front of the host, or taken away, by a redirect from the other name.
    var redirectsWWW = false
    /// Where `/` leads.
    var appRoot: String?

    static let rows: [AnnotationRow] = [
        AnnotationRow(
            SettingRow(
                .nginx("app-root"), .own("app-root"), form: .path, fallback: "",
                "Sends requests for exactly `/` of the host to this path, with 302 and before anything else."
            ) { $0.names.appRoot = $1 },
            scope: .host, phase: .redirect, risk: .medium, whenInvalid: .fallsBack),
        AnnotationRow(
            SettingRow(
                .nginx("from-to-www-redirect"), .own("from-to-www-redirect"), form: .bool, fallback: "false",
                "Sends the other name, with or without `www.`, to the host with 308."
            ) { $0.names.redirectsWWW = $1 },
            scope: .host, phase: .redirect,
            differs: "no port is said (ingress-nginx: always)"),
        AnnotationRow(
            SettingRow(
                .nginx("server-alias"), .own("server-alias"),
                form: SettingForm<HostPattern>.host.list(of: "names"),
                fallback: "",
                "Further names of the host; a host that has an Ingress of its own keeps its name."
            ) { $0.names.aliases = $1 },
            scope: .host, phase: .connection, risk: .high,
            differs: "regular expressions (`~…`) are not taken; such a value leaves the Ingress out"),
    ]

    /// The rule for `/`.
    static func frontDoor(_ path: String) -> HTTPRule {
        HTTPRule(.redirect(Redirect(.location, to: origin(then: [.text(Array(path.utf8))]))))
    }

    /// The rule for the other name of a host.
    static func toHost(_ name: String, status: UInt16) -> HTTPRule? {
        guard
            let target = try? Expression(
                .ofRequest(.pathAndQuery), [.regexReplace(RegexReplacement("/$", by: []))]),
            let scheme
        else { return nil }
        var redirect = Redirect(
            .location,
            to: FormatString([
                .sample(scheme, []), .text(Array("://\(name)".utf8)), .sample(target, .encoded),
            ]))
        redirect.status = status
        return HTTPRule(.redirect(redirect))
    }

    /// The other name of a host, with or without `www.`; wildcards have none.
    static func counterpart(of host: HostPattern) -> HostPattern? {
        guard case .exact(let name) = host else { return nil }
        return name.hasPrefix("www.") ? HostPattern(String(name.dropFirst(4))) : HostPattern("www.\(name)")
    }

    /// What a name beside those of the rules is.
    enum Guest: Sendable, Equatable {
        /// Served as the first of these hosts is for which this Ingress says the names.
        case alias(of: [HostPattern])
        /// Sent to this host.
        case sent(to: String)
    }

    /// The names an Ingress wants beside those of its rules.
    static func guests(of ingress: Ingress, _ names: HostNames) -> [HostPattern: Guest] {
        var guests: [HostPattern: Guest] = [:]
        for rule in ingress.rules {
            guard let host = HostPattern(rule.host), host != .any else { continue }
            for alias in names.aliases {
                switch guests[alias] {
                case nil: guests[alias] = .alias(of: [host])
                case .alias(let hosts): guests[alias] = .alias(of: hosts + [host])
                case .sent: break
                }
            }
            if names.redirectsWWW, let other = counterpart(of: host), guests[other] == nil {
                guests[other] = .sent(to: host.description)
            }
        }
        return guests
    }

    private static let scheme = try? Expression(
        .ofClient(.isTLS), [.choose(whenTrue: Array("https".utf8), whenFalse: Array("http".utf8))])

    /// Scheme and host as the client said them.
    private static func origin(then: [FormatString.Part]) -> FormatString {
        guard let scheme, let host = try? Expression(.requestField(FieldPick("host", isWhole: true))) else {
            return FormatString(then)
        }
        return FormatString(
            [.sample(scheme, []), .text(Array("://".utf8)), .sample(host, .encoded)] + then)
    }
}

extension SettingForm where Value == HostPattern {
    /// The name of a host, or `*.` and one.
    static var host: SettingForm {
        SettingForm(type: "host", expectation: "a DNS name or *.name") { text, _ in
            text.isEmpty ? nil : HostPattern(text)
        }
    }
}

extension SettingForm where Value == String {
    /// A path as it stands in a Location.
    static var path: SettingForm {
        SettingForm(type: "path", expectation: "a path that begins with /") { text, dialect in
            text.hasPrefix("/") && !text.hasPrefix("//") ? SettingForm.location.read(text, as: dialect) : nil
        }
    }
}
