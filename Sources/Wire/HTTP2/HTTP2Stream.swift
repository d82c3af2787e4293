public import Basics

/// One request and its answer on a shared connection, as its session and its owner see it.
///
/// ```
///                        head ──────────► request or response
///   frames ──► session   input ─────────► body bytes, until `passedOn`
///                        trailers ──────► lines, once `isEnded`
///   frames ◄── session ◄ output ◄──────── `offer`, bounded by `room`
/// ```
/// It lives in its context's slab from the first byte of its head until its owner has released it *and* it is closed.
public struct HTTP2Stream: ~Copyable {
    /// The stream's number on its connection.
    public internal(set) var id: Int32
    /// A word of the owner's: a reference to what the stream is about.
    public var owner: UInt64 = 0

    /// A server's side: what is asked, as offsets into `head`.
    public var request = RequestHead()
    /// A client's side: what is answered, as offsets into `head`.
    public var response = ResponseHead()
    /// The head's bytes: lines as HTTP/1 would have them, behind the values of the pseudo-header fields.
    public internal(set) var head = Buffer()
    /// Why the request must not be forwarded although it is well-formed; answer with its status.
    public internal(set) var refusal: HeadError?
    /// What kind of request it is.
    public internal(set) var kind = Kind.plain
    /// `:scheme`, as an offset into `head`.
    public internal(set) var scheme = HeadRange()
    /// `:protocol`, as an offset into `head`.
    public internal(set) var tunnelProtocol = HeadRange()

    /// Bytes of the body that have arrived and were not passed on.
    public internal(set) var input = Buffer()
    /// The peer has sent all of its message; `input` may still hold some of it.
    public internal(set) var isEnded = false
    /// The trailers, as lines with CRLF; there only when `isEnded`.
    public internal(set) var trailers = Buffer()
    /// Content bytes that came.
    public internal(set) var receivedCount: UInt64 = 0
    /// Content bytes that were given to the connection.
    public internal(set) var sentCount: UInt64 = 0

    /// How it ended; nil while it is open.
    public internal(set) var ending: Ending?
    /// The fault that we ended it for.
    public internal(set) var fault: HTTP2Fault?

    /// What a request is for.
    public enum Kind: Sendable {
        case plain
        /// `CONNECT host:port`.
        case connect
        /// A tunnel of `tunnelProtocol` to a path (RFC 8441).
        case extendedConnect
    }

    /// How a stream ended.
    public enum Ending: Equatable, Sendable {
        /// Both sides said all they had to say.
        case complete
        /// The peer gave it up.
        case resetByPeer(HTTP2ErrorCode)
        /// We gave it up.
        case resetByUs
        /// The peer did not begin it, so it may be repeated on another connection whatever its method (RFC 9113 8.7).
        case refused
        /// Its connection failed or was closed.
        case connectionClosed
    }

    // MARK: The session's own

    /// Bytes of the body that wait to be sent.
    var output = Buffer()
    /// Trailer lines to be sent behind the body.
    var lastLines = Buffer()
    /// What Content-Length promised; -1 if it did not.
    var expectedCount: Int64 = -1
    /// An answer to HEAD or one with 204 or 304: no body may come.
    var hasNoBody = false
    /// A client's side: the request is HEAD.
    var isHead = false
    /// The final head has come.
    var hasHead = false
    /// Nothing is offered any more: END_STREAM goes behind what waits.
    var endsOutput = false
    /// A head of ours has been submitted.
    var hasAnswered = false
    /// A server's side: the answer lets the peer's bytes through, which may go on when ours have ended.
    var isTunnel = false
    /// libnghttp2 has asked for bytes and there were none.
    var isDeferred = false
    /// There was no room, or not enough: tell when there is.
    var wantsRoom = false
    var wasResetByPeer = false
    var wasResetByUs = false
    /// The owner has let go of it.
    var isReleased = false
    var news = HTTP2News()
    /// Neighbours among the session's streams.
    var previous: Ref<HTTP2Stream>?
    var next: Ref<HTTP2Stream>?
    /// The next one with news.
    var nextWithNews: Ref<HTTP2Stream>?

    init(id: Int32) { self.id = id }
}

/// What happened to a stream since its owner last heard.
public struct HTTP2News: OptionSet, Sendable {
    /// One bit for each kind.
    public let rawValue: UInt8

    /// News of these kinds.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The head is there: a request, or a final answer.
    public static var head: Self { Self(rawValue: 1) }
    /// An interim answer (1xx) is there; the next head overwrites it.
    public static var interim: Self { Self(rawValue: 2) }
    /// `input` has grown or `isEnded` has become true.
    public static var readable: Self { Self(rawValue: 4) }
    /// There is room again after an offer that did not fit.
    public static var writable: Self { Self(rawValue: 8) }
    /// It is closed, see `ending`; nothing follows.
    public static var closed: Self { Self(rawValue: 16) }
}
