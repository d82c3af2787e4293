public import Basics

/// The head of an HTTP/1 answer, as offsets into its bytes; see `RequestHead`.
public struct ResponseHead: ~Copyable {
    /// The header fields.
    public var fields = HeaderTable()
    /// 100-999.
    public internal(set) var status: UInt16 = 0
    /// The reason phrase, which may be empty.
    public internal(set) var reason = HeadRange()
    /// 0 for HTTP/1.0, 1 for HTTP/1.1.
    public internal(set) var minorVersion: UInt8 = 1
    /// How the body is delimited, before the request's method is considered.
    public internal(set) var framing = BodyFraming.none
    /// Whether the server is willing to take another request on this connection.
    public internal(set) var keepsAlive = true
    /// How many bytes the head is long.
    public internal(set) var count = 0
    var position = 0

    /// A head of which nothing has arrived.
    public init() {}

    /// Where the line begins that a refusal is about; 0 is the status line.
    public var refusedPosition: Int { position }

    /// Begins anew; `fields` keeps its memory.
    public mutating func reset() {
        fields.removeAll()
        (status, minorVersion, framing, keepsAlive) = (0, 1, .none, true)
        reason = HeadRange()
        (count, position) = (0, 0)
    }

    /// Whether it is an interim answer (1xx but 101), after which the final one follows.
    public var isInterim: Bool { status < 200 && status != 101 }

    /// Looks at the bytes received so far, which begin with the head's first byte.
    public mutating func parse(_ bytes: ByteView) -> HeadProgress {
        bytes.withPointer { base, count in
            if position == 0 {
                switch statusLine(base, count: count) {
                case .complete: break
                case let other: return other
                }
            }
            let progress = HeaderScanner.scan(
                base, count: count, position: &position, into: &fields, removing: .hopByHop)
            guard case .complete(let length) = progress else { return progress }
            self.count = length
            if let problem = settle(ByteView(start: base, count: length)) { return .refused(problem) }
            return progress
        }
    }

    /// `HTTP/1.x SP 3DIGIT [SP reason] CRLF` (RFC 9112 4).
    private mutating func statusLine(_ base: UnsafePointer<UInt8>, count: Int) -> HeadProgress {
        let bytes = ByteView(start: base, count: count)
        guard count >= 13 else { return partialStatusLine(bytes) }
        guard hasVersion(bytes), base[8] == 0x20, isDigit(base[9]), isDigit(base[10]), isDigit(base[11]),
            base[9] != UInt8(ascii: "0")
        else { return .refused(.badStatusLine) }
        let end = ByteClasses.endOfValue(base, from: 12, count: count)
        guard end < count else { return count > 8192 ? .refused(.badStatusLine) : .incomplete }
        guard base[end] == UInt8(ascii: "\r") else { return .refused(.badStatusLine) }
        guard end + 1 < count else { return .incomplete }
        guard base[end + 1] == UInt8(ascii: "\n"), base[12] == 0x20 || end == 12, end < 60_000 else {
            return .refused(.badStatusLine)
        }
        status = UInt16(base[9] & 15) &* 100 &+ UInt16(base[10] & 15) &* 10 &+ UInt16(base[11] & 15)
        if end > 13 { reason = HeadRange(13, count: end - 13) }
        minorVersion = base[7] == UInt8(ascii: "0") ? 0 : 1
        position = end + 2
        return .complete(count: position)
    }

    /// Whether the bytes begin with `HTTP/1.x`: all but the last byte in one comparison.
    private func hasVersion(_ bytes: ByteView) -> Bool {
        let expected = ("HTTP/1.0" as StaticString).view.word(at: 0).littleEndian << 8
        return bytes.word(at: 0).littleEndian << 8 == expected && isDigit(bytes[7])
    }

    /// Refuses early what can not become `HTTP/1.x`.
    private func partialStatusLine(_ bytes: ByteView) -> HeadProgress {
        let expected: StaticString = "HTTP/1."
        let known = min(bytes.count, 7)
        return bytes[0..<known].equals(expected.view[0..<known]) ? .incomplete : .refused(.badStatusLine)
    }

    /// RFC 9112 6.3 for answers. Of both framings Transfer-Encoding counts and the connection is not used again;
    /// equal repeated lengths are one.
    private mutating func settle(_ bytes: ByteView) -> HeadError? {
        var length: Int64 = -1
        var (codings, isChunked) = (0, false)
        var (saysClose, saysKeepAlive) = (false, false)
        for i in 0..<fields.count {
            let field = fields[i]
            // What is removed is what has a meaning for us.
            guard field.isRemoved else { continue }
            let value = field.value(in: bytes)
            switch field.name {
            case .contentLength:
                guard let given = value.decimal ?? ResponseHead.singleLength(value),
                    length < 0 || length == given
                else {
                    return .badContentLength
                }
                length = given
            case .transferEncoding:
                codings += 1
                isChunked = value.equalsIgnoringCase("chunked")
            case .connection:
                if value.equalsIgnoringCase("keep-alive") {
                    saysKeepAlive = true
                    break
                }
                var list = CommaList(value)
                while let option = list.next() {
                    if option.equalsIgnoringCase("close") {
                        saysClose = true
                    } else if option.equalsIgnoringCase("keep-alive") {
                        saysKeepAlive = true
                    } else if !option.equalsIgnoringCase("upgrade") {
                        fields.removeNamed(option, in: bytes)
                    }
                }
            default: break
            }
        }
        keepsAlive = !saysClose && (minorVersion == 1 || saysKeepAlive)
        if codings > 0 {
            guard codings == 1, isChunked, minorVersion == 1 else { return .unknownTransferEncoding }
            if length >= 0 { keepsAlive = false }
            framing = .chunked
        } else {
            framing = length >= 0 ? .length(length) : .untilClose
        }
        return nil
    }

    private static func singleLength(_ value: ByteView) -> Int64? {
        var list = CommaList(value)
        guard let first = list.next(), let length = first.decimal else { return nil }
        while let other = list.next() {
            if other.decimal != length { return nil }
        }
        return length
    }

    /// Says another status, with a reason that is appended to `head`, the memory its places are in; false if that has no room. Its body
    /// stays as it is: who changes it says only such as have one.
    public mutating func setStatus(_ new: UInt16, _ text: ByteView, in head: inout Buffer) -> Bool {
        let start = head.count
        guard HeaderTable.fits(text.count, behind: start), head.append(text) else { return false }
        reason = HeadRange(start, count: text.count)
        status = new
        return true
    }

    /// How the body is delimited, given the request (RFC 9112 6.3, cases 1-2).
    public func bodyFraming(isHead: Bool) -> BodyFraming {
        if isHead || status == 204 || status == 304 || status < 200 { return .none }
        return framing
    }

    /// The length a Content-Length field announced, also where there is no body (HEAD, 304); nil if none did.
    public var announcedLength: Int64? {
        if case .length(let length) = framing { return length }
        return nil
    }
}
