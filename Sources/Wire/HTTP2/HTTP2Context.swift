public import Basics
import CNghttp2

/// What the HTTP/2 connections of one worker and one role share: limits, memory for their streams, and counters.
public final class HTTP2Context {
    /// What a peer may ask; connections keep to the limits of now, and announce those of their beginning.
    public let limits: HTTP2Limits
    /// Whether the peers are clients.
    public let isServer: Bool
    /// All streams. The owner calls `reclaim` between two rounds of events.
    public let streams = Slab<HTTP2Stream>()
    /// Faults of peers so far, by `HTTP2Fault.rawValue`.
    public let faults = FixedArray<UInt64>(count: HTTP2Fault.allCases.count) { _ in 0 }
    /// How many faults there were, of all kinds.
    public private(set) var faultCount: UInt64 = 0
    /// A head to fill in before it is sent; never used by two at a time.
    public let block = FieldBlock()

    /// Small, as heads are; one that outgrows it moves to memory of its own.
    let heads: BufferPool
    let bodies: BufferPool
    /// For what waits of a body while it is little: a piece that was full once keeps all its pages.
    let pieces: BufferPool
    let tables: HeaderTablePool
    let callbacks: OpaquePointer
    let options: OpaquePointer
    /// Keys for the WebSocket handshakes of tunnels: nonces, not secrets (RFC 6455 10.3).
    var keyState: UInt64
    /// Sessions that may have something to send, each retained.
    var firstMarked: Unmanaged<HTTP2Session>?

    static var headSize: Int { 4 * 1024 }

    /// A context; nil without memory. `seed` makes the nonces of its tunnels differ from those of others.
    public init?(isServer: Bool, limits: HTTP2Limits = HTTP2Limits(), seed: UInt64 = 0, keep: Int = 128) {
        var callbacks: OpaquePointer?
        var options: OpaquePointer?
        guard nghttp2_session_callbacks_new(&callbacks) == 0, let callbacks else { return nil }
        guard nghttp2_option_new(&options) == 0, let options else {
            nghttp2_session_callbacks_del(callbacks)
            return nil
        }
        self.limits = limits
        self.isServer = isServer
        self.callbacks = callbacks
        self.options = options
        keyState = seed
        heads = BufferPool(size: Self.headSize, keep: keep)
        // Before a peer has acknowledged our settings it may send what is the default, 65,535.
        bodies = BufferPool(
            size: max(BufferPool.largePiece, Int(limits.streamWindow), limits.sendBuffer), keep: keep)
        pieces = BufferPool(size: limits.leastSendBuffer, keep: keep)
        tables = HeaderTablePool(keep: keep)
        HTTP2Session.install(callbacks)
        setOptions()
    }

    deinit {
        nghttp2_session_callbacks_del(callbacks)
        nghttp2_option_del(options)
    }

    private func setOptions() {
        nghttp2_option_set_no_auto_window_update(options, 1)
        // The rules for messages are ours, one set for HTTP/1 and HTTP/2, and some of them have an answer.
        nghttp2_option_set_no_http_messaging(options, 1)
        nghttp2_option_set_no_closed_streams(options, 1)
        nghttp2_option_set_max_outbound_ack(options, limits.queuedAcknowledgements)
        nghttp2_option_set_max_settings(options, limits.settings)
        nghttp2_option_set_max_reserved_remote_streams(options, 0)
        // `FrameMeter` decides these two, by the owner's clock and with a count of its own.
        nghttp2_option_set_stream_reset_rate_limit(options, 1 << 40, 1 << 20)
        // The library counts every piece of a frame header that comes apart as a frame.
        nghttp2_option_set_max_continuations(options, 9 * (limits.continuations + 1))
    }

    /// Takes a stream's memory back and ends its use.
    func remove(_ stream: Ref<HTTP2Stream>) {
        bodies.takeBack(&stream[].input)
        takeBack(output: &stream[].output)
        heads.takeBack(&stream[].head)
        heads.takeBack(&stream[].trailers)
        heads.takeBack(&stream[].lastLines)
        tables.takeBack(&stream[].request.fields)
        tables.takeBack(&stream[].response.fields)
        streams.remove(stream)
    }

    func count(_ fault: HTTP2Fault) {
        faults[Int(fault.rawValue)] &+= 1
        faultCount &+= 1
    }

    /// Whether there is a session that was marked.
    public var hasMarked: Bool { firstMarked != nil }

    /// A session that was marked since it was last taken; the caller releases it.
    public func takeMarked() -> Unmanaged<HTTP2Session>? {
        guard let session = firstMarked else { return nil }
        session._withUnsafeGuaranteedRef {
            firstMarked = $0.nextMarked
            $0.nextMarked = nil
            $0.isMarked = false
        }
        return session
    }

    // MARK: Memory of what waits to be sent

    /// Makes room for `count` more bytes in what waits to be sent of a body, `limits.sendBuffer` in all.
    func makeRoom(for count: Int, in output: inout Buffer) {
        let whole = output.count + count
        if whole <= pieces.size {
            pieces.lend(to: &output)
        } else if output.capacity < whole {
            move(&output, to: bodies)
        }
        if output.room < count { output.compact() }
    }

    /// Gives back what `output` has too much of, after bytes were taken from it.
    func shrink(_ output: inout Buffer) {
        if output.isEmpty {
            takeBack(output: &output)
        } else if output.count <= pieces.size, output.capacity > pieces.size {
            move(&output, to: pieces)
        }
    }

    /// Takes back all that waits to be sent.
    func takeBack(output: inout Buffer) {
        if output.capacity == pieces.size { pieces.takeBack(&output) } else { bodies.takeBack(&output) }
    }

    private func move(_ output: inout Buffer, to pool: BufferPool) {
        var other = Buffer()
        pool.lend(to: &other)
        other.append(output.view)
        swap(&output, &other)
        takeBack(output: &other)
    }

    // MARK: Memory of heads

    /// Makes room for `count` more bytes behind a head; false if it would outgrow its 16-bit offsets.
    func grow(_ head: inout Buffer, for count: Int) -> Bool {
        heads.lend(to: &head)
        guard head.room < count else { return true }
        let wanted = Int(head.end) + count
        guard wanted <= 65_000 else { return false }
        var larger = Buffer()
        heads.lend(to: &larger, atLeast: min(65_000, max(2 * wanted, limits.headSize + Self.headSize)))
        larger.append(head.view)
        swap(&head, &larger)
        heads.takeBack(&larger)
        return true
    }
}

extension HTTP2Context {
    /// Sixteen bytes in base64 that no other handshake here has (RFC 6455 4.1).
    func webSocketKey() -> [UInt8] {
        var bytes: [UInt8] = []
        for _ in 0..<2 {
            // SplitMix64: unpredictability is not asked for, only that intermediaries see no key twice.
            keyState &+= 0x9E37_79B9_7F4A_7C15
            var mixed = keyState
            mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
            mixed ^= mixed >> 31
            for shift in stride(from: 56, through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: mixed >> UInt64(shift)))
            }
        }
        return Array(Base64.encode(bytes).utf8)
    }
}
