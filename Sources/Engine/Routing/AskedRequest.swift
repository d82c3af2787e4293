/// A request that somebody asks about: nobody has sent it.
public struct AskedRequest: Sendable, Equatable {
    /// `GET`, …
    public var method = "GET"
    /// Whether it comes over TLS.
    public var isSecure = false
    /// Its host, with the port if one is named.
    public var host: String
    /// Path and query.
    public var target: String
    /// Fields besides Host, in order.
    public var fields: [Field] = []
    /// The client's address; nil: nobody has said it.
    public var client: String?

    /// A field of it.
    public struct Field: Sendable, Equatable {
        /// Its name.
        public var name: String
        /// Its value.
        public var value: String

        /// A field from its parts.
        public init(_ name: String, _ value: String) { (self.name, self.value) = (name, value) }
    }

    /// Reads `[http[s]://]HOST[:PORT][/PATH][?QUERY]`; nil if there is no host in it.
    public init?(_ text: String) {
        var rest = text[...]
        if let scheme = rest.firstRange(of: "://") {
            isSecure = rest[..<scheme.lowerBound].lowercased() == "https"
            rest = rest[scheme.upperBound...]
        }
        rest = rest.prefix { $0 != "#" }
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        guard !authority.isEmpty, authority.first != ":" else { return nil }
        host = String(authority)
        let target = rest.dropFirst(authority.count)
        self.target = target.hasPrefix("/") ? String(target) : "/\(target)"
    }

    /// Without the query.
    var path: String { String(target.prefix { $0 != "?" }) }

    /// The host without port and one trailing dot, in lower case.
    var name: String {
        var name = host[...]
        if name.hasPrefix("[") {
            name = name.prefix { $0 != "]" } + "]"
        } else if let colon = name.firstIndex(of: ":") {
            name = name[..<colon]
        }
        if name.count > 1, name.hasSuffix(".") { name = name.dropLast() }
        return name.lowercased()
    }

    /// Its head, as a client of HTTP/1.1 would send it.
    var head: String {
        let lines =
            ["\(method) \(target) HTTP/1.1", "Host: \(host)"] + fields.map { "\($0.name): \($0.value)" }
        return lines.map { $0 + "\r\n" }.joined() + "\r\n"
    }
}
