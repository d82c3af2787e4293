public import Basics
import CNghttp2

/// One HTTP/2 connection without its socket: bytes go in, streams have news, bytes come out.
///
/// libnghttp2 does framing, HPACK and the accounts of flow control. Ours is what a message may look like, what is kept of it
/// and for how long, how much a peer may ask for, and the order in which the owner hears of it.
///
/// ```
///            receive(bytes)                          send(into: buffer)
///                 │                                        ▲
///            FrameMeter ── too many ──► failure ─────► GOAWAY
///                 │                                        │
///             libnghttp2 ◄──────────────────────────── libnghttp2
///                 │ fields     │ DATA                      ▲ reads what waits
///            HeadReader ─► HTTP2Stream ─► next() ─► owner ─┤ respond, request, interim
///                          (in a slab)                     └ offer, finish, reset, passedOn
///
///   a stream    head ─► readable … ─► closed        each at most once in the queue of news, like events of epoll:
///               └ interim*  writable …               what happened is a set, what there is stands in the stream
///
///   connection  open ─► draining (GOAWAY, then PING, then the last GOAWAY) ─► over
///                └─► failed (GOAWAY with the fault's code) ─────────────────► over
/// ```
/// Rules for the owner: after `receive` read all news before calling it with the rest; after anything that sends, call
/// `send`; release every stream it heard of, exactly once; when `isOver` and all was written, close the socket. If the socket
/// dies first, call `close` and read the last news. Nothing here blocks, allocates per request, or looks at a clock.
public final class HTTP2Session {
    /// Limits, memory and counters, shared with the worker's other sessions of this role.
    public let context: HTTP2Context
    /// A word of the owner's: a reference to its connection; 0 once that is gone.
    public var owner: UInt64 = 0
    let raw: OpaquePointer
    var meter: FrameMeter
    var reader = HeadReader()

    /// Why the connection is being closed, if the peer is to blame.
    public internal(set) var failure: HTTP2Fault?
    /// The socket is gone: nothing comes and nothing goes.
    public internal(set) var isClosed = false
    /// What a callback found and libnghttp2 shall stop for.
    var fatal: HTTP2Fault?
    /// An interim answer waits in a stream: what follows would overwrite it.
    var mustBeRead = false
    var refusals = Pace()
    private var stalls = Pace()
    /// Bytes of all streams that wait to be sent.
    var waiting = 0
    var now: UInt64 = 0

    /// All streams, the newest first.
    var newest: Ref<HTTP2Stream>?
    /// Streams that are not closed.
    public internal(set) var openStreams = 0
    var firstWithNews: Ref<HTTP2Stream>?
    var lastWithNews: Ref<HTTP2Stream>?

    /// What is being sent into, for the length of a call of `send`.
    var target: UnsafeMutablePointer<Buffer>?
    /// The rest of a frame that did not fit; libnghttp2 keeps it until it is asked for the next.
    var pending: UnsafePointer<UInt8>?
    var pendingCount = 0
    var hasSentFailure = false
    /// It stands among the context's marked sessions.
    var isMarked = false
    var nextMarked: Unmanaged<HTTP2Session>?

    /// What the peer's GOAWAY said: the last stream it will answer, and why.
    public internal(set) var goaway: (lastStream: Int32, code: HTTP2ErrorCode)?
    /// The peer's settings have come; before that a client's side counts on 100 streams.
    public internal(set) var hasPeerSettings = false
    /// How many PINGs of `ping()` were not acknowledged.
    public internal(set) var unansweredPings = 0
    /// Since when the owner waits for nothing, or for the next request (ns, the owner's clock).
    public var quietSince: UInt64 = 0
    /// How far `beginDrain` has come.
    public internal(set) var drain = Drain.none

    /// How far a graceful end has come (RFC 9113 6.8).
    public enum Drain: Sendable {
        case none
        /// The peer was told that an end is near, and asked to say that it knows.
        case announced
        /// No new streams are answered.
        case final
    }

