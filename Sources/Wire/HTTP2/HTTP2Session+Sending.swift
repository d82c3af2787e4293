public import Basics
import CNghttp2

/// What the owner has to say to the peer.
extension HTTP2Session {
    // MARK: Heads

    /// Answers a request with the fields of `block`. With a body, `offer` and `finish` follow.
    @discardableResult
    public func respond(_ stream: Ref<HTTP2Stream>, with block: FieldBlock, hasBody: Bool) -> Bool {
        guard isOpen(stream), !stream[].hasAnswered else { return false }
        stream[].hasAnswered = true
        stream[].endsOutput = !hasBody
        stream[].isTunnel = stream[].kind != .plain && hasBody && block.isSuccess
        let result = withProvider(hasBody ? stream : nil) { provider in
            block.withFields { nghttp2_submit_response(raw, stream[].id, $0, $1, provider) }
        }
        guard result == 0 else { return lost(stream) }
        if hasBody { takeTurns(stream) }
        return true
    }

    /// Sends an interim answer (1xx), after which others follow.
    public func interim(_ stream: Ref<HTTP2Stream>, with block: FieldBlock) {
        guard isOpen(stream), !stream[].hasAnswered else { return }
        _ = block.withFields { fields, count in
            nghttp2_submit_headers(
                raw, UInt8(NGHTTP2_FLAG_NONE.rawValue), stream[].id, nil, fields, count, nil)
        }
    }

    /// Sends a request with the fields of `block`; nil if this connection takes no more, see `roomForStreams`.
    public func request(
        with block: FieldBlock, kind: HTTP2Stream.Kind = .plain, isHead: Bool = false, hasBody: Bool,
        owner: UInt64 = 0
    ) -> Ref<HTTP2Stream>? {
        guard roomForStreams > 0 else { return nil }
        let stream = insert(0)
        stream[].owner = owner
        stream[].kind = kind
        stream[].isHead = isHead
        stream[].hasAnswered = true
        stream[].endsOutput = !hasBody
        let data = UnsafeMutableRawPointer(bitPattern: UInt(stream.bits))
        let id = withProvider(hasBody ? stream : nil) { provider in
            block.withFields { nghttp2_submit_request(raw, nil, $0, $1, provider, data) }
        }
        guard id > 0 else {
            openStreams &-= 1
            dispose(stream)
            return nil
        }
        stream[].id = id
        return stream
    }

    /// How many more requests this connection takes now.
    public var roomForStreams: Int {
        guard !context.isServer, failure == nil, !isClosed, drain == .none,
            nghttp2_session_check_request_allowed(raw) != 0
        else { return 0 }
        let allowed = nghttp2_session_get_remote_settings(raw, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS)
        return max(0, Int(min(allowed, context.limits.streams)) - openStreams)
    }

    /// Whether the peer opens tunnels (RFC 8441).
    public var peerAllowsExtendedConnect: Bool {
        nghttp2_session_get_remote_settings(raw, NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL) == 1
    }

    /// Streams are served in turn, frame by frame, rather than one after the other.
    private func takeTurns(_ stream: Ref<HTTP2Stream>) {
        var priority = nghttp2_extpri(urgency: UInt32(NGHTTP2_EXTPRI_DEFAULT_URGENCY), inc: 1)
        nghttp2_session_change_extpri_stream_priority(raw, stream[].id, &priority, 1)
    }

    // MARK: Bodies

    /// How many bytes `offer` would take now.
    public func room(_ stream: Ref<HTTP2Stream>) -> Int {
        guard isOpen(stream), !stream[].endsOutput else { return 0 }
        let limits = context.limits
        let most = waiting < limits.sendBuffers ? limits.sendBuffer : limits.leastSendBuffer
        return max(0, most - stream[].output.count)
    }

    /// Whether `offer` would take nothing now; news say when there is room again.
    public func isFull(_ stream: Ref<HTTP2Stream>) -> Bool {
        guard room(stream) == 0 else { return false }
        stream[].wantsRoom = true
        return true
    }

