/// The name of a backend, unique in a configuration and stable over its life: `namespace/service:port` for Kubernetes.
public struct BackendName: Sendable, Hashable, CustomStringConvertible {
    /// The name as it is printed.
    public let description: String

    /// Names a backend.
    public init(_ name: String) { description = name }
}

/// A pool of servers and how it is used.
///
/// ```
///   Backend: servers, origin ──┐
///   Backend: servers, origin ──┴──► BackendSettings: balance, timeouts, rules, …
/// ```
/// Settings are a value that backends hold in common as long as it is equal: there are ten thousands of backends, and of most nothing
/// special is wanted. `backend.timeouts` and its like are read and changed as if they stood here.
@dynamicMemberLookup
public struct Backend: Sendable, Equatable {
    /// The servers that take new requests, best order first. Empty: 503.
    public var servers: [Server]
    /// The Service this pool was made from, for logs and metrics.
    public var origin: Origin
    private var shared: SharedSettings

    /// A backend with HAProxy's defaults.
    public init(servers: [Server], origin: Origin) {
        (self.servers, self.origin) = (servers, origin)
        shared = SharedSettings(BackendSettings())
    }

    /// One of the settings.
    public subscript<Value>(dynamicMember path: WritableKeyPath<BackendSettings, Value>) -> Value {
        get { shared.settings[keyPath: path] }
        _modify {
            if !isKnownUniquelyReferenced(&shared) { shared = SharedSettings(shared.settings) }
            yield &shared.settings[keyPath: path]
        }
    }

    /// Holds its settings in common with another's, if they are equal; else false.
    public mutating func share(settingsOf other: Backend) -> Bool {
        guard shared !== other.shared else { return true }
        guard shared.settings == other.shared.settings else { return false }
        shared = other.shared
        return true
    }

    /// Same servers and origin, and same or equal settings.
    public static func == (left: Backend, right: Backend) -> Bool {
        left.servers == right.servers && left.origin == right.origin
            && (left.shared === right.shared || left.shared.settings == right.shared.settings)
    }
}

/// Settings behind one reference.
///
/// Unchecked: they change only while one backend alone holds them, which a change asks first.
private final class SharedSettings: @unchecked Sendable {
    var settings: BackendSettings

    init(_ settings: BackendSettings) { self.settings = settings }
}

/// What a client is told whose request has found servers, and no connection to any.
public enum ConnectFailureAnswer: Sendable, Equatable {
    /// 503, as HAProxy says, for whatever reason.
    case unavailable
    /// 502, or 504 if the time for connecting ran out, as nginx says. A backend without servers is 503 there too.
    case badGateway
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
