/// A listening side: where clients connect and how they are treated before routing.
public struct Frontend: Sendable, Equatable {
    /// The name in logs and metrics.
    public var name: String
    /// Where it listens.
    public var binds: [Bind]
    /// Requests or bytes. Default requests.
    public var mode: Mode
    /// Time limits towards clients.
    public var timeouts: ClientTimeouts
    /// What servers are told about the client.
    public var forwarding: Forwarding
    /// The most client connections at a time, over all workers; 0 is no limit. More wait in the kernel until there is room.
    public var maxConnections: Int
    /// The most client connections that are accepted in a second, over all workers, but for those that rules refuse at once: HAProxy's
    /// `rate-limit sessions`; 0 is no limit. More wait as well.
    public var maxSessionRate = 0
    /// The most fields of a request's head; 0 is what the engine can take. More is answered 431.
    public var maxHeaderCount: Int
    /// The most bytes of a request's head; 0 is what the engine can take. More is answered 431.
    public var maxHeaderSize: Int
    /// HAProxy's `option h1-case-adjust-bogus-client`: names of fields as clients of HTTP/1 are to see them.
    public var fieldNames: [String] = []
    /// What is answered instead of an answer of our own, by its status. The backend's pages come first.
    public var errorPages: [UInt16: ErrorPage]
    /// What answers here when no route matches; nil is the configuration's `fallback`. With mode tcp, where all
    /// connections go; nil closes them.
    public var fallback: RouteTarget?
    /// What is done with requests that no route matches, and refused of them; nil, the default, is nothing. For mode http.
    public var fallbackRules: RouteRules?
    /// The same.
    public var fallbackLimits: RequestLimits?
    /// TLS connections that are passed through by what their client says first. Default none.
    public var helloRoutes: [HelloRoute]
    /// Rules about connections before anything else, in order: the first one that applies counts. For mode tcp.
    public var sessionRules: [SessionRule]
    /// Rules about connections as they begin.
    public var openingRules = OpeningRules()
    /// Where requests go, or of mode tcp connections, before routes are asked: the first rule that applies counts.
    public var backendRules: [BackendRule]
    /// The backends that a format of those rules may name. Default none.
    public var namedBackends: [BackendName] = []
    /// The backends whose state samples ask for, wherever these stand. Default none.
    public var observedBackends: [BackendName] = []
    /// The same of servers.
    public var observedServers: [ServerReference] = []
    /// Rules about messages. For mode http.
    public var rules: HTTPRules
    /// What is kept of requests and answers for the log.
    public var captures: Captures
    /// Which traces of routes that are traced are recorded, and where.
    public var tracing = Tracing()
    /// How requests are given a name of their own.
    public var uniqueID: UniqueID
    /// HAProxy's `option socket-stats`: what comes in is counted for each of its `binds` too. Default no.
    public var countsListeners = false
    /// Whether it is one section with the backend of its name (HAProxy's `listen`): their rules are the same and asked once.
    public var isListen: Bool
    /// What is logged, and to whom; nil, the default, leaves it to the process's access log.
    public var logging: Logging?
    /// Where it stands in statistics.
    public var place = ProxyPlace()
    /// What it was made from, for diagnostics; nil is the frontend itself.
    public var subject: Subject?
    /// Whether clients may speak HTTP/2: by ALPN on TLS, with prior knowledge on cleartext, and as `Bind.versions` says.
    public var speaksHTTP2: Bool
    /// Streams that a client of HTTP/2 may have open at once on a connection, 1 to 65,535. Default 100, as HAProxy.
    public var maxStreams: Int
    /// Whether every answer ends its connection (HAProxy's `option httpclose`). Default off.
    public var closesConnections: Bool
    /// Whether a request gets a server only when its body is here, or fills the buffer (`option http-buffer-request`).
    /// Then it can be repeated with it, see `Backend.retryOn`. Default off.
    public var buffersRequests: Bool

    /// A frontend with the defaults.
    public init(name: String, binds: [Bind]) {
        self.name = name
        self.binds = binds
        mode = .http
        timeouts = ClientTimeouts()
        forwarding = Forwarding()
        maxConnections = 0
        (maxHeaderCount, maxHeaderSize) = (0, 0)
        errorPages = [:]
        (fallback, fallbackRules, fallbackLimits) = (nil, nil, nil)
        helloRoutes = []
        (sessionRules, backendRules) = ([], [])
        rules = HTTPRules()
        (captures, uniqueID) = (Captures(), UniqueID())
        isListen = false
        logging = nil
        subject = nil
        (speaksHTTP2, maxStreams) = (true, 100)
        closesConnections = false
        buffersRequests = false
    }
}

