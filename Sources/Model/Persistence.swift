/// How a client is kept on the server it was given first: HAProxy's `cookie` and `option persist`.
public struct Persistence: Sendable, Equatable {
    /// The cookie that names the server; nil keeps nobody by a cookie.
    public var cookie: PersistenceCookie?
    /// Whether a server that is down still gets the clients that name it (`option persist`). Default off.
    public var keepsDownServers: Bool
    /// The name of the cookie by which clients of remote desktops, in mode tcp, name the server's address and port (`persist
    /// rdp-cookie`); nil, the default, keeps nobody by it.
    public var desktopCookie: String?
    /// What tables say of where requests go, in order. The cookie comes first.
    public var stickRules: [StickRule]
    /// Requests for which it is otherwise: the first of these whose condition holds decides.
    public var exceptions: [PersistenceException] = []

    /// Nobody is kept.
    public init(cookie: PersistenceCookie? = nil) {
        self.cookie = cookie
        keepsDownServers = false
        stickRules = []
    }
}

/// HAProxy's `force-persist` and `ignore-persist`.
public struct PersistenceException: Sendable, Equatable {
    /// Whether whoever is kept on a server that is down gets it all the same (`force-persist`). Otherwise the cookie is neither looked
    /// at nor set (`ignore-persist`); tables and rules count as ever.
    public var forces: Bool
    /// When.
    public var condition: RuleCondition

    /// An exception from its parts.
    public init(forces: Bool, when condition: RuleCondition) {
        (self.forces, self.condition) = (forces, condition)
    }
}

/// The cookie that keeps a client on a server: HAProxy's `cookie NAME …` in a backend. Its value in each server is the
/// server's own; a server without one sets none.
public struct PersistenceCookie: Sendable, Equatable {
    /// Its name; case counts.
    public var name: String
    /// What is done about it in answers; nil only reads it in requests.
    public var mode: CookieMode?
    /// Whether a client that has a valid one is sent none, and with `insert` servers never see it.
    public var isIndirect: Bool
    /// Whether an answer that could be cached is marked private when a cookie is inserted.
    public var marksPrivate: Bool
    /// Whether it is inserted in answers to POST only.
    public var insertsOnPostOnly: Bool
    /// Whether one that the server sets itself is left alone.
    public var preservesServers: Bool
    /// Whether inserted ones carry `HttpOnly`.
    public var isHTTPOnly: Bool
    /// Whether inserted ones carry `Secure`.
    public var isSecure: Bool
    /// Whether they do where the client speaks TLS.
    public var isSecureOverTLS: Bool
    /// The path of inserted ones. Default `/`.
    public var path: String
    /// The domains of inserted ones, in order.
    public var domains: [String]
    /// Further attributes of inserted ones, in order, e.g. `SameSite=Lax`.
    public var attributes: [String]
    /// Seconds without a request after which one counts no longer; 0 is no limit. With `insert` only.
    public var maxIdle: Int
    /// Seconds since it was first set after which one counts no longer; 0 is no limit. With `insert` only.
    public var maxLife: Int
    /// The secret that values are made from, with each server's address and port, for servers that have none of their
    /// own; nil makes none (`dynamic` and `dynamic-cookie-key`).
    public var dynamicKey: String?

    /// A cookie with HAProxy's defaults: nothing but its name and mode.
    public init(name: String, mode: CookieMode?) {
        self.name = name
        self.mode = mode
        (isIndirect, marksPrivate, insertsOnPostOnly, preservesServers) = (false, false, false, false)
        (isHTTPOnly, isSecure, isSecureOverTLS, path) = (false, false, false, "/")
        (domains, attributes) = ([], [])
        (maxIdle, maxLife) = (0, 0)
    }

    /// What makes these settings unusable; nil if nothing does. Whoever builds the configuration reports it: what is
    /// written into answers must not be able to end a header line or an attribute.
    public var flaw: PersistenceFlaw? {
        guard !name.isEmpty, name.utf8.allSatisfy(isToken) else { return .name }
        if mode == .rewrite, isIndirect { return .rewriteIndirect }
        if preservesServers, mode != .insert, !isIndirect { return .preserveAlone }
        if let domain = domains.first(where: { $0.isEmpty || !$0.utf8.allSatisfy(isDomainCharacter) }) {
            return .domain(domain)
        }
        guard path.hasPrefix("/"), path.utf8.allSatisfy(isAttributeCharacter) else { return .attribute(path) }
        if let attribute = attributes.first(where: { $0.isEmpty || !$0.utf8.allSatisfy(isAttributeCharacter) }
        ) {
            return .attribute(attribute)
        }
        return maxIdle < 0 || maxLife < 0 || maxIdle > Int(Int32.max) || maxLife > Int(Int32.max)
            ? .time : nil
    }

    /// Whether `value` can be a server's value: what would end the cookie, or begin the date or the server's own value
    /// behind it, can not.
    public func canCarry(value: String) -> Bool {
        let delimiter = mode == .prefix ? UInt8(ascii: "~") : UInt8(ascii: "|")
        return !value.isEmpty && value.utf8.allSatisfy { isCookieOctet($0) && $0 != delimiter }
    }
}

/// What is done about a persistence cookie in answers.
public enum CookieMode: String, Sendable, CaseIterable {
    /// Ours, set beside what the server sets.
    case insert
    /// The server's, its value replaced.
    case rewrite
    /// The server's, our value and `~` in front of its own.
    case prefix
}

/// Why the settings of a persistence cookie are unusable.
public enum PersistenceFlaw: Sendable, Equatable {
    /// The name is empty or holds what a name can not.
    case name
    /// The server's cookie can not be rewritten and hidden.
    case rewriteIndirect
    /// There is nothing to preserve it from.
    case preserveAlone
    /// A domain holds what a domain can not.
    case domain(String)
    /// An attribute is empty, or holds a control character or `;`.
    case attribute(String)
    /// A time is negative or beyond 68 years.
    case time
}

/// RFC 9110 5.6.2.
private func isToken(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "a")...UInt8(ascii: "z"):
        true
    default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
}

/// HAProxy's set.
private func isDomainCharacter(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
        true
    default: false
    }
}

private func isAttributeCharacter(_ byte: UInt8) -> Bool {
    byte >= 0x20 && byte != 0x7F && byte != UInt8(ascii: ";")
}

/// RFC 6265 4.1.1.
private func isCookieOctet(_ byte: UInt8) -> Bool {
    byte > 0x20 && byte < 0x7F && !"\",;\\".utf8.contains(byte)
}
