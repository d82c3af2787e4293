import Model

/// What a request is made to before it goes to a server.
struct Rewrites: Sendable, Equatable {
    /// The new path, or a URL that clients are sent to; `\1` to `\9` are groups of the Ingress's path.
    var target: String?
    /// Whether paths are regular expressions, also without a target.
    var usesExpressions = false
    /// Told to servers with a rewrite.
    var prefix: String?
    /// The Host that servers are told.
    var host: NginxTemplate?

    static let rows: [AnnotationRow] = [
        AnnotationRow(
            SettingRow(
                .nginx("rewrite-target"), .own("rewrite-target"), form: .rewriteTarget, fallback: "",
                "The whole path becomes this one; `$1` to `$9` are groups of the Ingress's path. The query stays. A URL sends clients there with 302. All paths of the host, of every Ingress, become regular expressions."
            ) { $0.rewrites.target = $1 },
            phase: .redirect, risk: .medium),
        AnnotationRow(
            SettingRow(
                .nginx("use-regex"), .own("use-regex"), form: .bool, fallback: "false",
                "All paths of the host, of every Ingress, are regular expressions: without regard to case, anchored where the path begins, the longest first."
            ) { $0.rewrites.usesExpressions = $1 },
            scope: .host, phase: .redirect),
        AnnotationRow(
            SettingRow(
                .nginx("x-forwarded-prefix"), .own("x-forwarded-prefix"),
                form: .line("a text without control characters"), fallback: "",
                "Tells servers `X-Forwarded-Prefix`, with `rewrite-target` alone."
            ) { $0.rewrites.prefix = $1 },
            phase: .proxying, risk: .medium),
        AnnotationRow(
            SettingRow(
                .nginx("upstream-vhost"), .own("upstream-vhost"), .haproxy("set-host"), form: .nginxTemplate,
                fallback: "the client's", "The Host that servers are told; nginx's variables may stand in it."
            ) { $0.rewrites.host = $1 },
            phase: .proxying),
    ]

    /// Whether a path of the Ingress is rewritten: a target that is the path itself is none.
    func rewrites(_ path: String) -> Bool { target.map { $0 != path } ?? false }

    /// Sends clients to a URL, if that is the target.
    func first(path: String) -> [HTTPRule] {
        guard let target, rewrites(path), Rewrites.isURL(target) else { return [] }
        let replaced = RegexReplacement("^[^?]*?(?:\(path))[^?]*", by: Array(target.utf8), ignoresCase: true)
        guard let location = try? Expression(.ofRequest(.pathAndQuery), [.regexReplace(replaced)]) else {
            return []
        }
        return [HTTPRule(.redirect(Redirect(.location, to: FormatString([.sample(location, .encoded)]))))]
    }

    /// Changes the request.
    func request(path: String, _ names: TemplateNames) -> [HTTPRule] {
        var rules: [HTTPRule] = []
        if let target, rewrites(path), !Rewrites.isURL(target) {
            let format = FormatString([.text(Array(target.utf8))])
            rules.append(HTTPRule(.change(.replaceTarget(.matchedPath, pattern: "(?i)\(path)", format))))
            if let prefix {
                rules.append(
                    HTTPRule(
                        .change(.setField("x-forwarded-prefix", FormatString([.text(Array(prefix.utf8))])))))
            }
        }
        if let host { rules.append(HTTPRule(.change(.setField("host", host.format(names))))) }
        return rules
    }

    private static func isURL(_ target: String) -> Bool {
        let lower = target.lowercased()
        return lower.hasPrefix("http://") || lower.hasPrefix("https://")
    }
}

extension SettingForm where Value == String {
    /// A path or a URL with `$1` to `$9`, which become `\1` to `\9`.
    static var rewriteTarget: SettingForm {
        SettingForm(
            type: "path", expectation: "a path, in which $1 to $9 may stand, without ?, blanks or braces"
        ) {
            text, _ in
            guard !text.isEmpty, text.utf8.count <= 2_048 else { return nil }
            var result = ""
            var rest = Substring(text)
            while let character = rest.popFirst() {
                if character == "$" {
                    guard let digit = rest.popFirst(), ("1"..."9").contains(digit) else { return nil }
                    result += "\\\(digit)"
                } else {
                    guard let byte = character.asciiValue, byte > 0x20, byte < 0x7F,
                        !"?\"'`\\{}<>^|;".utf8.contains(byte)
                    else { return nil }
                    result.append(character)
                }
            }
            return result
        }
    }
}
