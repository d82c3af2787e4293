/// How it is found out whether a server can take requests: HAProxy's `check` and the words around it. Times are milliseconds.
public struct ServerCheck: Sendable, Hashable {
    /// What the server is asked; nil asks nothing: its agent alone says how it is.
    public var probe: HealthProbe?
    /// HAProxy's `track`: nobody asks it, it is up, down or drained as that server is. nil, the default, is nobody; it counts
    /// where neither `probe` nor `agent` does.
    public var follows: ServerReference?
    /// HAProxy's `addr`: asked there; empty, the default, is the server's own address.
    public var address: String
    /// HAProxy's `port`: asked there; 0, the default, is the server's own port.
    public var port: UInt16
    /// HAProxy's `check-send-proxy`: the connection begins with the server's PROXY header, or one of version 1, which says
    /// that it is no client's. Default off; on anyway for a server that is sent one and is asked at its own address and port.
    public var sendsProxyHeader: Bool
    /// Whether it is asked over TLS. Default as requests are sent to it.
    public var tls: CheckTLS
    /// HAProxy's `check-proto`, for HTTP checks; nil, the default, is what requests are sent by, where that is not left to a handshake.
    public var speaks: ServerProtocol?
    /// HAProxy's `inter`: from one check to the next of a server that is surely up. Default 2 s.
    public var interval: Int
    /// HAProxy's `fastinter`, for a server about to change; nil, the default, is `interval`.
    public var fastInterval: Int?
    /// HAProxy's `downinter`, for a server that is down; nil, the default, is `interval`.
    public var downInterval: Int?
    /// HAProxy's `timeout check`: for the answer, once the connection stands, which may then take as long as connections to the
    /// backend may, but not longer than `interval`. nil, the default: both together may take `interval`.
    public var timeout: Int?
    /// HAProxy's `spread-checks`: by how many percent intervals are varied at random, 0-50. Default 0.
    public var spread: Int
    /// HAProxy's `rise`: so many good checks bring a server up. Default 2.
    public var rise: Int
    /// HAProxy's `fall`: so many bad checks take it down. Default 3.
    public var fall: Int
    /// HAProxy's `on-marked-down shutdown-sessions`: its exchanges end when it goes down. Default off: they go on.
    public var endsSessionsWhenDown: Bool
    /// HAProxy's `on-marked-up shutdown-backup-sessions`: exchanges with backup servers end when it comes up. Default off.
    public var endsBackupSessionsWhenUp: Bool
    /// What of real traffic counts beside checks; nil, the default, is nothing.
    public var observation: ServerObservation?
    /// Who else says how the server is; nil, the default, is nobody.
    public var agent: AgentCheck?

    /// A check of HAProxy's defaults.
    public init(_ probe: HealthProbe? = .connect) {
        self.probe = probe
        follows = nil
        address = ""
        port = 0
        sendsProxyHeader = false
        tls = CheckTLS()
        speaks = nil
        interval = 2_000
        fastInterval = nil
        downInterval = nil
        timeout = nil
        spread = 0
        rise = 2
        fall = 3
        endsSessionsWhenDown = false
        endsBackupSessionsWhenUp = false
        observation = nil
        agent = nil
    }
}
