public import Wire

/// A request or a TCP session that is under way, as operators see it.
public struct SessionReport: Sendable {
    /// What it is called while it lasts; no two have had the same.
    public var id: UInt64 = 0
    /// The worker that has it.
    public var worker = 0
    /// Whose it is, and where that one has connected to.
    public var source = SocketAddress()
    /// The address it has connected to.
    public var destination = SocketAddress()
    /// The frontend's name.
    public var frontend = ""
    /// The backend's name; nil while it has none.
    public var backend: String?
    /// The server's name; nil while it has none.
    public var server: String?
    /// The server's address, once it has one.
    public var serverAddress: SocketAddress?
    /// Where we have connected to it from.
    public var ownAddress: SocketAddress?
    /// The descriptors of both sides, -1 for none; a stream has that of its connection.
    public var descriptors = (client: Int32(-1), server: Int32(-1))
    /// Whether the client speaks TLS, and whether it is a stream of HTTP/2.
    public var isTLS = false
    /// Whether it is a stream of a connection.
    public var isStream = false
    /// When it began, in nanoseconds since 1970.
    public var beganAt: UInt64 = 0
    /// How long it has lasted, in nanoseconds.
    public var age: UInt64 = 0
    /// Which request of its connection it is.
    public var number: UInt64 = 0
    /// Attempts that were repeated.
    public var retries = 0
    /// Whether it waits for a place at a server.
    public var waits = false
    /// Bytes of the client that wait to be passed on, and bytes that wait to be taken by it.
    public var buffered = (input: 0, output: 0)
    /// Bytes that have passed, of the client and of the server.
    public var passed = (input: UInt64(0), output: UInt64(0))

    /// Nothing known.
    public init() {}
}

/// What other threads ask workers about sessions; each worker answers once.
struct SessionQuestion: Sendable {
    /// What is wanted.
    enum Kind: Sendable {
        /// All there are, or the one of an id.
        case list(UInt64?)
        /// The one of an id ends.
        case end(UInt64)
    }

    let kind: Kind
    /// Where answers go.
    let answers: Mailbox<[SessionReport]>

    /// The most that one worker tells of at a time: requests wait meanwhile.
    static let most = 10_000

    /// What a session is called, by its place and its beginning.
    static func id(_ place: UInt64, _ startedAt: UInt64) -> UInt64 {
        let mixed = (place ^ (startedAt &* 0x9E37_79B9_7F4A_7C15)) &* 0xBF58_476D_1CE4_E5B9
        return (mixed ^ mixed >> 29) & 0x7FFF_FFFF_FFFF | 1
    }
}