    /// Begins a connection: our preface and settings wait to be sent. `streams` is how many a client may have open, if it is not
    /// what the context says. Nil without memory.
    public init?(_ context: HTTP2Context, streams: UInt32? = nil) {
        var raw: OpaquePointer?
        let made =
            context.isServer
            ? nghttp2_session_server_new2(&raw, context.callbacks, nil, context.options)
            : nghttp2_session_client_new2(&raw, context.callbacks, nil, context.options)
        guard made == 0, let raw else { return nil }
        self.context = context
        self.raw = raw
        meter = FrameMeter(isServer: context.isServer)
        nghttp2_session_set_user_data(raw, Unmanaged.passUnretained(self).toOpaque())
        guard announce(streams ?? context.limits.streams) else { return nil }
    }

    deinit {
        nghttp2_session_del(raw)
        while let stream = newest { dispose(stream) }
    }

    /// Our settings, and a window for the connection as a whole.
    private func announce(_ streams: UInt32) -> Bool {
        let limits = context.limits
        var settings = [
            nghttp2_settings_entry(
                settings_id: Int32(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE.rawValue),
                value: UInt32(clamping: limits.headSize)),
            nghttp2_settings_entry(
                settings_id: Int32(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE.rawValue),
                value: UInt32(clamping: limits.streamWindow)),
        ]
        func set(_ id: nghttp2_settings_id, _ value: UInt32) {
            settings.append(nghttp2_settings_entry(settings_id: Int32(id.rawValue), value: value))
        }
        if context.isServer {
            set(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, streams)
            // Streams are served in turn whatever a client says about their order, and what it says is not kept.
            set(NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1)
            if limits.allowsExtendedConnect { set(NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL, 1) }
        } else {
            set(NGHTTP2_SETTINGS_ENABLE_PUSH, 0)
        }
        let flags = UInt8(NGHTTP2_FLAG_NONE.rawValue)
        return nghttp2_submit_settings(raw, flags, settings, settings.count) == 0
            && nghttp2_session_set_local_window_size(raw, flags, 0, limits.connectionWindow) == 0
    }

    /// Remembers that there may be something to send, for `HTTP2Context.takeMarked`: the owner sends once for all streams.
    public func mark() {
        guard !isMarked, owner != 0 else { return }
        isMarked = true
        nextMarked = context.firstMarked
        context.firstMarked = Unmanaged.passRetained(self)
    }

    // MARK: Bytes

    /// Takes bytes from the peer; how many were taken. Fewer than all means that news must be read first; a connection
    /// that has failed takes everything and looks at nothing.
    public func receive(_ bytes: ByteView, now: UInt64) -> Int {
        self.now = now
        mustBeRead = false
        var at = 0
        while at < bytes.count, !mustBeRead {
            guard failure == nil, !isClosed else { return bytes.count }
            let rest = bytes[at..<bytes.count]
            // 256 frames can make no more work than 256 answers before the queue is looked at.
            let count = meter.pass(rest, frames: 256, limits: context.limits, now: now)
            let taken = rest.withPointer { start, _ in nghttp2_session_mem_recv(raw, start, count) }
            guard taken == count else {
                fail(fault(ofLibrary: taken))
                return bytes.count
            }
            at += count
            if let fault = meter.fault {
                fail(fault)
            } else if nghttp2_session_get_outbound_queue_size(raw) > context.limits.queuedFrames {
                fail(.unreadFrames)
            }
        }
        return at
    }

    private func fault(ofLibrary result: Int) -> HTTP2Fault {
        if let fatal { return fatal }
        switch result {
        case Int(NGHTTP2_ERR_BAD_CLIENT_MAGIC.rawValue): return .badPreface
        case Int(NGHTTP2_ERR_FLOODED.rawValue): return .unreadFrames
        default: return .library
        }
    }

    /// Ends the connection for a fault of the peer: what waits is dropped, all streams are closed.
    func fail(_ fault: HTTP2Fault) {
        guard failure == nil else { return }
        failure = fault
        context.count(fault)
        closeStreams()
    }

