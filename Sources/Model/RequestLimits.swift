/// What of a route's requests is answered before a server is asked.
public struct RequestLimits: Sendable, Equatable {
    /// What the counts belong to: routes with limits of one name share them, and they survive every publish.
    public var name: String
    /// The most requests under way at a time, over all workers; 0 is no limit.
    public var maxRequests: Int
    /// The most of them of one address; 0 is no limit.
    public var maxRequestsPerAddress: Int
    /// The most bytes of a request body, 0 is no limit; the frontend's own limit, if it has one, applies beside it. More is answered 413.
    public var maxBodySize: Int64
    /// How often requests may come; nil is no limit.
    public var rate: RateLimit?
    /// A second one of the same key, which has to be kept too; nil, the default, is none.
    public var secondRate: RateLimit?
    /// Networks (CIDR or single addresses) whose requests no rate is about, and no limit per address.
    public var exempt: [String]
    /// What is answered to requests beyond `maxRequests`, `maxRequestsPerAddress` and `rate`. Default 429.
    public var status: UInt16

    /// No limits under a name.
    public init(name: String) {
        self.name = name
        maxRequestsPerAddress = 0
        (maxRequests, maxBodySize, rate, secondRate, exempt, status) = (0, 0, nil, nil, [], 429)
    }
}

/// How often requests with the same key may come: a leaky bucket, as nginx's `limit_req` with `nodelay`.
///
/// A bucket leaks `requests` per `period`, evenly, and holds `burst` of them beside the one that is just passing.
public struct RateLimit: Sendable, Equatable {
    /// Who shares a bucket.
    public var key: RateKey
    /// So many requests…
    public var requests: Int
    /// … in so many milliseconds. Default a second.
    public var period: Int
    /// How many may come at once beyond that. Default 0.
    public var burst: Int
    /// For how many keys counts are kept; of more, those that have been quiet for longest are forgotten. Default 16,384,
    /// which is half a MiB.
    public var keys: Int

    /// So many requests a second for each key.
    public init(key: RateKey, requests: Int) {
        self.key = key
        self.requests = requests
        (period, burst, keys) = (1_000, 0, 16_384)
    }
}

/// Whose requests are counted together.
public enum RateKey: Sendable, Equatable, Hashable {
    /// All.
    case everybody
    /// Those of a network: the first so many bits of an IPv4 or IPv6 address.
    case source(bits4: Int, bits6: Int)
    /// Those with the same value of a header field. Requests without it are not limited.
    case header(String)

    /// Those of an address.
    public static var address: RateKey { .source(bits4: 32, bits6: 128) }
}
