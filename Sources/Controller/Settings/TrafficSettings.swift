import Model

/// What the ConfigMap of settings says about all traffic. Without one, the defaults of the engine.
struct TrafficSettings: Sendable, Equatable {
    var clientTimeouts = ClientTimeouts()
    var serverTimeouts = ServerTimeouts()
    /// The most client connections of a port; 0 is no limit.
    var maxConnections = 0
    /// The most fields of a head; 0 is what the engine can take.
    var maxHeaderCount = 0
    /// The most bytes of a head; 0 is what the engine can take.
    var maxHeaderSize = 0
    /// The most bytes of a body where an Ingress says nothing; 0 is no limit.
    var maxBodySize: Int64 = 0
    /// Whether every answer ends its connection.
    var closesConnections = false
    var speaksHTTP2 = true
    /// Streams of one HTTP/2 connection.
    var maxStreams = 100
    /// How often quiet clients of HTTP/2 are asked for a sign of life (ms); 0 never.
    var idlePing = 0
    /// What is logged of requests and sessions.
    var lines = LogLines()
    /// Requests for what is never logged, and whether those that no Ingress has a path for are.
    var unloggedTargets: [Matching] = []
    var logsUnrouted = true
    /// Whether fields whose names have `_` are passed on.
    var passesUnderscores = true
    /// Whether and how requests are traced that no Ingress says more of.
    var traces = RequestTraces(isOn: false, trustsClients: true)
    /// Which traces are recorded, and where.
    var collection = TraceCollection()
    var tls = TLSParameters()
    var isStrictSNI = false
    var trust = Trust()
    var redirection = Redirection()
    var hsts = StrictTransport()
    /// Who is asked about requests of Ingresses that ask nobody themselves.
    var authentication = ExternalAuthentication()
    /// Prefixes of Ingresses' paths whose requests nobody is asked about: who issues certificates knows no password.
    var openPaths = ["/.well-known/acme-challenge"]
    /// What holds of Ingresses that do not say it themselves.
    var usual = UsualIngress()
    /// What of clients' `User-Agent` and `Referer` is refused.
    var blockedAgents: [Matching] = []
    var blockedReferers: [Matching] = []
    /// Whether servers are told what was asked for before paths were rewritten.
    var tellsOriginalURI = false
    /// Fields that other ConfigMaps hold.
    var fields = Fields()
    /// Errors that the default backend of the flags writes the answers to.
    var errors = CustomErrors()
    /// How fast answers of Ingresses are sent that do not say it themselves.
    var pace = AnswerPace()
    /// Networks whose requests are refused, whatever an Ingress says.
    var blocked: [String] = []
    /// Networks whose requests are refused where an Ingress does not list any itself.
    var denied: [String] = []
    /// Networks whose requests alone are not refused where an Ingress does not list any itself; empty is everybody's.
    var allowed: [String] = []
    /// Fields of servers' answers that clients do not see.
    var hiddenFields: [String] = []
    /// Bodies in place of our own pages, by status.
    var errorPages: [UInt16: ErrorPage] = [:]
    var balance = Balance.roundRobin
    var retries = 3
    var retryOn = RetryConditions.connectionFailure
    /// In nginx's words; these count in place of `retryOn`.
    var nextUpstream: NextUpstream?
    /// Whether requests that may have an effect twice are repeated too, whatever those words say.
    var repeatsAll = false
    /// How long after a request came it may be given to another server, in milliseconds; 0 is as long as it takes.
    var retryTimeLimit = 0
    /// How often a TCP session is offered to a server again; nil is as requests are.
    var sessionRetries: Int?
    /// Whether it is offered again at all.
    var retriesSessions = true
    /// The most idle connections one worker keeps to one server.
    var maxIdlePerServer = 256
    var compression = Compression(algorithms: [])
    /// What is wrong with parts of values, the rest of which applies.
    var remarks: [SettingProblem] = []

    /// Whether a list could not be read: nobody is let in then, whatever an Ingress says.
    var isShut: Bool { allowed == [TrafficTable.nobody] }

    /// Who is believed about clients.
    struct Trust: Sendable, Equatable {
        /// Proxies in front, whose `X-Forwarded-*` fields are believed.
        var proxies: [String] = []
        /// Whether these fields are believed of `proxies`; nil is if there are any.
        var believesFields: Bool?
        /// Whether servers are told about clients in these fields.
        var tellsServers = true
        /// The field that names clients' addresses, in place of X-Forwarded-For.
        var sourceField: String?
        /// Whether X-Forwarded-For goes on as it came, with the proxy's address behind it.
        var appendsSource = false
        /// Whether requests without X-Request-ID get one.
        var namesRequests = true
        /// Whose connections begin with a PROXY header.
        var proxyProtocol = ProxyAcceptance.off

        /// Whose fields are believed: without a list everybody's, if that was asked for.
        var networks: [String] {
            guard believesFields ?? true else { return [] }
            return proxies.isEmpty && believesFields == true ? ["0.0.0.0/0", "::/0"] : proxies
        }
    }

    /// What annotations say otherwise.
    struct UsualIngress: Sendable, Equatable {
        /// Whether plain requests are sent to HTTPS where the host has TLS.
        var isSentToHTTPS = true
        /// What is answered beyond limits of rate, and of requests at a time.
        var rateStatus: UInt16 = 503
        var connectionStatus: UInt16 = 503
        /// Whether requests go to Services' own addresses.
        var usesServiceAddress = false
        /// Proxies that are believed about clients.
        var trusted: [String] = []
    }

    /// Fields of messages.
    struct Fields: Sendable, Equatable {
        /// The ConfigMap of those of every answer.
        var answeredSource: ObjectReference?
        /// The ConfigMap of those that servers are asked with.
        var askedSource: ObjectReference?
        /// What these hold.
        var answered = FieldMap()
        var asked = FieldMap()
        /// Those that annotations may give every answer, in lower case.
        var allowed: Set<String> = []
    }

    /// Whether cleartext requests are sent to HTTPS where an Ingress does not say.
    struct Redirection: Sendable, Equatable {
        var isOn = false
        /// Of all redirects to HTTPS, and between the names of a host.
        var status: UInt16 = 308
        /// Prefixes of paths that stay: who issues certificates asks there.
        var plainPaths = ["/.well-known/acme-challenge/"]
    }

    /// RFC 6797.
    struct StrictTransport: Sendable, Equatable {
        var isOn = false
        /// In seconds.
        var maxAge = 31_536_000
        var includesSubdomains = false
        var isPreload = false

        /// The field's value.
        var value: String {
            "max-age=\(maxAge)" + (includesSubdomains ? "; includeSubDomains" : "")
                + (isPreload ? "; preload" : "")
        }
    }
}
