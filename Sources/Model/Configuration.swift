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
    /// Certificates by name.
    public var certificates: [CertificateName: Certificate]
    /// Which certificates a TLS server name is served with, best first. Several of different key types may serve
    /// one name; of two with the same key type the first wins.
    public var serverNames: [HostPattern: [CertificateName]]
    /// The certificate for handshakes that match no server name; nil is the engine's self-signed one.
    public var defaultCertificate: CertificateName?

    /// An empty configuration: every request is answered 404.
    public init() {
        frontends = []
        routes = [:]
        fallback = nil
        backends = [:]
        certificates = [:]
        serverNames = [:]
        defaultCertificate = nil
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
        // ASCII alone: Unicode's lower case would turn a Kelvin sign into a k.
        var name = Substring(String(decoding: text.utf8.map(HostPattern.lowercased), as: UTF8.self))
        let isWildcard = name.hasPrefix("*.")
        if isWildcard { name = name.dropFirst(2) }
        guard HostPattern.isDNSName(name), isWildcard || !HostPattern.isAddress(name) else { return nil }
        self = isWildcard ? .wildcard(String(name)) : .exact(String(name))
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }

    /// An IPv4 address, which looks like a name of four labels.
    private static func isAddress(_ name: Substring) -> Bool {
        let labels = name.utf8.split(separator: UInt8(ascii: "."))
        return labels.count == 4
            && labels.allSatisfy { $0.count <= 3 && (Int(Substring($0)) ?? 256) <= 255 }
    }

    /// RFC 1123 subdomain: labels of 1-63 of `a-z 0-9 -`, no hyphen at either end, 253 bytes at most.
    private static func isDNSName(_ name: Substring) -> Bool {
        guard !name.isEmpty, name.utf8.count <= 253 else { return false }
        return name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy {
            label in
            guard (1...63).contains(label.count), label.first != UInt8(ascii: "-"),
                label.last != UInt8(ascii: "-")
            else { return false }
            return label.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
            }
        }
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
