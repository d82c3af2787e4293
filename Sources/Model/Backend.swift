/// The name of a backend, unique in a configuration and stable over its life: `namespace/service:port` for Kubernetes.
public struct BackendName: Sendable, Hashable, CustomStringConvertible {
    /// The name as it is printed.
    public let description: String

    /// Names a backend.
    public init(_ name: String) { description = name }
}

/// A pool of servers and how it is used.
public struct Backend: Sendable, Equatable {
    /// How a server is chosen.
    public var balance: Balance
    /// How a hash becomes a server, where `balance` is by hash.
    public var hashType: HashType
    /// HAProxy's `hash-balance-factor`: with consistent hashing and `random`, the most requests in flight a server may have,
    /// in percent of its share of all; the next server of the ring takes what is beyond. 0, the default, is no bound; else
    /// it is above 100.
    public var hashBalanceFactor: Int
    /// HAProxy's `option allbackups`: when no other server is usable, all backup servers share the requests instead of
    /// the first one taking all of them. Default off.
    public var usesAllBackups: Bool
    /// Which server gets what, before persistence and balancing: the first rule that applies and whose server is usable.
    public var serverRules: [ServerRule]
    /// Rules about messages, after the frontend's. For mode http.
    public var rules: HTTPRules
    /// How clients are kept on the server they were given first. Default not at all.
    public var persistence: Persistence
    /// The servers that take new requests, best order first. Empty: 503.
    public var servers: [Server]
    /// Time limits towards the servers.
    public var timeouts: ServerTimeouts
    /// How often a failed attempt is repeated.
    public var retries: Int
    /// What is repeated at all. Default what HAProxy repeats: connections that did not come about.
    public var retryOn: RetryConditions
    /// Whether requests that may have an effect when they are sent twice are repeated only if no server has seen them,
    /// whatever `retryOn` says. Default no, as HAProxy has it.
    public var repeatsHarmlessOnly: Bool
    /// How long after its head came a request may be sent again, in milliseconds; 0, the default, is as long as it takes.
    public var retryTimeLimit: Int
    /// Whether a retry may go to another server.
    public var redispatch: Bool
    /// Every how many attempts it does: HAProxy's `option redispatch N`. Negative counts from the last one: -1 is the last alone,
    /// which is what the option means without a number. Requests that are no server's in particular (served in turn, without
    /// a cookie) always go to another. Default 1: pods go before their endpoints do.
    public var redispatchInterval: Int
    /// The most idle connections one worker keeps to one server; 0 keeps none.
    public var maxIdlePerServer: Int
    /// Which idle connections a request may use.
    public var reuse: ConnectionReuse
    /// Which answers are compressed; nil compresses none.
    public var compression: Compression?
    /// Where small answers are kept; nil, the default, is nowhere.
    public var cache: CacheUse?
    /// When servers that keep failing are left alone; nil, the default, is never.
    public var circuitBreaker: CircuitBreaker?
    /// What is answered instead of an answer of our own, by its status.
    public var errorPages: [UInt16: ErrorPage]
    /// As `Frontend.buffersRequests`, whatever the frontend.
    public var buffersRequests: Bool
    /// HAProxy's `fullconn`: with so many requests of this backend under way, servers with a `minConnections` take as many as
    /// `maxConnections` says. 0, the default, is a tenth of what all frontends together may have open.
    public var fullConnections: Int
    /// Where it stands in statistics.
    public var place = ProxyPlace()
    /// The Service this pool was made from, for logs and metrics.
    public var origin: Origin

    /// A backend with HAProxy's defaults.
    public init(servers: [Server], origin: Origin) {
        balance = .roundRobin
        hashType = .mapBased
        hashBalanceFactor = 0
        usesAllBackups = false
        serverRules = []
        rules = HTTPRules()
        persistence = Persistence()
        self.servers = servers
        timeouts = ServerTimeouts()
        retries = 3
        retryOn = .connectionFailure
        repeatsHarmlessOnly = false
        retryTimeLimit = 0
        redispatch = true
        redispatchInterval = 1
        maxIdlePerServer = 256
        reuse = .safe
        compression = nil
        cache = nil
        circuitBreaker = nil
        errorPages = [:]
        buffersRequests = false
        fullConnections = 0
        self.origin = origin
    }
}

