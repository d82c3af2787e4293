/// One address requests are sent to.
///
/// Small, because there are ten thousands: what few of them have stands in `ServerExtras`, and is read and changed as if it stood here.
@dynamicMemberLookup
public struct Server: Sendable, Equatable, Hashable {
    /// IPv4 or IPv6 address in text form, or what `isLocal` says; empty where `resolution` has not found one.
    public var address: String
    /// Distinguishes two servers that had the same address at different times: the pod's UID. May be empty.
    public var identity: String
    /// The name shown in logs: the pod's name, or `address:port`.
    public var name: String
    /// Relative share of requests, 0-256; 0 takes none.
    public var weight: Int
    private var extras: Box<ServerExtras>?
    /// TCP port, 1-65535; 0 with `isLocal`, where records of a service have not said it, and with `followsDestination` for the destination's.
    public var port: UInt16
    /// Whether `address` is a socket of this machine: `unix@PATH`, `abns@NAME` or `abnsz@NAME`. Only who may read its files may say so.
    public var isLocal = false
    /// It is used only when no other server is usable.
    public var isBackup: Bool
    /// HAProxy's `disabled`: it is out of service from the beginning, until an operator says otherwise. Default no.
    public var isDisabled: Bool
    /// Whether tables remember who was served here; HAProxy's `non-stick` is no. Default yes.
    public var isRemembered: Bool
    /// What it speaks.
    public var speaks: ServerProtocol

    /// A server of weight 1 without limits.
    public init(address: String, port: UInt16, identity: String = "", name: String = "") {
        self.address = address
        self.port = port
        self.identity = identity
        self.name = name.isEmpty ? "\(address):\(port)" : name
        weight = 1
        extras = nil
        isBackup = false
        isDisabled = false
        isRemembered = true
        speaks = .negotiated
    }

    /// One of the extras.
    public subscript<Value>(dynamicMember path: WritableKeyPath<ServerExtras, Value>) -> Value {
        get { (extras?.value ?? ServerExtras())[keyPath: path] }
        set {
            var changed = extras?.value ?? ServerExtras()
            changed[keyPath: path] = newValue
            extras = changed == ServerExtras() ? nil : Box<ServerExtras>(changed)
        }
    }
}

/// What few servers have.
public struct ServerExtras: Sendable, Hashable {
    /// The most requests in flight to this server over all workers; 0 is no limit.
    public var maxConnections = 0
    /// HAProxy's `minconn`: its limit while the backend has little to do; see `BackendSettings.fullConnections`. 0, the default, is
    /// `maxConnections` at all times.
    public var minConnections = 0
    /// HAProxy's `maxqueue`: the most requests that wait for this server alone, because a cookie or a hash names it. 0, the
    /// default, is no bound.
    public var maxQueue = 0
    /// HAProxy's `id`, unique in the backend: its place in `first` and on the ring of consistent hashing. 0, the default, is
    /// the next free number, counted from 1 in the order of the servers.
    public var id = 0
    /// HAProxy's `slowstart`: for so many milliseconds after it has come up, its weight and limit grow to their full size;
    /// for the algorithms whose weights are dynamic. 0, the default, is at once.
    public var slowStart = 0
    /// HAProxy's `idle-ping`, ms: a server of HTTP/2 that was not heard of for so long is asked for a sign of life, and loses its
    /// connection if it gives none by the next time. 0, the default, asks after `ServerTimeouts.idle`, and only where answers are waited for.
    public var idlePing = 0
    /// By which version it gets WebSockets. It counts for servers of HTTP/2.
    public var webSockets = WebSocketVersion.automatic
    /// Its value in the backend's persistence cookie; empty, the default, is none.
    public var cookie = ""
    /// HAProxy's `redir`: GET and HEAD are answered 302 with this and their path, in place of the server; of `/` the path alone.
    /// Empty, the default, is not at all.
    public var redirection = ""
    /// What puts the server on the ring of consistent hashing.
    public var hashKey = ServerHashKey.id
    /// The PROXY header it is sent first on every connection; nil sends none.
    public var sentProxyHeader: SentProxyHeader?
    private var boxedCheck: Box<ServerCheck>?
    private var boxedTLS: Box<ServerTLS>?
    private var boxedRelay: Box<Relay>?
    private var boxedResolution: Box<ServerResolution>?
    private var boxedSource: Box<ServerSource>?
    private var boxedProxyFields: Box<[OwnProxyField]>?

    /// How its health is found out; nil, the default, takes it to be up.
    public var check: ServerCheck? {
        get { boxedCheck?.value }
        set { boxedCheck = newValue.map { Box($0) } }
    }
    /// How TLS is spoken to it; nil, the default, is not at all.
    public var tls: ServerTLS? {
        get { boxedTLS?.value }
        set { boxedTLS = newValue.map { Box($0) } }
    }
    /// Who passes requests on to it; nil, the default, is nobody: it stands at its address itself. HTTP/1.1 is spoken to a relay.
    public var relay: Relay? {
        get { boxedRelay?.value }
        set { boxedRelay = newValue.map { Box($0) } }
    }
    /// How its address is found while the process runs; nil, the default, is not at all. With it `address` is the one it begins with,
    /// and may be empty: it takes no requests until there is one. `port` is the one that holds with it.
    public var resolution: ServerResolution? {
        get { boxedResolution?.value }
        set { boxedResolution = newValue.map { Box($0) } }
    }
    /// Fields that are said in `sentProxyHeader` besides, if that is of version 2.
    public var ownProxyFields: [OwnProxyField] {
        get { boxedProxyFields?.value ?? [] }
        set { boxedProxyFields = newValue.isEmpty ? nil : Box(newValue) }
    }
    /// Where connections to it come from; nil, the default, is the system's choice.
    public var source: ServerSource? {
        get { boxedSource?.value }
        set { boxedSource = newValue.map { Box($0) } }
    }

    /// None.
    public init() {}
}

extension Server {
    /// Whether it is wherever the client has connected to, or rules say: HAProxy's `0.0.0.0` and `::`, and the port 0.
    public var followsDestination: Bool { address == "0.0.0.0" || address == "::" }
}
