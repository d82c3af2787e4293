import Basics

/// The end of a block of an answer, or of trailers.
extension HeadReader {
    /// Fills in the answer. Afterwards it is sound, or `fault` is set, or the stream has a `refusal`.
    mutating func endResponse(endsStream: Bool) {
        guard fault == nil, let stream else { return }
        // A status that was too large to be kept is refused as such.
        guard status > 0 else {
            fault = .pseudoField
            return
        }
        stream[].response.status = status
        stream[].response.minorVersion = 1
        appendReason(stream)
        let length = gather(stream)
        if status < 200 {
            if endsStream { fault = .bodyLength }
        } else {
            settleBody(stream, length, endsStream: endsStream)
        }
        stream[].response.count = stream[].head.count
    }

    /// HTTP/2 has no reason phrases, and some clients of HTTP/1 show them.
    private func appendReason(_ stream: Ref<HTTP2Stream>) {
        let reason = HTTPStatus.reason(status)
        guard !reason.view.equals("Unknown"), stream[].head.room >= reason.utf8CodeUnitCount else { return }
        stream[].response.reason = HeadRange(stream[].head.count, count: reason.utf8CodeUnitCount)
        stream[].head.append(reason)
    }

    /// The length that was announced, -1 if none was.
    private func gather(_ stream: Ref<HTTP2Stream>) -> Int64 {
        let head = stream[].head.view
        var length: Int64 = -1
        for i in 0..<stream[].response.fields.count {
            let field = stream[].response.fields[i]
            switch field.name {
            case .contentLength:
                stream[].response.fields[i].isRemoved = true
                let value = field.value(in: head)
                guard let given = value.decimal, length < 0 || length == given else {
                    stream.refuse(.badContentLength)
                    continue
                }
                length = given
            case .te: stream[].response.fields[i].isRemoved = true
            default: break
            }
        }
        return length
    }

    private mutating func settleBody(_ stream: Ref<HTTP2Stream>, _ length: Int64, endsStream: Bool) {
        let isTunnel = stream[].kind != .plain && status < 300
        stream[].hasNoBody = stream[].isHead || status == 204 || status == 304
        if length >= 0, !isTunnel {
            stream[].response.framing = .length(length)
            if !stream[].hasNoBody {
                stream[].expectedCount = length
                if endsStream, length > 0 { fault = .bodyLength }
            }
        } else {
            // Nothing is known of the body that a HEAD did not bring.
            stream[].response.framing = endsStream && !stream[].hasNoBody ? .length(0) : .chunked
        }
    }

    /// Trailers end the message (RFC 9113 8.1).
    mutating func endTrailers(endsStream: Bool) {
        if fault == nil, !endsStream { fault = .trailers }
    }
}
