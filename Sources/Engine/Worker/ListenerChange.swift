import Basics
import Model
import Synchronization
import Wire

/// What becomes of a worker's listener.
struct ListenerChange: Sendable {
    /// Its place among the worker's listeners.
    let place: Int
    /// What its connections are from now on; nil closes it.
    let settings: ListenerPlaces.Place?
    /// What its handshakes are held to; nil is the same everywhere.
    var handshake: HandshakeSettings?
    /// One for each worker, if it is opened.
    let opened: [OpenedListener]
}

/// A listener on its way into a worker.
final class OpenedListener: Sendable {
    /// What its handshakes are held to; nil is the same everywhere.
    let handshake: HandshakeSettings?
    /// The socket, for those that share it.
    let descriptor: Int32
    private let listener: Mutex<Listener?>

    init(_ listener: consuming Listener, _ handshake: HandshakeSettings?) {
        self.handshake = handshake
        descriptor = listener.descriptor
        self.listener = Mutex(consume listener)
    }

    /// The listener; once.
    func take() -> Listener? { listener.withLock { $0.take() } }
}

/// A worker's listener and what its connections are.
struct BoundListener: ~Copyable {
    /// nil while it is not open.
    private var listener: Listener?
    /// With the one that the system chose, if it was asked to.
    private var port: UInt16 = 0
    private(set) var frontend: UInt16 = 0
    /// Its place among the frontend's binds.
    private(set) var bind: UInt16 = 0
    private(set) var isTLS = false
    private(set) var versions = ClientVersions.all
    /// How often quiet clients of HTTP/2 are asked for a sign of life (ms); 0 never.
    private(set) var idlePing = 0
    /// What its handshakes are held to; nil is the same everywhere.
    private(set) var handshake: HandshakeSettings?
    /// Whether what comes in here is counted for itself.
    private(set) var countsApart = false
    /// Where, from its first connection on.
    var traffic: Unmanaged<FrontendTraffic>?
    /// The forwarded fields that are the same for every request here.
    private(set) var forwarded = FixedArray<UInt8>("")
    /// Not listened to: the frontend has as many connections as it may have.
    var waitsForPlace = false

    /// A place for one.
    init() { listener = nil }

    var isOpen: Bool { descriptor >= 0 }
    /// -1 when closed.
    private(set) var descriptor: Int32 = -1

    /// Takes one waiting connection; nil if there is none, or none can be taken.
    func accept() -> (descriptor: Int32, peer: SocketAddress)? {
        switch listener {
        case .some(let open): open.accept()
        case .none: nil
        }
    }

    /// Listens from now on.
    mutating func open(
        _ opened: consuming Listener, _ settings: ListenerPlaces.Place, _ handshake: HandshakeSettings?
    ) {
        descriptor = opened.descriptor
        port = opened.address.port
        listener = consume opened
        waitsForPlace = false
        adopt(settings, handshake)
    }

    /// Treats connections otherwise from now on.
    mutating func adopt(_ settings: ListenerPlaces.Place, _ handshake: HandshakeSettings?) {
        self.handshake = handshake
        frontend = settings.frontend
        bind = settings.bind
        isTLS = settings.isTLS
        versions = settings.versions
        idlePing = max(0, settings.idlePing)
        countsApart = settings.countsApart
        traffic = nil
        if isOpen { Listener.setDeferAccept(descriptor, settings.defersAccept) }
        forwarded = FixedArray(ForwardedHeaders.fixed(port: port, isTLS: isTLS))
    }

    /// Takes no more connections; those there are stay.
    mutating func close() {
        listener = nil
        descriptor = -1
    }
}
