import Model

/// Keeping clients on the server they were given first, by a cookie.
struct Affinity: Sendable, Equatable {
    var isByCookie = false
    var name = "INGRESSCOOKIE"
    /// nil is the Ingress's path.
    var path: String?
    var domain: String?
    var sameSite: String?
    var isSecure = false
    /// In seconds.
    var maxAge: Int?
    var expires: Int?

    static let rows: [AnnotationRow] = [
        AnnotationRow(
            SettingRow(
                .nginx("affinity"), .own("affinity"), form: .word(["cookie": true]), fallback: "",
                "`cookie` keeps clients on the server they were given first."
            ) { $0.affinity.isByCookie = $1 },
            scope: .backend, phase: .proxying,
            differs:
                "it holds for the paths of the Ingress alone; the cookie's value is another, and servers do not see it"
        ),
        AnnotationRow(
            SettingRow(
                .nginx("affinity-mode"), .own("affinity-mode"),
                form: .word(["balanced": false, "persistent": true]), fallback: "persistent",
                "Whether clients move when servers are added."
            ) { _, _ in },
            scope: .backend, phase: .proxying, risk: .medium,
            differs: "`balanced` is `persistent`: clients stay"),
        AnnotationRow(
            SettingRow(
                .nginx("session-cookie-name"), .own("session-cookie-name"), .haproxy("cookie-persistence"),
                form: SettingForm<String>.fieldName, fallback: "INGRESSCOOKIE", "The cookie's name."
            ) { $0.affinity.name = $1 },
            scope: .backend, phase: .proxying, risk: .medium),
        AnnotationRow(
            SettingRow(
                .nginx("session-cookie-path"), .own("session-cookie-path"), form: .cookieAttribute,
                fallback: "the Ingress's path", "The cookie's Path."
            ) { $0.affinity.path = $1 },
            scope: .backend, phase: .proxying, risk: .medium,
            differs: "without it an Ingress of several paths has `/`"),
        AnnotationRow(
            SettingRow(
                .nginx("session-cookie-domain"), .own("session-cookie-domain"), form: .cookieDomain,
                fallback: "", "The cookie's Domain."
            ) { $0.affinity.domain = $1 },
            scope: .backend, phase: .proxying, risk: .medium),
        AnnotationRow(
            SettingRow(
                .nginx("session-cookie-samesite"), .own("session-cookie-samesite"),
                form: .word(["None": "None", "Lax": "Lax", "Strict": "Strict"]), fallback: "",
                "The cookie's SameSite."
            ) { $0.affinity.sameSite = $1 },
            scope: .backend, phase: .proxying),
        AnnotationRow(
            SettingRow(
                .nginx("session-cookie-secure"), .own("session-cookie-secure"), form: .bool,
                fallback: "false",
                "Whether the cookie is Secure over plain HTTP, too; over TLS it always is."
            ) { $0.affinity.isSecure = $1 },
            scope: .backend, phase: .proxying),
        AnnotationRow(
            SettingRow(
                .nginx("session-cookie-max-age"), .own("session-cookie-max-age"),
                form: .integer(0...Int(Int32.max)), fallback: "", "The cookie's Max-Age, in seconds."
            ) { $0.affinity.maxAge = $1 },
            scope: .backend, phase: .proxying, risk: .medium),
        AnnotationRow(
            SettingRow(
                .nginx("session-cookie-expires"), .own("session-cookie-expires"),
                form: .integer(0...Int(Int32.max)), fallback: "", "The same, where there is no Max-Age."
            ) { $0.affinity.expires = $1 },
            scope: .backend, phase: .proxying, risk: .medium, differs: "it is told as Max-Age"),
        AnnotationRow(
            SettingRow(
                .nginx("session-cookie-conditional-samesite-none"),
                .own("session-cookie-conditional-samesite-none"), form: .bool, fallback: "false",
                "Whether browsers of before 2020 that misread `SameSite=None` are spared it."
            ) { _, _ in },
            scope: .backend, phase: .proxying, differs: "they are told it with either value"),
        AnnotationRow(
            SettingRow(
                .nginx("session-cookie-change-on-failure"), .own("session-cookie-change-on-failure"),
                form: .bool, fallback: "true",
                "Whether a client whose server can not be reached gets another one, and its cookie."
            ) { _, _ in },
            scope: .backend, phase: .proxying,
            differs: "it does with either value (ingress-nginx: not without it)"),
        AnnotationRow(
            SettingRow(
                .nginx("affinity-canary-behavior"), .own("affinity-canary-behavior"),
                form: .word(["sticky": true, "legacy": false]), fallback: "sticky",
                "Whether clients stay with the canary, or away from it, once they have a cookie."
            ) { _, _ in },
            scope: .backend, phase: .proxying, differs: "`legacy` is `sticky`: they stay"),
    ]

    /// `ingress` is what values are made from: the same on every replica, and nobody else's.
    func apply(to backend: inout Backend, of ingress: IngressIdentity) {
        guard isByCookie else { return }
        var cookie = PersistenceCookie(name: name, mode: .insert)
        cookie.isIndirect = true
        cookie.isHTTPOnly = true
        (cookie.isSecure, cookie.isSecureOverTLS) = (isSecure, true)
        cookie.path = path ?? ingress.cookiePath
        cookie.domains = domain.map { [$0] } ?? []
        cookie.attributes =
            ((maxAge ?? expires).map { ["Max-Age=\($0)"] } ?? [])
            + (sameSite.map { ["SameSite=\($0)"] } ?? [])
        cookie.dynamicKey = ingress.secret
        backend.persistence.cookie = cookie
    }
}

/// What of an Ingress itself goes into its backends.
struct IngressIdentity: Equatable {
    /// Nobody else's.
    var secret = ""
    /// The Path of its cookies.
    var cookiePath = "/"
}

extension SettingForm where Value == String {
    /// What may stand in an attribute of a cookie.
    static var cookieAttribute: SettingForm {
        SettingForm(type: "path", expectation: "a path without ;, blanks and quotes") { text, _ in
            let isPlain = text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !";,\"\\".utf8.contains($0) }
            return text.hasPrefix("/") && text.utf8.count <= 1_024 && isPlain ? text : nil
        }
    }

    /// The domain of a cookie.
    static var cookieDomain: SettingForm {
        SettingForm(type: "domain", expectation: "a domain") { text, _ in
            let isPlain = text.utf8.allSatisfy { SettingText.isTokenByte($0) }
            return !text.isEmpty && text.utf8.count <= 255 && isPlain && !text.contains("*") ? text : nil
        }
    }
}