/// One address a frontend listens on.
public struct Bind: Sendable, Equatable {
    /// IPv4 or IPv6 address in text form; nil is every address of both families. Or a socket of this machine: `unix@PATH`, or
    /// `abns@NAME` and `abnsz@NAME` outside of the file system; the port is 0 then.
    public var address: String?
    /// TCP port; 0 lets the system choose one.
    public var port: UInt16
    /// Whether `address` is a socket of this machine.
    public var isLocal = false
    /// Of one with a path.
    public var rights = LocalSocketRights()
    /// A socket that whoever started the process has opened and listens on (HAProxy's `fd@`); address and port are its own then.
    public var descriptor: Int32?
    /// HAProxy's `name` and `id`, for statistics; empty and 0, the defaults, are `sock-` and the next free number.
    public var name = ""
    /// The same.
    public var id = 0
    /// The most connections of this address at a time, over all workers; 0 is no limit. More wait in the kernel, as at the frontend's.
    public var maxConnections = 0
    /// Whether clients speak TLS here.
    public var isTLS: Bool
    /// Whose connections begin with a PROXY header, which says whose they are.
    public var proxyProtocol: ProxyAcceptance
    /// Versions, ciphers and curves of TLS here; nil for the engine's own.
    public var tlsParameters: TLSParameters?
    /// HAProxy's `strict-sni`: clients that ask for no name or for one without a certificate of its own are refused.
    public var isStrictSNI: Bool
    /// Which versions of HTTP clients may speak here, where the frontend speaks HTTP/2.
    public var versions: ClientVersions
    /// HAProxy's `idle-ping`, ms: a client of HTTP/2 from which nothing is waited for is asked so often for a sign of life, and loses
    /// its connection if it gave none by the next time. 0, the default, never.
    public var idlePing: Int
    /// HAProxy's `alpn` in mode tcp: what TLS that ends here may choose by ALPN, best first. Default nothing. With mode http it is
    /// what the frontend speaks.
    public var applicationProtocols: [String]
    /// HAProxy's `verify`: what is demanded of clients' certificates under every name that does not demand anything itself; nil,
    /// the default, is nothing. Its `headers` are told to nobody, and clients that do not meet it are refused in the handshake.
    public var clientAuthentication: ClientAuthentication?
    /// How many bytes of what a TLS client offers are kept for `OfferRead`, 0 to 16,384. Default 0: nothing is.
    public var offerRoom = 0

    /// A bind from its parts.
    public init(address: String? = nil, port: UInt16, isTLS: Bool = false) {
        self.address = address
        self.port = port
        self.isTLS = isTLS
        descriptor = nil
        proxyProtocol = .off
        tlsParameters = nil
        isStrictSNI = false
        versions = .all
        idlePing = 0
        applicationProtocols = []
        clientAuthentication = nil
    }
}

/// Time limits towards clients, in milliseconds; 0 is no limit.
public struct ClientTimeouts: Sendable, Equatable {
    /// From the first byte (or the accept) to the end of the request head: 408. Default 10 s.
    public var request: Int
    /// Idle between two requests: a silent close. Default 75 s.
    public var keepAlive: Int
    /// Silence of the client while it should send or receive. Default 60 s.
    public var client: Int
    /// How long a client that has shut its sending side down is waited for before its request is given up, if
    /// nothing of the answer has been sent yet. Default 1 s.
    public var clientFin: Int
    /// HAProxy's `timeout client-fin`: silence of the client in a tunnel or TCP session of which one side has ended; 0,
    /// the default, is the limit that held before.
    public var halfClosed: Int
    /// How long a TLS client's first message is waited for where it decides (HAProxy's `tcp-request inspect-delay`).
    /// Default 5 s.
    public var hello: Int
    /// HAProxy's `timeout tarpit`: how long a client waits to be refused by a rule of that kind; 0, the default, is not at all.
    public var tarpit: Int

    /// The defaults.
    public init() {
        request = 10_000
        keepAlive = 75_000
        client = 60_000
        clientFin = 1_000
        halfClosed = 0
        hello = 5_000
        tarpit = 0
    }
}

/// What servers are told about the client and which clients are believed about it.
public struct Forwarding: Sendable, Equatable {
    /// Whether `X-Forwarded-*`, `X-Real-IP`, `X-Request-ID` and the rest are set at all.
    public var isEnabled: Bool
    /// Networks (CIDR or single addresses) of proxies in front of us, whose `X-Forwarded-*` headers are believed.
    public var trustedProxies: [String]
    /// Whether a request that comes without `X-Request-ID` gets one. Default yes.
    public var namesRequests: Bool
    /// The field in which those proxies say whose requests these are; nil, the default, is `X-Forwarded-For`.
    public var sourceField: String?
    /// Whether what a trusted proxy says in `X-Forwarded-For` goes on with the proxy's own address behind it. Default no: servers are
    /// told the client's address alone.
    public var appendsSource: Bool
    /// HAProxy's `option forwardfor`: one more field with the client's address, beside what the client sent; nil adds
    /// none. It counts where `isEnabled` is false.
    public var appended: AppendedAddress?
    /// The same of `option originalto`: the address that the client has asked for.
    public var appendedDestination: AppendedAddress?

    /// Headers set, nobody trusted.
    public init() {
        (isEnabled, namesRequests) = (true, true)
        (sourceField, appendsSource) = (nil, false)
        trustedProxies = []
        (appended, appendedDestination) = (nil, nil)
    }
}