    /// One of its streams is given up because it stood still for too long. Where that happens again and again the connection fails.
    public func noteStall(now: UInt64) {
        context.count(.stalledStream)
        guard failure == nil, !isClosed, !stalls.take(context.limits.stalls, now: now) else { return }
        fail(.stalledStreams)
    }

    /// The owner gives the connection up, because nothing of what it is sent is read.
    public func noteUnread() { context.count(.unreadBytes) }

    /// The socket is gone, or the owner does not want it any more: all streams are closed.
    public func close() {
        guard !isClosed else { return }
        isClosed = true
        closeStreams()
    }

    /// Whether nothing will come or go any more, once what `send` gave has been written.
    public var isOver: Bool {
        guard pendingCount == 0, !isClosed else { return isClosed }
        if failure != nil { return hasSentFailure }
        return nghttp2_session_want_read(raw) == 0 && nghttp2_session_want_write(raw) == 0
    }

    /// Whether a fault has closed all streams.
    public var hasFailed: Bool { failure != nil }

    /// Whether `next` may still have something to say.
    public var hasNews: Bool { firstWithNews != nil }

    /// How many frames have begun to come, modulo 2^32.
    public var receivedFrames: UInt32 { meter.count }

    /// A head has begun and not ended: it should within the time of a request's head.
    public var isInsideHead: Bool { meter.isInsideHead }

    // MARK: News

    /// The next stream that has news, and what they are. They count as read.
    public func next() -> (stream: Ref<HTTP2Stream>, news: HTTP2News)? {
        while let stream = firstWithNews {
            firstWithNews = stream[].nextWithNews
            if firstWithNews == nil { lastWithNews = nil }
            stream[].nextWithNews = nil
            let news = stream[].news
            stream[].news = []
            guard stream[].isReleased else { return (stream, news) }
            if stream[].ending != nil { dispose(stream) }
        }
        return nil
    }

    func tell(_ stream: Ref<HTTP2Stream>, _ news: HTTP2News) {
        if stream[].news.isEmpty {
            if let last = lastWithNews { last[].nextWithNews = stream } else { firstWithNews = stream }
            lastWithNews = stream
        }
        stream[].news.insert(news)
    }

    /// Lets go of a stream: reset with `code` if it is still open, forgotten as soon as it is closed.
    public func release(_ stream: Ref<HTTP2Stream>, resettingWith code: HTTP2ErrorCode = .cancel) {
        guard !stream[].isReleased else { return }
        dropInput(stream)
        stream[].isReleased = true
        if stream[].ending == nil {
            // A tunnel to a server that both sides have ended: what waits is still sent, and the stream closes by itself.
            if !context.isServer, stream[].kind != .plain, stream[].isEnded, stream[].endsOutput { return }
            reset(stream, code)
        } else if stream[].news.isEmpty {
            dispose(stream)
        }
    }

    // MARK: Streams

    func insert(_ id: Int32) -> Ref<HTTP2Stream> {
        let stream = context.streams.insert(HTTP2Stream(id: id))
        stream[].next = newest
        newest?[].previous = stream
        newest = stream
        openStreams &+= 1
        return stream
    }

    /// Ends a stream for all sides but its owner, who hears of it.
    func close(_ stream: Ref<HTTP2Stream>, as ending: HTTP2Stream.Ending) {
        guard stream[].ending == nil else { return }
        openStreams &-= 1
        stream[].ending = ending
        if reader.stream == stream { reader = HeadReader() }
        dropOutput(stream)
        if !stream[].isReleased {
            tell(stream, .closed)
        } else if stream[].news.isEmpty {
            dispose(stream)
        }
    }

    private func closeStreams() {
        var following = newest
        while let stream = following {
            following = stream[].next
            close(stream, as: .connectionClosed)
        }
    }

    /// Gives everything back. Its place is reused after the owner's next `reclaim`.
    func dispose(_ stream: Ref<HTTP2Stream>) {
        if let next = stream[].next { next[].previous = stream[].previous }
        if let previous = stream[].previous {
            previous[].next = stream[].next
        } else {
            newest = stream[].next
        }
        context.remove(stream)
    }
}
