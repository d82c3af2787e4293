/// Everything the engine needs to know, as plain values.
///
/// The controller and the configuration language both end in this type; the engine begins with it. It never names
/// a socket, a Kubernetes object or a piece of configuration text. A `Change` is the difference between two of them.
///
/// ```
///   frontends ──► routes: host ──► path ──► RouteTarget ──► backends ──► servers
///        └──────► serverNames: host ──► certificates
/// ```
public struct Configuration: Sendable, Equatable {
    /// The listening sides, by name.
    public var frontends: [Frontend]
    /// Routes by host; all frontends share them.
    public var routes: [HostPattern: HostRoutes]
    /// What answers when no route matches: nil is the engine's own 404.
    public var fallback: RouteTarget?
    /// Server pools by name.
    public var backends: [BackendName: Backend]
    /// Stick tables by name.
    public var tables: [TableName: StickTable]
    /// Who shares stick tables with this process, by sections.
    public var peers: [PeerSection]
    /// Certificates by name.
    public var certificates: [CertificateName: Certificate]
    /// Which certificates a TLS server name is served with, best first. Several of different key types may serve
    /// one name; of two with the same key type the first wins.
    public var serverNames: [HostPattern: [CertificateName]]
    /// The certificates for handshakes that match no server name, best first, of which the first of each kind of key counts;
    /// none is the engine's self-signed one.
    public var defaultCertificates: [CertificateName]
    /// Which hosts demand certificates of their clients; `any` is for every other name and for none.
    public var clientAuthentication: [HostPattern: ClientAuthentication]
    /// Server names under which TLS is spoken otherwise than the listener says; `any` is for every other name and for none.
    public var hostTLS: [HostPattern: HostTLS]
    /// What rules may remember.
    public var variables: VariableSettings
    /// Who may come in where rules ask.
    public var userLists: [UserList]
    /// Lists of patterns and maps by name.
    public var patterns: [PatternListName: PatternList]
    /// Name servers that servers and rules name, by name.
    public var resolvers: [String: Resolvers]

    /// An empty configuration: every request is answered 404.
    public init() {
        frontends = []
        routes = [:]
        fallback = nil
        backends = [:]
        tables = [:]
        peers = []
        certificates = [:]
        serverNames = [:]
        defaultCertificates = []
        clientAuthentication = [:]
        hostTLS = [:]
        variables = VariableSettings()
        userLists = []
        patterns = [:]
        resolvers = [:]
    }
}

/// The host part of a route or of a TLS server name.
public enum HostPattern: Hashable, Sendable {
    /// Exactly this name: lower case, no port, no trailing dot.
    case exact(String)
    /// One label and then this name: `wildcard("example.com")` is `*.example.com`.
    case wildcard(String)
    /// Every host.
    case any

    /// Reads `a.b`, `*.a.b` or the empty string; nil if it is not a host pattern of Ingress v1.
    public init?(_ text: String) {
        if text.isEmpty {
            self = .any
            return
        }
        let isWildcard = text.utf8.starts(with: "*.".utf8)
        let name = isWildcard ? String(text.dropFirst(2)) : text
        guard HostPattern.isDNSName(name.utf8), isWildcard || !HostPattern.isAddress(name.utf8) else {
            return nil
        }
        self = isWildcard ? .wildcard(HostPattern.lowercased(name)) : .exact(HostPattern.lowercased(name))
    }

    private static func isUpper(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "A") < 26 }
    private static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

    /// ASCII alone: Unicode's lower case would turn a Kelvin sign into a k.
    private static func lowercased(_ name: String) -> String {
        guard name.utf8.contains(where: isUpper) else { return name }
        return String(decoding: name.utf8.map { isUpper($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
    }

    /// An IPv4 address, which looks like a name of four labels.
    private static func isAddress(_ name: String.UTF8View) -> Bool {
        guard name.allSatisfy({ isDigit($0) || $0 == UInt8(ascii: ".") }) else { return false }
        let labels = name.split(separator: UInt8(ascii: "."))
        return labels.count == 4
            && labels.allSatisfy { $0.count <= 3 && (Int(Substring($0)) ?? 256) <= 255 }
    }

    /// RFC 1123 subdomain: labels of 1-63 of `a-z 0-9 -`, no hyphen at either end, 253 bytes at most.
    ///
    /// One pass: this is asked several times for each rule of each Ingress.
    private static func isDNSName(_ name: String.UTF8View) -> Bool {
        guard name.count <= 253 else { return false }
        var last = UInt8(ascii: ".")
        var length = 0
        for byte in name {
            if byte == UInt8(ascii: ".") {
                guard length > 0, last != UInt8(ascii: "-") else { return false }
                length = 0
            } else {
                let isLetter = (byte | 0x20) &- UInt8(ascii: "a") < 26
                guard isLetter || isDigit(byte) || byte == UInt8(ascii: "-") && length > 0 else {
                    return false
                }
                length += 1
                guard length <= 63 else { return false }
            }
            last = byte
        }
        return length > 0 && last != UInt8(ascii: "-")
    }
}

extension HostPattern: CustomStringConvertible {
    /// The pattern as an Ingress spells it; the catch-all is `*`.
    public var description: String {
        switch self {
        case .exact(let name): name
        case .wildcard(let name): "*.\(name)"
        case .any: "*"
        }
    }
}
