import Basics
import Wire

/// A connection to a server: in use by one exchange, or idle in its worker's pool.
struct ServerConnection: ~Copyable {
    var transport: Transport
    /// Retained from opening to closing.
    let server: Unmanaged<ServerState>
    let place: Ref<ServerState.Place>
    var phase = Phase.connecting
    /// It has carried an exchange before: if it dies before the first byte of an answer, the server may just have
    /// closed it as idle.
    var isReused = false
    /// Requests on it are put to a relay.
    let isRelayed: Bool
    /// It stands among the worker's `yielded`.
    var hasYielded = false
    var timer: TimerWheel.ID = 0
    /// How long it is kept while nobody uses it (ms).
    var idleLifetime = 60_000
    /// The start of an answer's head that has not arrived whole.
    var input = Buffer()
    /// Bytes of the request that the socket did not take yet.
    var output = Buffer()
    var exchange: Ref<Exchange>?
    /// The client it was announced to the server for, who alone uses it; nil if it serves everyone.
    var owner: Ref<ClientConnection>?
    /// Neighbours among those being made or waiting for a stream, or in the idle list: its owner's kind or everyone's.
    var previous: Ref<ServerConnection>?
    var next: Ref<ServerConnection>?
    /// What it carries, if its server speaks HTTP/2; of a connection that waits for a stream, where it waits.
    var carrier: Ref<Carrier>?
    /// What is known of its answer, if its server speaks FastCGI.
    var fastCGI: Ref<FastCGIAnswer>?

    init(transport: consuming Transport, server: Unmanaged<ServerState>, place: Ref<ServerState.Place>) {
        isRelayed = server._withUnsafeGuaranteedRef { $0.relay != nil }
        self.transport = transport
        self.server = server
        self.place = place
    }

    enum Phase: UInt8 {
        case connecting
        /// TLS is being set up.
        case handshake
        case active
        case idle
        /// It carries streams, which are connections of their own.
        case carrying
    }
}
