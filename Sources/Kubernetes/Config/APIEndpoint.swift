/// Where connections to an API server go, and how they are made, for those who make their own.
public struct APIEndpoint: Sendable, Equatable {
    /// A name, or an address without brackets.
    public var host = ""
    /// 1-65535.
    public var port: UInt16 = 443
    /// What stands in front of every path; empty, or without a slash at the end.
    public var pathPrefix = ""
    /// Whether TLS is spoken. Credentials are never sent in clear.
    public var isEncrypted = true
    /// The name its certificate is for.
    public var certifiedName = ""
    /// Whose certificates count.
    public var trust = Trust.system
    /// The proxy in front of it; empty for none.
    public var proxy = ""

    /// Which certificates a server may show.
    public enum Trust: Sendable, Equatable {
        /// Those the operating system trusts.
        case system
        /// Those that these authorities have signed: PEM.
        case authorities([UInt8])
        /// Any: `insecure-skip-tls-verify`.
        case any
    }
}

extension ClusterAccess {
    /// How to make connections of one's own; nil where the address or the file of authorities can not be read.
    public var endpoint: APIEndpoint? {
        var endpoint = APIEndpoint()
        endpoint.isEncrypted = isEncrypted
        guard let place = ClusterAccess.place(String(authority)) else { return nil }
        endpoint.host = place.host
        endpoint.port = place.port ?? (isEncrypted ? 443 : 80)
        let start = server.firstRange(of: "://")?.upperBound ?? server.startIndex
        endpoint.pathPrefix = String(server[start...].drop { $0 != "/" })
        endpoint.certifiedName = serverName.isEmpty ? place.host : serverName
        endpoint.proxy = proxy
        switch trust {
        case .system: endpoint.trust = .system
        case .any: endpoint.trust = .any
        case .authorities(.bytes(let pem)): endpoint.trust = .authorities(pem)
        case .authorities(.file(let path)):
            guard case .success(let pem) = FileContents.read(path) else { return nil }
            endpoint.trust = .authorities(pem)
        }
        return endpoint
    }

    /// `host`, `host:port`, `[v6]` or `[v6]:port`.
    private static func place(_ authority: String) -> (host: String, port: UInt16?)? {
        var host = authority
        var port: UInt16?
        if let colon = authority.lastIndex(of: ":"), !authority.hasSuffix("]") {
            guard let number = UInt16(authority[authority.index(after: colon)...]), number > 0 else {
                return nil
            }
            port = number
            host = String(authority[..<colon])
        }
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        return host.isEmpty || host.contains("@") ? nil : (host, port)
    }
}
