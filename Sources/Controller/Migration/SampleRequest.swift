/// A request that two proxies are asked alike.
public struct SampleRequest: Sendable, Hashable {
    /// `GET`, …
    public var method: String
    /// As its Host says: with the port, if there is one.
    public var host: String
    /// Path and query.
    public var target: String

    /// A request from its parts; nil if a part cannot be sent.
    public init?(method: String, host: String, target: String) {
        guard !method.isEmpty, method.utf8.allSatisfy({ (0x41...0x5A).contains($0) }),
            SampleRequest.isHost(host), target.utf8.first == UInt8(ascii: "/"),
            target.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#") })
        else { return nil }
        (self.method, self.host, self.target) = (method, host.lowercased(), target)
    }

    /// Whether it only reads, by its method.
    public var isSafe: Bool { ["GET", "HEAD", "OPTIONS"].contains(method) }

    /// Without the query.
    var path: String { String(target.prefix { $0 != "?" }) }

    /// Without the port.
    var name: Substring {
        guard !host.hasPrefix("["), let colon = host.firstIndex(of: ":") else { return host[...] }
        return host[..<colon]
    }

    private static func isHost(_ text: String) -> Bool {
        let known = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:[]".utf8)
        return !text.isEmpty && text.utf8.count <= 260 && text.utf8.allSatisfy(known.contains)
    }
}
