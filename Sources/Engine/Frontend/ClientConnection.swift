import Basics
import Wire

/// A client's connection, from accept to close: about 200 bytes while idle, no buffer.
struct ClientConnection: ~Copyable {
    var transport: Transport
    /// Whom we talk to, or whom its PROXY header names; with a trusted proxy in front that sends none this is the proxy.
    var address: SocketAddress
    var addressText: AddressText
    /// Index into the worker's listeners.
    let listener: UInt16
    /// Index into the worker's frontends.
    let frontend: UInt16
    let isTLS: Bool
    var phase = Phase.request
    /// Close when everything is written.
    var closesAfterFlush = false
    /// The peer has shut its sending side down.
    var hasEnded = false
    /// It has had its turn and goes on in the next round.
    var hasYielded = false
    /// It counts among the frontend's connections.
    var holdsPlace = false
    var timer: TimerWheel.ID = 0
    /// Requests begun on this connection.
    var requests: UInt32 = 0
    /// Bytes received and not yet understood; during an exchange, also its head in front of them.
    var input = Buffer()
    /// Bytes of answers that the socket did not take yet.
    var output = Buffer()
    var exchange: Ref<Exchange>?
    var details: Ref<ClientDetails>?
    /// All clients of the worker.
    var previous: Ref<ClientConnection>?
    var next: Ref<ClientConnection>?

    /// ```
    ///   proxyHeader ─► handshake ─► request ⇄ exchange ─► tunnel
    ///                                  └──────────┴─► lingering ─► (closed)
    /// ```
    enum Phase: UInt8 {
        /// A PROXY header is arriving.
        case proxyHeader
        /// TLS is being set up.
        case handshake
        /// Idle, or a head is arriving.
        case request
        /// An exchange has its head and is not finished.
        case exchange
        /// Bytes are passed on without being looked at.
        case tunnel
        /// Our last answer is sent, our side is shut; what the client still sends is thrown away so that it can
        /// read the answer (RFC 9112 9.6).
        case lingering
    }
}
