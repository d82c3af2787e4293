import Basics
import Synchronization
import Wire

/// One HTTP/2 connection to a server, which carries requests of many exchanges at once.
///
/// ```
///   exchange ─► ServerConnection (a stream) ─┐
///   exchange ─► ServerConnection (a stream) ─┼─► Carrier ─► ServerConnection (the socket)
///   exchange ─► ServerConnection (waits) ────┘
/// ```
/// To its exchange a stream is a server's connection like any other. Those that find the server's settings not there yet wait
/// for them: only then it is known how many streams it takes.
struct Carrier: ~Copyable {
    /// What has the socket.
    let connection: Ref<ServerConnection>
    /// Retained from opening to closing.
    let session: Unmanaged<HTTP2Session>
    /// It has carried a request before.
    var isUsed = false
    /// How often its server shows that it lives (ms); 0 where nobody has said.
    let idlePing: Int
    /// Nothing travels on it since the session's `quietSince`.
    var isQuiet = false
    /// Connections-to-be that wait for the server's settings, first come first served.
    var firstWaiting: Ref<ServerConnection>?
    var lastWaiting: Ref<ServerConnection>?
    var waitingCount = 0
    /// It is one of its server's that take requests, or of its client's if it is one's alone; `previous` and `next` are the
    /// others.
    var isListed = false
    var previous: Ref<Carrier>?
    var next: Ref<Carrier>?

    /// The most that wait for one connection: what a client may count on before it knows (RFC 9113 6.5.2).
    static let mostWaiting = 100

    init(_ connection: Ref<ServerConnection>, _ session: Unmanaged<HTTP2Session>) {
        idlePing = connection[].server._withUnsafeGuaranteedRef { $0.idlePing.load(ordering: .relaxed) }
        self.connection = connection
        self.session = session
    }

    /// The server's settings are known.
    var isReady: Bool { session._withUnsafeGuaranteedRef { $0.hasPeerSettings } }

    /// Whether one more request may come here, now or when the settings are known.
    var hasRoom: Bool {
        isReady
            ? waitingCount == 0 && session._withUnsafeGuaranteedRef { $0.roomForStreams > 0 }
            : waitingCount < Self.mostWaiting
    }
}
