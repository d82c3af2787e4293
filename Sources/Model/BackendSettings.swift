/// How a pool of servers is used: everything about a backend but its servers and its name.
public struct BackendSettings: Sendable, Equatable {
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
    /// What clients are told when no connection to a server comes about. Default HAProxy's 503.
    public var withoutConnection: ConnectFailureAnswer
    /// HAProxy's `option abortonclose`: a request whose client has sent its end before there is an answer is given up at once; it may
    /// have been a client that only says no more. Default no: `ClientTimeouts.clientFin` says how long it is waited for.
    public var abortsOnClose = false
    /// The most idle connections one worker keeps to one server; 0 keeps none.
    public var maxIdlePerServer: Int
    /// Which idle connections a request may use.
    public var reuse: ConnectionReuse
    /// Which answers are compressed; nil compresses none.
    public var compression: Compression?
    /// Where small answers are kept; nil, the default, is nowhere.
    public var cache: CacheUse?
    /// What servers that speak FastCGI are told; nil is what `FastCGI` says by itself.
    public var fastCGI: FastCGI?
    /// When servers that keep failing are left alone; nil, the default, is never.
    public var circuitBreaker: CircuitBreaker?
    /// What is answered instead of an answer of our own, by its status.
    public var errorPages: [UInt16: ErrorPage]
    /// As `Frontend.buffersRequests`, whatever the frontend.
    public var buffersRequests: Bool
    /// HAProxy's `fullconn`: with so many requests of this backend under way, servers with a `minConnections` take as many as
    /// `maxConnections` says. 0, the default, is a tenth of what all frontends together may have open.
    public var fullConnections: Int
    /// What is asked about connections of mode tcp.
    public var sessionRules = BackendSessionRules()
    /// What its servers are told besides. For mode http.
    public var told = ToldFields()
    /// Where it is read how its servers were when another process ended.
    public var stateSource = ServerStateSource.none
    /// Where it stands in statistics.
    public var place = ProxyPlace()

    /// HAProxy's defaults.
    public init() {
        balance = .roundRobin
        hashType = .mapBased
        hashBalanceFactor = 0
        usesAllBackups = false
        serverRules = []
        rules = HTTPRules()
        persistence = Persistence()
        timeouts = ServerTimeouts()
        retries = 3
        retryOn = .connectionFailure
        repeatsHarmlessOnly = false
        retryTimeLimit = 0
        redispatch = true
        redispatchInterval = 1
        withoutConnection = .unavailable
        maxIdlePerServer = 256
        reuse = .safe
        compression = nil
        cache = nil
        fastCGI = nil
        circuitBreaker = nil
        errorPages = [:]
        buffersRequests = false
        fullConnections = 0
    }
}
