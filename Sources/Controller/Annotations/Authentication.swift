import Kubernetes
import Model

/// Asking clients for a name and a password that a Secret knows.
struct Authentication: Sendable, Equatable {
    var kind: Kind?
    var secret: ObjectReference?
    /// Whether each key of the Secret is a user; else `auth` holds what `htpasswd` writes.
    var isMap = false
    /// What clients are told they are asked for; nil is what the prefix has for it.
    var realm: String?
    var usualRealm = ""
    /// Whether an address that is allowed is as good as a password.
    var isEitherEnough = false

    enum Kind: Sendable, Equatable {
        case basic, digest
    }

    static let rows: [AnnotationRow] = [
        AnnotationRow(
            SettingRow(
                .nginx("auth-type"), .own("auth-type"), form: .word(["basic": .basic, "digest": .digest]),
                fallback: "",
                "`basic` asks for a name and a password that `auth-secret` knows. Servers do not see them."
            ) { $0.authentication.kind = $1 },
            phase: .access, differs: "`digest` closes the paths: it rests on MD5 of passwords in the clear"),
        AnnotationRow(
            SettingRow(
                .haproxy("auth-type"), form: .word(["basic-auth": Authentication.Kind.basic]),
                fallback: "", "The same; the realm is `Protected Content`, and keys of the Secret are users."
            ) { values, kind in
                guard values.authentication.kind == nil else { return }
                values.authentication.kind = kind
                values.authentication.usualRealm = "Protected Content"
            },
            phase: .access),
        AnnotationRow(
            SettingRow(
                .nginx("auth-secret"), .own("auth-secret"), form: .object, fallback: "",
                "The Secret of names and hashed passwords: lines of `htpasswd` under `auth`, hashed by bcrypt, apr1, SHA or whatever crypt(3) knows. Without it, or with one of another namespace, paths are answered 503."
            ) { $0.authentication.secret = $1 },
            phase: .access, risk: .medium),
        AnnotationRow(
            SettingRow(
                .haproxy("auth-secret"), form: .object, fallback: "",
                "The same, with a user's hash for each key."
            ) { values, secret in
                guard values.authentication.secret == nil else { return }
                (values.authentication.secret, values.authentication.isMap) = (secret, true)
            },
            phase: .access, risk: .medium,
            differs: "Secrets of other namespaces are not read: paths are answered 503"),
        AnnotationRow(
            SettingRow(
                .nginx("auth-secret-type"), .own("auth-secret-type"),
                form: .word(["auth-file": false, "auth-map": true]), fallback: "auth-file",
                "`auth-map` takes each key of the Secret for a user."
            ) { $0.authentication.isMap = $1 },
            phase: .access),
        AnnotationRow(
            SettingRow(
                .nginx("auth-realm"), .own("auth-realm"), .haproxy("auth-realm"),
                form: .line("a text without control characters"), fallback: "",
                "What clients are told they are asked for."
            ) { $0.authentication.realm = $1 },
            phase: .access, risk: .medium),
        AnnotationRow(
            SettingRow(
                .nginx("satisfy"), .own("satisfy"), form: .word(["all": false, "any": true]),
                fallback: "all",
                "With `any` an address of `allowlist-source-range`, a password or the answer of `auth-url` is enough."
            ) { $0.authentication.isEitherEnough = $1 },
            phase: .access),
    ]

    /// Whether anybody is asked.
    var isOn: Bool { kind != nil }

    /// Who comes in, for an Ingress of a namespace; nil if nobody is asked.
    func users(in namespace: String, _ secrets: [ObjectKey: Secret]) throws(AnnotationFlaw) -> UserList? {
        guard let kind else { return nil }
        guard kind == .basic else {
            throw AnnotationFlaw(
                "auth-type", "AnnotationRefused", "digest is not spoken here; use basic with TLS")
        }
        guard let secret else {
            throw AnnotationFlaw("auth-type", "AnnotationIncomplete", "there is no auth-secret")
        }
        let data = try secret.data(in: namespace, secrets, named: "auth-secret")
        var list = UserList("\(namespace)/\(secret.name)\(isMap ? "#map" : "")")
        if isMap {
            list.users = PasswordFile.users(data)
        } else if let file = data["auth"] {
            list.users = PasswordFile.users(file)
        } else {
            throw AnnotationFlaw("auth-secret", "SecretUnusable", "the secret has no key auth")
        }
        return list
    }

    /// Asks for name and password. With `satisfy: any` those whom the lists let in are not asked.
    func rules(_ list: UserList, besides lists: AccessLists) -> [HTTPRule] {
        guard (try? Expression(.authenticated(list: list.name))) != nil else {
            return [HTTPRule(.deny(.page(403)))]
        }
        let enough = alternatives(list, besides: isEitherEnough ? lists : AccessLists())
        let quoted = (realm ?? usualRealm).map { #""\"#.contains($0) ? "\\\($0)" : "\($0)" }.joined()
        return [
            HTTPRule(
                .authenticate(realm: quoted), when: RuleCondition(enough, isNegated: true))
        ]
    }

    /// Servers do not see passwords that are known here.
    static let hiding = [HTTPRule(.change(.removeFields(.text(.exact, "authorization"))))]

    /// Who comes in by an address or a password, whatever else is asked; nil is nobody.
    func enough(_ list: UserList?, besides lists: AccessLists) -> RuleCondition? {
        let enough = alternatives(list, besides: lists)
        return enough.isEmpty ? nil : RuleCondition(enough)
    }

    private func alternatives(_ list: UserList?, besides lists: AccessLists) -> [[RuleCondition.Term]] {
        let known = list.flatMap { try? Expression(.authenticated(list: $0.name)) }
        return [known.map { [RuleCondition.Term([SampleTest($0, .truth)])] }, lists.admitting]
            .compactMap(\.self)
    }
}
