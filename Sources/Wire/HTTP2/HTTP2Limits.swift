/// What a peer may ask of one connection. The defaults bound its memory to 16 MiB at the very worst (each of 100 streams with
/// the largest head, a body that nobody reads and an answer that it does not read itself); idle it takes 15 KiB.
public struct HTTP2Limits: Sendable, Equatable {
    /// Streams the peer may have open at once (as HAProxy), where a session is not told otherwise.
    public var streams: UInt32 = 100
    /// Bytes of one stream's body that may wait to be passed on.
    public var streamWindow: Int32 = 65_535
    /// Bytes of all bodies together that may wait to be passed on.
    public var connectionWindow: Int32 = 1 << 20
    /// Bytes of one stream that may wait for the peer's window.
    public var sendBuffer = 32 * 1024
    /// Bytes of all streams together that may wait; beyond it each has `leastSendBuffer`.
    public var sendBuffers = 256 * 1024
    /// Bytes of one stream that may wait in any case; not more than half of `sendBuffer`.
    public var leastSendBuffer = 4 * 1024
    /// The size of a head: names, values and 32 for each field (RFC 9113 6.5.2). A larger one is answered with 431.
    public var headSize = 32 * 1024
    /// The size of trailers, counted alike.
    public var trailerSize = 8 * 1024
    /// So much larger than `headSize` a head may be until the connection is closed instead.
    public var bombFactor = 8
    /// CONTINUATION frames of one head.
    public var continuations = 8
    /// Frames that wait to be sent, bodies aside.
    public var queuedFrames = 1_000
    /// Acknowledgements among them.
    public var queuedAcknowledgements = 200
    /// Settings in one SETTINGS frame.
    public var settings = 32
    /// Whether a client may open tunnels (RFC 8441).
    public var allowsExtendedConnect = true

    /// RST_STREAM of a client; CVE-2023-44487.
    public var resets = PaceLimit(burst: 500, perSecond: 100)
    /// Streams beyond `streams` of a client that does not say that it knows of that limit.
    public var refusals = PaceLimit(burst: 500, perSecond: 100)
    /// SETTINGS.
    public var settingsFrames = PaceLimit(burst: 100, perSecond: 10)
    /// PING and its acknowledgement. gRPC sends one for each round trip of a busy connection, so DATA that we send
    /// pays for them.
    public var pings = PaceLimit(burst: 500, perSecond: 50)
    /// PRIORITY.
    public var priorities = PaceLimit(burst: 500, perSecond: 50)
    /// WINDOW_UPDATE; DATA that we send pays for them, unless it is dribbled out by tiny windows.
    public var windowUpdates = PaceLimit(burst: 2_000, perSecond: 200)
    /// DATA without content that does not end a stream.
    public var emptyData = PaceLimit(burst: 100, perSecond: 10)
    /// Frames of types we do not know, and GOAWAY.
    public var unknownFrames = PaceLimit(burst: 200, perSecond: 20)

    /// Streams that stood still until they were given up: each holds memory for as long as a time-out.
    public var stalls = PaceLimit(burst: 20, perSecond: 1)

    /// The defaults.
    public init() {}
}
