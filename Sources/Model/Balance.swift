/// How a backend chooses a server for a request: HAProxy's `balance`.
public enum Balance: Sendable, Equatable, Hashable {
    /// In turn, each as often as its weight says and evenly spread; weights are dynamic (`Server.slowStart`).
    case roundRobin
    /// In turn by a table made beforehand, in exactly HAProxy's order; weights are static.
    case staticRoundRobin
    /// The server with the fewest requests in flight for its weight.
    case leastConnections
    /// The server with the lowest id that is below its limit.
    case first
    /// The less loaded of `draws` servers drawn at random; HAProxy draws 2 if nothing is said.
    case random(draws: Int)
    /// By a hash of something of the request: requests that agree in it go to the same server. Requests without it are
    /// served in turn.
    case hash(HashKey)

    /// By a hash of the client's address.
    public static let source = Balance.hash(.source)
}

/// What of a request is hashed.
public enum HashKey: Sendable, Equatable, Hashable {
    /// The client's address.
    case source
    /// The request's target, up to the query if nothing else is said.
    case uri(URIPart)
    /// The value of a parameter in the query, else in what has come of a POST's body; the name is compared with case.
    /// `searchesPosts` waits for such a body (HAProxy's `check_post`).
    case parameter(String, searchesPosts: Bool = false)
    /// The first value of a header field. `domainOnly` takes of `www.example.com` the `example`.
    case header(String, domainOnly: Bool)
    /// Any sample: what `balance hash` says.
    case expression(Expression)
}

/// How much of a request's target is hashed.
public struct URIPart: Sendable, Equatable, Hashable {
    /// The most bytes; 0, the default, is no limit.
    public var length: Int
    /// The most directories, where 1 is `/a/`; 0, the default, is no limit.
    public var depth: Int
    /// With the query. Default off.
    public var isWhole: Bool
    /// Without scheme and host, if the target has them. Default off.
    public var isPathOnly: Bool

    /// Everything before the query.
    public init() { (length, depth, isWhole, isPathOnly) = (0, 0, false, false) }
}

/// HAProxy's `hash-type`: how a key becomes a number, and the number a server.
public struct HashType: Sendable, Equatable, Hashable {
    /// A change of servers moves only the requests of those that came or went; else it moves nearly all.
    public var isConsistent: Bool
    /// How a key becomes a number.
    public var function: HashFunction
    /// Whether the number is mixed once more, so that keys that are alike are far apart.
    public var hasAvalanche: Bool

    /// What `hash-type` says word for word.
    public init(isConsistent: Bool, function: HashFunction, hasAvalanche: Bool) {
        (self.isConsistent, self.function, self.hasAvalanche) = (isConsistent, function, hasAvalanche)
    }

    /// HAProxy's default, and what `hash-type map-based` alone means.
    public static let mapBased = HashType(isConsistent: false, function: .sdbm, hasAvalanche: false)
    /// What `hash-type consistent` alone means.
    public static let consistent = HashType(isConsistent: true, function: .sdbm, hasAvalanche: true)
}

/// The functions HAProxy knows for keys.
public enum HashFunction: String, Sendable, Equatable, Hashable {
    case sdbm, djb2, wt6, crc32
    /// The key is a decimal number already.
    case none
}

/// HAProxy's `hash-key`: what decides about a server's places on the ring of consistent hashing. (`guid` is not there.)
public enum ServerHashKey: String, Sendable, Equatable, Hashable, CaseIterable {
    /// Its id: the default.
    case id
    /// Its id, mixed first.
    case id32
    /// Its address: the same on every proxy, whatever the order of the servers.
    case address = "addr"
    /// Its address and port.
    case addressPort = "addr-port"
}

extension Balance: CustomStringConvertible {
    /// What stands after `balance` in haproxy.cfg.
    public var description: String {
        switch self {
        case .roundRobin: "roundrobin"
        case .staticRoundRobin: "static-rr"
        case .leastConnections: "leastconn"
        case .first: "first"
        case .random(let draws): "random(\(draws))"
        case .hash(.source): "source"
        case .hash(.uri(let part)): "uri" + part.words
        case .hash(.parameter(let name, let searchesPosts)):
            "url_param \(name)" + (searchesPosts ? " check_post" : "")
        case .hash(.header(let name, let domainOnly)):
            "hdr(\(name))" + (domainOnly ? " use_domain_only" : "")
        case .hash(.expression(let expression)):
            expression.desktopCookie.map { "rdp-cookie(\($0))" } ?? "hash \(expression)"
        }
    }
}

extension Expression {
    /// The name of the remote desktop's cookie that it is, where `rdp-cookie(NAME)` says so.
    public var desktopCookie: String? {
        guard case .desktopCookie(let name, false) = fetch, converters.isEmpty,
            !name.isEmpty, name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !"()\"'\\,#".utf8.contains($0) })
        else { return nil }
        return name
    }
}

extension URIPart {
    fileprivate var words: String {
        (length > 0 ? " len \(length)" : "") + (depth > 0 ? " depth \(depth)" : "")
            + (isWhole ? " whole" : "") + (isPathOnly ? " path-only" : "")
    }
}

extension HashType: CustomStringConvertible {
    /// What stands after `hash-type` in haproxy.cfg.
    public var description: String {
        (isConsistent ? "consistent" : "map-based") + " \(function.rawValue)"
            + (hasAvalanche ? " avalanche" : "")
    }
}