    /// Offers content; how much of it was taken. If that is not all, news say when there is room again.
    public func offer(_ stream: Ref<HTTP2Stream>, _ bytes: ByteView) -> Int {
        let count = min(room(stream), bytes.count)
        if count < bytes.count { stream[].wantsRoom = true }
        guard count > 0 else { return 0 }
        context.makeRoom(for: count, in: &stream[].output)
        stream[].output.append(bytes[0..<count])
        waiting &+= count
        resume(stream)
        return count
    }

    /// Ends our message behind what was offered, with trailers if there are any (lines with CRLF, as HTTP/1 has them).
    public func finish(_ stream: Ref<HTTP2Stream>, trailers: ByteView = .empty) {
        guard isOpen(stream), !stream[].endsOutput else { return }
        if !trailers.isEmpty {
            guard context.grow(&stream[].lastLines, for: trailers.count) else {
                return reset(stream, .internalError)
            }
            stream[].lastLines.append(trailers)
        }
        stream[].endsOutput = true
        resume(stream)
    }

    /// Gives a stream up.
    public func reset(_ stream: Ref<HTTP2Stream>, _ code: HTTP2ErrorCode) {
        guard isOpen(stream) else { return }
        stream[].wasResetByUs = true
        dropInput(stream)
        dropOutput(stream)
        nghttp2_submit_rst_stream(raw, UInt8(NGHTTP2_FLAG_NONE.rawValue), stream[].id, code.rawValue)
    }

    func dropOutput(_ stream: Ref<HTTP2Stream>) {
        waiting &-= stream[].output.count
        context.takeBack(output: &stream[].output)
    }

    private func isOpen(_ stream: Ref<HTTP2Stream>) -> Bool {
        stream[].ending == nil && !stream[].wasResetByUs && failure == nil && !isClosed
    }

    private func resume(_ stream: Ref<HTTP2Stream>) {
        guard stream[].isDeferred else { return }
        stream[].isDeferred = false
        nghttp2_session_resume_data(raw, stream[].id)
    }

    /// libnghttp2 has no memory for it.
    private func lost(_ stream: Ref<HTTP2Stream>) -> Bool {
        reset(stream, .internalError)
        return false
    }

    // MARK: Bytes

    /// Puts what is to be sent behind `output`'s end, as far as it fits; call again when it has been written.
    public func send(into output: inout Buffer) {
        guard !isClosed else { return }
        withUnsafeMutablePointer(to: &output) { pointer in
            target = pointer
            pull()
            target = nil
        }
        // What the library ended the connection for by itself; only now that it is not in the middle of something.
        if let fatal, failure == nil {
            hasSentFailure = true
            fail(fatal)
        }
    }

    /// Whether `send` has more to give.
    public var hasMoreToSend: Bool {
        guard !isClosed else { return false }
        if pendingCount > 0 { return true }
        return failure == nil ? nghttp2_session_want_write(raw) != 0 : !hasSentFailure
    }

    private func pull() {
        while let target, failure == nil {
            guard movePending(), target.pointee.room >= Self.leastRoom else { return }
            var bytes: UnsafePointer<UInt8>?
            let count = nghttp2_session_mem_send(raw, &bytes)
            guard count >= 0 else { return fail(.library) }
            guard count > 0, let bytes else { break }
            pending = bytes
            pendingCount = count
        }
        if failure != nil, movePending() { sendFailure() }
    }

    /// A frame header and something behind it.
    private static var leastRoom: Int { 64 }

    /// Whether all of the last frame has been moved.
    private func movePending() -> Bool {
        guard pendingCount > 0, let bytes = pending, let target else { return true }
        let count = min(pendingCount, target.pointee.room)
        target.pointee.append(ByteView(start: bytes, count: count))
        pending = bytes + count
        pendingCount &-= count
        return pendingCount == 0
    }

    /// GOAWAY with the fault's code, past everything that waits.
    private func sendFailure() {
        guard let failure, !hasSentFailure, let target, target.pointee.room >= 17 else { return }
        hasSentFailure = true
        let last = UInt32(bitPattern: nghttp2_session_get_last_proc_stream_id(raw))
        for byte: UInt8 in [0, 0, 8, UInt8(NGHTTP2_GOAWAY.rawValue), 0, 0, 0, 0, 0] {
            target.pointee.append(byte)
        }
        for word in [last, failure.code.rawValue] {
            for shift: UInt32 in [24, 16, 8, 0] {
                target.pointee.append(UInt8(truncatingIfNeeded: word >> shift))
            }
        }
    }

