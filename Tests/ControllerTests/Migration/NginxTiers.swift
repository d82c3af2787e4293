@testable import Controller

/// How much ingress-nginx's annotations are used: A by most who move, B often, C, which are all others, rarely.
enum NginxTiers {
    static let most: Set<String> = [
        "rewrite-target", "use-regex", "ssl-redirect", "force-ssl-redirect", "configuration-snippet",
        "auth-tls-secret", "auth-type", "auth-secret", "auth-realm", "auth-url", "auth-signin",
        "auth-response-headers", "whitelist-source-range", "proxy-body-size", "backend-protocol",
        "proxy-connect-timeout", "proxy-send-timeout", "proxy-read-timeout", "affinity",
        "session-cookie-name", "enable-cors", "cors-allow-origin",
    ]

    static let often: Set<String> = [
        "app-root", "permanent-redirect", "temporal-redirect", "from-to-www-redirect", "server-alias",
        "x-forwarded-prefix", "upstream-vhost", "default-backend", "custom-http-errors", "server-snippet",
        "ssl-passthrough", "auth-tls-verify-client", "auth-tls-verify-depth",
        "auth-tls-pass-certificate-to-upstream", "proxy-ssl-secret", "proxy-ssl-verify", "proxy-ssl-name",
        "proxy-ssl-server-name", "auth-secret-type", "auth-method", "auth-signin-redirect-param",
        "auth-snippet", "enable-global-auth", "denylist-source-range", "limit-connections", "limit-rps",
        "limit-rpm", "client-body-buffer-size", "proxy-next-upstream", "proxy-next-upstream-tries",
        "proxy-request-buffering", "proxy-buffering", "proxy-buffer-size", "proxy-buffers-number",
        "service-upstream", "upstream-hash-by", "custom-headers", "affinity-mode", "session-cookie-path",
        "session-cookie-samesite", "session-cookie-secure", "session-cookie-expires",
        "session-cookie-max-age", "canary", "canary-by-header", "canary-by-header-value",
        "canary-by-cookie", "canary-weight", "cors-allow-methods", "cors-allow-headers",
        "cors-expose-headers", "cors-allow-credentials", "cors-max-age", "enable-access-log",
        "enable-modsecurity", "enable-owasp-core-rules",
    ]

    /// What ingress-nginx has dropped itself: nothing is done with it there either.
    static let dropped: Set<String> = Set(AnnotationTable.removed.flatMap(\.setting.names).map(\.text))

    /// Of a tier, or of all others: those that ingress-nginx reads, and of these those that nothing is done with here.
    static func counted(_ tier: Set<String>?) -> (all: [String], refused: [String]) {
        let all = NginxReference.annotations.filter { name in
            !dropped.contains(name) && (tier?.contains(name) ?? !most.union(often).contains(name))
        }
        let refused = all.filter { name in
            guard let place = AnnotationTable.place(of: .nginx(name)) else { return true }
            if case .refused = AnnotationTable.rows[place].standing { return true }
            return false
        }
        return (all, refused)
    }

    /// What the document says of it.
    static var sentence: String {
        func words(_ name: String, _ tier: Set<String>?) -> String {
            let (all, refused) = counted(tier)
            let left = refused.isEmpty ? "" : ", all but " + refused.map { "`\($0)`" }.joined(separator: ", ")
            return
                "of the \(all.count) that \(name), \(all.count - refused.count) are honoured or differ\(left)"
        }
        return "Of the annotations that ingress-nginx reads: \(words("most installations have", most)); "
            + "\(words("are met often", often)); \(words("are rare", nil))."
    }
}