/// HAProxy's `http-reuse`: which requests may travel on an idle server connection.
public enum ConnectionReuse: Sendable, Equatable {
    /// A connection per client connection.
    case never
    /// The first request of a client connection gets a fresh connection unless it can be repeated without harm.
    case safe
    /// Any request may use any idle connection.
    case always
}

/// One address requests are sent to.
public struct Server: Sendable, Equatable, Hashable {
    /// IPv4 or IPv6 address in text form.
    public var address: String
    /// TCP port, 1-65535.
    public var port: UInt16
    /// Distinguishes two servers that had the same address at different times: the pod's UID. May be empty.
    public var identity: String
    /// The name shown in logs: the pod's name, or `address:port`.
    public var name: String
    /// Relative share of requests, 0-256; 0 takes none.
    public var weight: Int
    /// The most requests in flight to this server over all workers; 0 is no limit.
    public var maxConnections: Int
    /// HAProxy's `minconn`: its limit while the backend has little to do; see `Backend.fullConnections`. 0, the default, is
    /// `maxConnections` at all times.
    public var minConnections: Int
    /// HAProxy's `maxqueue`: the most requests that wait for this server alone, because a cookie or a hash names it. 0, the
    /// default, is no bound.
    public var maxQueue: Int
    /// HAProxy's `id`, unique in the backend: its place in `first` and on the ring of consistent hashing. 0, the default, is
    /// the next free number, counted from 1 in the order of the servers.
    public var id: Int
    /// What puts the server on the ring of consistent hashing.
    public var hashKey: ServerHashKey
    /// Its value in the backend's persistence cookie; empty, the default, is none.
    public var cookie: String
    /// It is used only when no other server is usable.
    public var isBackup: Bool
    /// Whether tables remember who was served here; HAProxy's `non-stick` is no. Default yes.
    public var isRemembered: Bool
    /// HAProxy's `slowstart`: for so many milliseconds after it has come up, its weight and limit grow to their full size;
    /// for the algorithms whose weights are dynamic. 0, the default, is at once.
    public var slowStart: Int
    /// The PROXY header it is sent first on every connection; nil sends none.
    public var sentProxyHeader: SentProxyHeader?
    /// What it speaks.
    public var speaks: ServerProtocol
    var boxedCheck: CheckBox?
    var boxedTLS: ServerTLSBox?

    /// A server of weight 1 without limits.
    public init(address: String, port: UInt16, identity: String = "", name: String = "") {
        self.address = address
        self.port = port
        self.identity = identity
        self.name = name.isEmpty ? "\(address):\(port)" : name
        weight = 1
        maxConnections = 0
        minConnections = 0
        maxQueue = 0
        id = 0
        hashKey = .id
        cookie = ""
        isBackup = false
        isRemembered = true
        slowStart = 0
        sentProxyHeader = nil
        speaks = .negotiated
        boxedCheck = nil
        boxedTLS = nil
    }
}

/// Time limits towards servers, in milliseconds; 0 is no limit.
public struct ServerTimeouts: Sendable, Equatable {
    /// From the first packet to an established connection. Default 5 s.
    public var connect: Int
    /// Silence of the server: before its answer 504, in the middle of it a cut. Default 60 s.
    public var server: Int
    /// Waiting for a free place when every server is at its limit. Default 5 s.
    public var queue: Int
    /// Silence of both sides of an upgraded connection or TCP session; 0 leaves the client's and the server's own limits
    /// in force. Default 1 h.
    public var tunnel: Int
    /// HAProxy's `timeout server-fin`: silence of the server in a tunnel or TCP session of which one side has ended; 0,
    /// the default, is the limit that held before.
    public var halfClosed: Int
    /// As `ClientTimeouts.tarpit`, for the backend's rules.
    public var tarpit: Int
    /// How long a connection that nobody uses is kept; one of HTTP/2 that has streams and on which nothing was sent for so long
    /// is asked for a sign of life. At most an hour. Default 60 s.
    public var idle: Int

    /// The defaults.
    public init() {
        connect = 5_000
        server = 60_000
        queue = 5_000
        tunnel = 3_600_000
        halfClosed = 0
        tarpit = 0
        idle = 60_000
    }
}
