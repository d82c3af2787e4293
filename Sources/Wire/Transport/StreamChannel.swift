public import Basics

/// One stream of an HTTP/2 connection, read and written as if it were a connection of its own.
///
/// ```
///   read   copies from the stream's input and opens its window again; `.closed` behind the last byte
///   write  is `offer`: what does not fit waits for news that the stream is writable
/// ```
/// Whatever is done to it marks its session, which sends once for all its streams. What came can still be read when the
/// connection is gone.
public struct StreamChannel {
    /// Retained until the channel is closed.
    let session: Unmanaged<HTTP2Session>
    /// The stream; released when the channel is closed.
    public let stream: Ref<HTTP2Stream>

    /// A channel of a stream that its session has told of.
    public init(_ session: Unmanaged<HTTP2Session>, _ stream: Ref<HTTP2Stream>) {
        self.session = session.retain()
        self.stream = stream
    }

    /// The word of its connection's owner; 0 once that is gone.
    public var owner: UInt64 { session._withUnsafeGuaranteedRef { $0.owner } }
    /// Whether a read would not block.
    public var hasMore: Bool { !stream[].input.isEmpty || stream[].isEnded }
    /// Whether everything has been read that will ever come.
    public var isAtEnd: Bool { stream[].input.isEmpty && stream[].isEnded }

    /// How many bytes a write would take now.
    public var room: Int { session._withUnsafeGuaranteedRef { $0.room(stream) } }

    /// Whether a write would take nothing now; there is news when that has changed.
    public func isFull() -> Bool { session._withUnsafeGuaranteedRef { $0.isFull(stream) } }

    /// Whether there was no room, and no news of any since.
    public var waitsForRoom: Bool { stream[].wantsRoom }

    /// Answers with the fields of `block`; without a body the stream ends with them.
    public func respond(with block: FieldBlock, hasBody: Bool) {
        session._withUnsafeGuaranteedRef {
            $0.respond(stream, with: block, hasBody: hasBody)
            $0.mark()
        }
    }

    /// Sends an interim answer (1xx).
    public func interim(with block: FieldBlock) {
        session._withUnsafeGuaranteedRef {
            $0.interim(stream, with: block)
            $0.mark()
        }
    }

    /// Ends our side behind what was written, with trailers if there are any.
    public func finish(trailers: ByteView = .empty) {
        session._withUnsafeGuaranteedRef {
            $0.finish(stream, trailers: trailers)
            $0.mark()
        }
    }

    /// Gives the stream up; it still has to be closed.
    public func reset(_ code: HTTP2ErrorCode) {
        session._withUnsafeGuaranteedRef {
            $0.reset(stream, code)
            $0.mark()
        }
    }

    /// Takes bytes that are not wanted any more from the front of the input.
    public func discard(_ count: Int) {
        session._withUnsafeGuaranteedRef {
            $0.passedOn(stream, min(count, stream[].input.count))
            $0.mark()
        }
    }

    func read(into buffer: inout Buffer, most: Int) -> IOResult {
        guard !stream[].input.isEmpty else { return stream[].isEnded ? .closed : .wouldBlock }
        let count = min(stream[].input.count, buffer.room, most)
        guard count > 0, buffer.append(stream[].input.view[0..<count]) else { return .wouldBlock }
        discard(count)
        return .bytes(count)
    }

    func write(_ bytes: ByteView) -> IOResult {
        let count = session._withUnsafeGuaranteedRef { session in
            session.mark()
            return session.offer(stream, bytes)
        }
        return count > 0 ? .bytes(count) : .wouldBlock
    }

    func close() {
        session._withUnsafeGuaranteedRef {
            $0.release(stream)
            $0.mark()
        }
        session.release()
    }
}
