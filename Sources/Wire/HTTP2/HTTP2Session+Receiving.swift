public import Basics
import CNghttp2

/// What libnghttp2 reports of the peer's frames.
extension HTTP2Session {
    func stream(_ id: Int32) -> Ref<HTTP2Stream>? {
        guard let data = nghttp2_session_get_stream_user_data(raw, id) else { return nil }
        return Ref(bits: UInt64(UInt(bitPattern: data)))
    }

    // MARK: Heads

    /// A block of fields begins.
    func beginBlock(_ id: Int32, opensStream: Bool) {
        if context.isServer, opensStream {
            let stream = insert(id)
            // Until its head is whole nobody knows of it.
            stream[].isReleased = true
            context.tables.lend(to: &stream[].request.fields)
            nghttp2_session_set_stream_user_data(raw, id, UnsafeMutableRawPointer(bits: stream.bits))
            reader = HeadReader(.request, stream)
            return
        }
        guard let stream = stream(id), !stream[].isReleased, stream[].ending == nil else {
            reader = HeadReader(.trailers, nil)
            return
        }
        guard !context.isServer, !stream[].hasHead else {
            reader = HeadReader(.trailers, stream)
            return
        }
        stream[].head.reset()
        stream[].response.reset()
        stream[].refusal = nil
        context.tables.lend(to: &stream[].response.fields)
        reader = HeadReader(.response, stream)
    }

    /// One field; false to end the connection.
    func takeField(_ name: ByteView, _ value: ByteView) -> Bool {
        reader.take(name, value, context)
        let most = reader.kind == .trailers ? context.limits.trailerSize : context.limits.headSize
        guard reader.size > most &* context.limits.bombFactor else { return true }
        fatal = .headerBomb
        return false
    }

    /// The block has ended.
    func endBlock(endsStream: Bool) {
        let kind = reader.kind
        guard let stream = reader.stream else { return }
        switch kind {
        case .request: reader.endRequest(endsStream: endsStream, context)
        case .response: reader.endResponse(endsStream: endsStream)
        case .trailers: reader.endTrailers(endsStream: endsStream)
        case .none: return
        }
        let fault = reader.fault
        reader = HeadReader()
        if let fault { return reject(stream, fault) }
        if kind == .trailers { return endBody(stream) }
        stream[].isReleased = false
        if kind == .response, stream[].response.isInterim {
            mustBeRead = true
            return tell(stream, .interim)
        }
        stream[].hasHead = true
        stream[].isEnded = endsStream
        tell(stream, .head)
    }

    // MARK: Bodies

    /// Content of a body.
    func takeData(_ id: Int32, _ bytes: ByteView) {
        guard let stream = stream(id), !stream[].isReleased, !stream[].wasResetByUs, stream[].fault == nil
        else {
            nghttp2_session_consume_connection(raw, bytes.count)
            return
        }
        stream[].receivedCount &+= UInt64(bytes.count)
        let expected = stream[].expectedCount
        let isTooMuch =
            stream[].hasNoBody || !stream[].hasHead
            || expected >= 0 && stream[].receivedCount > UInt64(expected)
        if !isTooMuch {
            context.bodies.lend(to: &stream[].input)
            if stream[].input.room < bytes.count { stream[].input.compact() }
        }
        // It fits: the peer may send no more than the window, which is not larger than the buffer.
        guard !isTooMuch, stream[].input.append(bytes) else {
            nghttp2_session_consume_connection(raw, bytes.count)
            return reject(stream, .bodyLength)
        }
        tell(stream, .readable)
    }

    /// The peer has said all it had to say.
    func endBody(_ stream: Ref<HTTP2Stream>) {
        guard stream[].fault == nil, !stream[].isReleased else { return }
        let expected = stream[].expectedCount
        guard stream[].hasHead, expected < 0 || stream[].receivedCount == UInt64(expected) else {
            return reject(stream, .bodyLength)
        }
        stream[].isEnded = true
        tell(stream, .readable)
    }

    /// The owner has passed on so many bytes of `input`: the peer may send as many more.
    public func passedOn(_ stream: Ref<HTTP2Stream>, _ count: Int) {
        stream[].input.consume(count)
        if stream[].input.isEmpty { context.bodies.takeBack(&stream[].input) }
        guard failure == nil, !isClosed else { return }
        nghttp2_session_consume(raw, stream[].id, count)
    }

    /// What nobody will read must not stop the other streams.
    func dropInput(_ stream: Ref<HTTP2Stream>) {
        let count = stream[].input.count
        context.bodies.takeBack(&stream[].input)
        guard count > 0, failure == nil, !isClosed else { return }
        nghttp2_session_consume_connection(raw, count)
    }

    // MARK: Ends

    /// A stream was one too many; false to end the connection.
    func streamRefused() -> Bool {
        guard !refusals.take(context.limits.refusals, now: now) else { return true }
        fatal = .streamFlood
        return false
    }

    /// A malformed message (RFC 9113 8.1.1).
    func reject(_ stream: Ref<HTTP2Stream>, _ fault: HTTP2Fault) {
        guard stream[].fault == nil else { return }
        context.count(fault)
        stream[].fault = fault
        reset(stream, fault.code)
    }

    /// A stream is closed, for whatever reason.
    func streamClosed(_ id: Int32, _ code: HTTP2ErrorCode) {
        guard let stream = stream(id) else { return }
        close(stream, as: ending(of: stream, code))
    }

    private func ending(of stream: Ref<HTTP2Stream>, _ code: HTTP2ErrorCode) -> HTTP2Stream.Ending {
        if stream[].wasResetByPeer {
            if code == .refusedStream, !context.isServer { return .refused }
            // RFC 9113 8.1: an answer that is whole is one, although the rest of the request is not wanted.
            return code == .noError && stream[].isEnded ? .complete : .resetByPeer(code)
        }
        if stream[].wasResetByUs { return .resetByUs }
        if code == .noError { return .complete }
        // By a GOAWAY that does not count it, or because it was never sent.
        return code == .refusedStream && !context.isServer ? .refused : .resetByUs
    }

    /// A frame that concerns the connection, or is a stream's last one.
    func frameReceived(_ frame: UnsafePointer<nghttp2_frame>) {
        let header = frame.pointee.hd
        let endsStream = header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0
        let isAcknowledged = header.flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) != 0
        switch UInt32(header.type) {
        case NGHTTP2_HEADERS.rawValue: endBlock(endsStream: endsStream)
        case NGHTTP2_DATA.rawValue:
            if endsStream, let stream = stream(header.stream_id) { endBody(stream) }
        case NGHTTP2_RST_STREAM.rawValue: stream(header.stream_id)?[].wasResetByPeer = true
        case NGHTTP2_SETTINGS.rawValue: if !isAcknowledged { hasPeerSettings = true }
        case NGHTTP2_PING.rawValue: if isAcknowledged { pingAnswered(frame.pointee.ping.opaque_data.7) }
        case NGHTTP2_GOAWAY.rawValue:
            goaway = (
                frame.pointee.goaway.last_stream_id,
                HTTP2ErrorCode(rawValue: frame.pointee.goaway.error_code)
            )
        default: break
        }
    }
}

extension UnsafeMutableRawPointer {
    fileprivate init?(bits: UInt64) { self.init(bitPattern: UInt(bits)) }
}
