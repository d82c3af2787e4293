/// Where an API server is and how to prove who we are.
public struct ClusterAccess: Sendable, CustomStringConvertible {
    /// `https://host:port/prefix`, without a slash at the end.
    public let server: String
    /// The namespace of the context or of the service account; empty when neither says.
    public let namespace: String
    /// Whether this is the service account of the pod we run in, and not somebody's kubeconfig.
    public internal(set) var isServiceAccount = false

    var trust = Trust.system
    /// The name in the server's certificate, when it is not that of the address.
    var serverName = ""
    /// `http://`, `https://` or `socks5://`; empty leaves it to HTTPS_PROXY and NO_PROXY.
    var proxy = ""
    var isCompressionDisabled = false
    var identity = Identity()

    /// Which certificates a server may show.
    enum Trust: Sendable, Equatable {
        /// Those the operating system trusts.
        case system
        case authorities(PEMSource)
        /// Any: `insecure-skip-tls-verify`.
        case any
    }

    init(server: String, namespace: String = "") {
        var address = server
        while address.hasSuffix("/") { address.removeLast() }
        self.server = address.contains("://") ? address : "https://\(address)"
        self.namespace = namespace
    }

    /// Credentials are never sent in clear.
    var isEncrypted: Bool { server.lowercased().hasPrefix("https://") }

    /// The server and the kinds of credentials, never one of them.
    public var description: String { "\(server) with \(identity)" }
}

extension ClusterAccess {
    /// The parts of `server`: `host:port` as written, and the path prefix.
    var authority: Substring {
        let rest = server[(server.firstRange(of: "://")?.upperBound ?? server.startIndex)...]
        return rest.prefix { $0 != "/" }
    }

    /// Where requests go: the address whose name the certificate is checked against, and, when that is not the
    /// server's own, what must be connected to instead and the `Host` that belongs to it.
    var route: (base: String, connectTo: String, host: String) {
        guard !serverName.isEmpty, isEncrypted else { return (server, "", "") }
        let authority = String(authority)
        let port = ClusterAccess.port(of: authority) ?? "443"
        let prefix = server.dropFirst("https://".count + authority.count)
        let hasPort = ClusterAccess.port(of: authority) != nil
        let target = hasPort ? authority : "\(authority):443"
        return ("https://\(serverName):\(port)\(prefix)", "::\(target)", authority)
    }

    private static func port(of authority: String) -> String? {
        guard let colon = authority.lastIndex(of: ":") else { return nil }
        let port = authority[authority.index(after: colon)...]
        // In [::1] the last colon belongs to the address.
        return !port.isEmpty && port.utf8.allSatisfy { (0x30...0x39).contains($0) } ? String(port) : nil
    }
}
