import Basics
import CNghttp2

/// What libnghttp2 calls. It gets the session as an unretained pointer: only the session calls the library, so a callback can
/// only run while it lives.
extension HTTP2Session {
    static func install(_ callbacks: OpaquePointer) {
        nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks) { _, frame, me in
            guard let frame, let me else { return 0 }
            let opens = frame.pointee.headers.cat == NGHTTP2_HCAT_REQUEST
            HTTP2Session.at(me) { $0.beginBlock(frame.pointee.hd.stream_id, opensStream: opens) }
            return 0
        }
        nghttp2_session_callbacks_set_on_header_callback(callbacks) {
            _, _, name, nameCount, value, valueCount, _, me in
            guard let name, let value, let me else { return 0 }
            let isTaken = HTTP2Session.at(me) {
                $0.takeField(ByteView(name, nameCount), ByteView(value, valueCount))
            }
            return isTaken ? 0 : NGHTTP2_ERR_CALLBACK_FAILURE.rawValue
        }
        nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) { _, frame, me in
            guard let frame, let me else { return 0 }
            HTTP2Session.at(me) { $0.frameReceived(frame) }
            return 0
        }
        nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(callbacks) { _, _, error, me in
            guard let me, error == NGHTTP2_ERR_REFUSED_STREAM.rawValue else { return 0 }
            return HTTP2Session.at(me) { $0.streamRefused() } ? 0 : NGHTTP2_ERR_CALLBACK_FAILURE.rawValue
        }
        nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) { _, _, id, bytes, count, me in
            guard let bytes, let me else { return 0 }
            HTTP2Session.at(me) { $0.takeData(id, ByteView(bytes, count)) }
            return 0
        }
        nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) { _, id, code, me in
            guard let me else { return 0 }
            HTTP2Session.at(me) { $0.streamClosed(id, HTTP2ErrorCode(rawValue: code)) }
            return 0
        }
        installForSending(callbacks)
    }

    private static func installForSending(_ callbacks: OpaquePointer) {
        nghttp2_session_callbacks_set_on_frame_send_callback(callbacks) { _, frame, me in
            guard let frame, let me else { return 0 }
            HTTP2Session.at(me) { $0.frameSent(frame) }
            return 0
        }
        nghttp2_session_callbacks_set_send_data_callback(callbacks) { _, _, header, count, source, me in
            guard let header, let stream = source?.pointee.ptr, let me else { return 0 }
            HTTP2Session.at(me) { $0.moveBody(Ref(stream), header: ByteView(header, 9), count: count) }
            return 0
        }
    }

    /// The data provider of every stream with a body.
    static var readBody: nghttp2_data_source_read_callback {
        { _, _, _, most, flags, source, me in
            guard let flags, let stream = source?.pointee.ptr, let me else { return 0 }
            return HTTP2Session.at(me) { $0.bodyFrame(Ref(stream), most: most, flags: &flags.pointee) }
        }
    }

    private static func at<Result>(
        _ pointer: UnsafeMutableRawPointer, _ body: (HTTP2Session) -> Result
    ) -> Result {
        Unmanaged<HTTP2Session>.fromOpaque(pointer)._withUnsafeGuaranteedRef(body)
    }
}

extension ByteView {
    fileprivate init(_ start: UnsafePointer<UInt8>, _ count: Int) { self.init(start: start, count: count) }
}

extension Ref<HTTP2Stream> {
    fileprivate init(_ pointer: UnsafeMutableRawPointer) {
        self.init(bits: UInt64(UInt(bitPattern: pointer)))
    }
}