    // MARK: What libnghttp2 asks

    /// Where the library gets a body from; nothing if there is none.
    private func withProvider<Result>(
        _ stream: Ref<HTTP2Stream>?, _ body: (UnsafePointer<nghttp2_data_provider>?) -> Result
    ) -> Result {
        guard let stream else { return body(nil) }
        var provider = nghttp2_data_provider()
        provider.source.ptr = UnsafeMutableRawPointer(bitPattern: UInt(stream.bits))
        provider.read_callback = Self.readBody
        return withUnsafePointer(to: &provider, body)
    }

    /// How much of the body goes into the next frame of at most `most` bytes, and whether it is the last one.
    func bodyFrame(_ stream: Ref<HTTP2Stream>, most: Int, flags: inout UInt32) -> Int {
        let waiting = stream[].output.count
        guard waiting > 0 || stream[].endsOutput else {
            stream[].isDeferred = true
            return Int(NGHTTP2_ERR_DEFERRED.rawValue)
        }
        let room = (target?.pointee.room ?? 0) - 9
        // A frame that would be short for want of room only waits for the next buffer.
        guard room >= min(waiting, most, 1024) else { return Int(NGHTTP2_ERR_PAUSE.rawValue) }
        let count = min(waiting, most, room)
        if count > 0 { flags |= UInt32(NGHTTP2_DATA_FLAG_NO_COPY.rawValue) }
        guard count == waiting, stream[].endsOutput else { return count }
        flags |= UInt32(NGHTTP2_DATA_FLAG_EOF.rawValue)
        if !stream[].lastLines.isEmpty { endWithTrailers(stream, &flags) }
        return count
    }

    private func endWithTrailers(_ stream: Ref<HTTP2Stream>, _ flags: inout UInt32) {
        let block = context.block
        block.begin()
        guard block.add(lines: stream[].lastLines.view), block.count > 0 else { return }
        let result = block.withFields { nghttp2_submit_trailer(raw, stream[].id, $0, $1) }
        if result == 0 { flags |= UInt32(NGHTTP2_DATA_FLAG_NO_END_STREAM.rawValue) }
    }

    /// Moves a frame of the body, of which libnghttp2 has written the header.
    func moveBody(_ stream: Ref<HTTP2Stream>, header: ByteView, count: Int) {
        guard let target, stream[].output.count >= count else { return }
        target.pointee.append(header)
        target.pointee.append(stream[].output.view[0..<count])
        stream[].output.consume(count)
        waiting &-= count
        stream[].sentCount &+= UInt64(count)
        meter.sentData(count, context.limits)
        context.shrink(&stream[].output)
        guard stream[].wantsRoom, stream[].output.count <= context.limits.sendBuffer / 2 else { return }
        stream[].wantsRoom = false
        if !stream[].isReleased { tell(stream, .writable) }
    }

    /// A frame of ours is on its way.
    func frameSent(_ frame: UnsafePointer<nghttp2_frame>) {
        let header = frame.pointee.hd
        switch UInt32(header.type) {
        case NGHTTP2_HEADERS.rawValue, NGHTTP2_DATA.rawValue:
            guard header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0, context.isServer,
                let stream = stream(header.stream_id), !stream[].isEnded, !stream[].isTunnel
            else { return }
            // RFC 9113 8.1: an answer is complete, the rest of the request is not wanted. A tunnel may be half-closed.
            nghttp2_submit_rst_stream(
                raw, UInt8(NGHTTP2_FLAG_NONE.rawValue), header.stream_id, HTTP2ErrorCode.noError.rawValue)
        case NGHTTP2_GOAWAY.rawValue:
            let code = HTTP2ErrorCode(rawValue: frame.pointee.goaway.error_code)
            if code != .noError { fatal = HTTP2Fault(sent: code) }
        default: break
        }
    }
}
