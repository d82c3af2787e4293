import Basics
import Wire

/// A client's connection, from accept to close: about 200 bytes while idle, no buffer. A stream of an HTTP/2 connection is one
/// too, from its head to its close.
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
    /// Where what it does is counted: at its frontend, or at its listener.
    let traffic: Unmanaged<FrontendTraffic>
    var phase = Phase.request
    /// Close when everything is written.
    var closesAfterFlush = false
    /// The peer has shut its sending side down.
    var hasEnded = false
    /// It has had its turn and goes on in the next round.
    var hasYielded = false
    /// There is nobody: it stands for the client of a copy of a request.
    var isNobody = false
    /// Where it counts among those that there may be so many of.
    var admission = ConnectionLimits.Admission()
    var timer: TimerWheel.ID = 0
    /// Requests begun on this connection.
    var requests: UInt32 = 0
    /// Bytes received and not yet understood; during an exchange, also its head in front of them.
    var input = Buffer()
    /// Bytes of answers that the socket did not take yet.
    var output = Buffer()
    var exchange: Ref<Exchange>?
    /// Of a stream: its connection's.
    var details: Ref<ClientDetails>?
    /// What HTTP/2 frames are understood by; retained.
    var session: Unmanaged<HTTP2Session>?
    /// What an HTTP/2 connection's timer runs for.
    var wait = Wait.none
    /// How far things were when the timer was set: requests of a connection, bytes sent of a stream.
    var mark: UInt64 = 0
    /// All clients of the worker.
    var previous: Ref<ClientConnection>?
    var next: Ref<ClientConnection>?

    /// Whether it has to take something before more is read for it. A stream's client hears of it when it has.
    func isFull() -> Bool { !output.isEmpty || transport.channel?.isFull() == true }

    /// Whether it was full and has taken too little since.
    var isBlocked: Bool { !output.isEmpty || transport.channel?.waitsForRoom == true }

    /// ```
    ///   proxyHeader ─► hello ─► handshake ─► request ⇄ exchange ─► tunnel
    ///                    │          │          │  └──────────┴─► lingering ─► (closed)
    ///                    │          ├──────────┴─► http2 ──────────┘
    ///                    └──────────┴──► session ─► exchange ─► tunnel
    /// ```
    /// A stream begins in `exchange` and lingers until its client has taken the answer.
    enum Phase: UInt8 {
        /// A PROXY header is arriving.
        case proxyHeader
        /// A TLS client's first message is arriving, and decides.
        case hello
        /// TLS is being set up.
        case handshake
        /// It is to be given to a server as a whole. Up to here nothing has begun.
        case session
        /// Idle, or a head is arriving.
        case request
        /// An exchange has its head and is not finished.
        case exchange
        /// Bytes are passed on without being looked at.
        case tunnel
        /// Our last answer is sent, our side is shut; what the client still sends is thrown away so that it can
        /// read the answer (RFC 9112 9.6).
        case lingering
        /// It carries streams, which are clients of their own.
        case http2

        /// Whether the connection is not yet what it is for.
        var isOpening: Bool { rawValue <= Phase.session.rawValue }
    }

    /// What an HTTP/2 connection may be late with.
    enum Wait: UInt8 {
        /// Nothing that its streams do not wait for.
        case none
        /// To take what it is sent.
        case output
        /// To end a head, or to say its settings.
        case head
        /// To ask for something.
        case idle
        /// To say that it knows of the end.
        case drain
    }
}
