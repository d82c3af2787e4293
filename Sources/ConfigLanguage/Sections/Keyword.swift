/// A keyword of a proxy section: its name as it is written (`timeout client`) and what it does. The sections it may stand in
/// are HAProxy's, from `KnownKeywords`; what its function leaves unread is refused.
struct Directive: Sendable {
    let name: String
    let apply: @Sendable (inout LineReader, inout Proxy) throws(Refusal) -> Void

    /// A keyword that does something.
    init(
        _ name: String, _ apply: @escaping @Sendable (inout LineReader, inout Proxy) throws(Refusal) -> Void
    ) {
        self.name = name
        self.apply = apply
    }

    /// A keyword that is accepted with one warning, as it changes nothing here.
    static func ignored(_ name: String, _ why: String) -> Directive {
        Directive(name) { line, _ in
            line.ignore(name, why)
            line.skipRest()
        }
    }
}

/// What may follow `option`: with `no` in front it is off, with `default` what it is where nothing is said.
struct ProxyOption: Sendable {
    let name: String
    /// Whether `no` and `default` may stand in front.
    let canBeNegated: Bool
    let apply: @Sendable (Bool, inout LineReader, inout Proxy) throws(Refusal) -> Void

    /// An option that does something; it is told whether it is on.
    init(
        _ name: String, canBeNegated: Bool = true,
        _ apply: @escaping @Sendable (Bool, inout LineReader, inout Proxy) throws(Refusal) -> Void
    ) {
        self.name = name
        self.canBeNegated = canBeNegated
        self.apply = apply
    }

    /// An option that is accepted with one warning, as it changes nothing here.
    static func ignored(_ name: String, canBeNegated: Bool = true, _ why: String) -> ProxyOption {
        ProxyOption(name, canBeNegated: canBeNegated) { isOn, line, _ in
            if isOn { line.ignore("option \(name)", why) }
            line.skipRest()
        }
    }
}

/// A keyword of `global`.
struct GlobalDirective: Sendable {
    let name: String
    let apply: @Sendable (inout LineReader, inout GlobalSettings) throws(Refusal) -> Void

    /// A keyword that does something.
    init(
        _ name: String,
        _ apply: @escaping @Sendable (inout LineReader, inout GlobalSettings) throws(Refusal) -> Void
    ) {
        self.name = name
        self.apply = apply
    }

    /// A keyword that is accepted with one warning, as it changes nothing here.
    static func ignored(_ name: String, _ why: String) -> GlobalDirective {
        GlobalDirective(name) { line, _ in
            line.ignore(name, why)
            line.skipRest()
        }
    }
}

/// A keyword behind the address of a `server` line, or in `default-server`.
struct ServerKeyword: Sendable {
    let name: String
    let apply: @Sendable (inout LineReader, inout ServerDraft) throws(Refusal) -> Void

    /// A keyword that does something; it takes its own arguments and no more.
    init(
        _ name: String,
        _ apply: @escaping @Sendable (inout LineReader, inout ServerDraft) throws(Refusal) -> Void
    ) {
        self.name = name
        self.apply = apply
    }

    /// A keyword with `arguments` words behind it that is accepted with one warning, as it changes nothing here.
    static func ignored(_ name: String, arguments: Int = 0, _ why: String) -> ServerKeyword {
        ServerKeyword(name) { line, _ throws(Refusal) in
            line.ignore("server … \(name)", why)
            for _ in 0..<arguments { _ = try line.take("the argument of '\(name)'") }
        }
    }
}

/// A keyword behind the addresses of a `bind` line.
struct BindKeyword: Sendable {
    let name: String
    let apply: @Sendable (inout LineReader, inout BindDraft) throws(Refusal) -> Void

    /// A keyword that does something; it takes its own arguments and no more.
    init(
        _ name: String,
        _ apply: @escaping @Sendable (inout LineReader, inout BindDraft) throws(Refusal) -> Void
    ) {
        self.name = name
        self.apply = apply
    }

    /// A keyword with `arguments` words behind it that is accepted with one warning, as it changes nothing here.
    static func ignored(_ name: String, arguments: Int = 0, _ why: String) -> BindKeyword {
        BindKeyword(name) { line, _ throws(Refusal) in
            line.ignore("bind … \(name)", why)
            for _ in 0..<arguments { _ = try line.take("the argument of '\(name)'") }
        }
    }
}
