public import Basics

/// How a message's body is delimited (RFC 9112 6.3).
public enum BodyFraming: Equatable, Sendable {
    /// There is none.
    case none
    /// So many bytes.
    case length(Int64)
    /// Chunks up to the last one and its trailers.
    case chunked
    /// Everything until the connection closes; answers only.
    case untilClose
}

/// A part of a head, relative to the head's first byte.
public struct HeadRange: Equatable, Sendable {
    /// Where it begins.
    public var start: UInt16 = 0
    /// How long it is.
    public var count: UInt16 = 0

    /// A range of a head.
    public init(_ start: Int, count: Int) {
        self.start = UInt16(clamping: start)
        self.count = UInt16(clamping: count)
    }

    /// An empty range.
    public init() {}

    /// The range as indices.
    public var indices: Range<Int> { Int(start)..<Int(start) + Int(count) }
    /// Whether it is empty.
    public var isEmpty: Bool { count == 0 }
}

/// The head of an HTTP/1 request: what its bytes mean, as offsets into them.
///
/// `parse` is called with all bytes received so far until it answers `complete` or `refused`. A complete head is
/// unambiguous: exactly one framing, one host, no byte that another reader could take differently (RFC 9112).
/// What is forwarded is written from this value, never copied from the line as it came.
public struct RequestHead: ~Copyable {
    /// The header fields.
    public var fields = HeaderTable()
    /// The method.
    public internal(set) var method = HeadRange()
    /// The request target as it came.
    public internal(set) var target = HeadRange()
    /// What is forwarded as the target's path and query; empty for `OPTIONS *` and for `http://host` alone.
    public internal(set) var path = HeadRange()
    /// The host and port, from an absolute target or else from the Host field; may be empty in HTTP/1.0.
    public internal(set) var host = HeadRange()
    /// How the body is delimited.
    public internal(set) var framing = BodyFraming.none
    /// 0 for HTTP/1.0, 1 for HTTP/1.1 and later minors.
    public internal(set) var minorVersion: UInt8 = 1
    /// Whether the client is willing to send another request on this connection.
    public internal(set) var keepsAlive = true
    /// Whether `Connection: upgrade` and an `Upgrade` field are there.
    public internal(set) var wantsUpgrade = false
    /// Whether `Expect: 100-continue` is there.
    public internal(set) var expectsContinue = false
    /// Whether the method is HEAD, so that the answer has no body.
    public internal(set) var isHead = false
    /// Whether the target is `*`.
    public internal(set) var isAsterisk = false
    /// Whether the path holds `.` or `..` segments (plain or percent-encoded) that must be resolved.
    public internal(set) var hasDotSegments = false
    /// Whether the path may be another one than it looks: it holds `%`, `//` or dot segments.
    public internal(set) var isOdd = false
    /// Whether the path is no longer the target's.
    public internal(set) var hasNewPath = false
    /// How many bytes the head is long.
    public internal(set) var count = 0
    var position = 0

    /// A head of which nothing has arrived.
    public init() {}

    /// Begins anew; `fields` keeps its memory.
    public mutating func reset() {
        fields.removeAll()
        (method, target, path, host) = (HeadRange(), HeadRange(), HeadRange(), HeadRange())
        framing = .none
        minorVersion = 1
        (keepsAlive, wantsUpgrade, expectsContinue) = (true, false, false)
        (isHead, isAsterisk, hasDotSegments, isOdd, hasNewPath) = (false, false, false, false, false)
        (count, position) = (0, 0)
    }

    /// Notes what kind of path it has, once that is known.
    mutating func look(at path: ByteView) {
        let shape = DotSegments.shape(of: path)
        (hasDotSegments, isOdd) = (shape.mayHoldDots, shape.isOdd)
    }

    /// Whether the request line is still incomplete: an over-long head is a 414 then, else a 431.
    public var isInRequestLine: Bool { position == 0 }

    /// Where the line begins that a refusal is about; 0 is the request line.
    public var refusedPosition: Int { position }

    /// Whether repeating the request does no harm by its method (RFC 9110 9.2.2).
    public func isIdempotent(in head: ByteView) -> Bool {
        let method = head[method.indices]
        switch method.count {
        case 3: return method.equals("GET") || method.equals("PUT")
        case 4: return method.equals("HEAD")
        case 5: return method.equals("TRACE")
        case 6: return method.equals("DELETE")
        case 7: return method.equals("OPTIONS")
        default: return false
        }
    }

    /// Looks at the bytes received so far, which begin with the head's first byte.
    public mutating func parse(_ bytes: ByteView) -> HeadProgress {
        bytes.withPointer { base, count in
            if position == 0 {
                switch requestLine(base, count: count) {
                case .complete: break
                case let other: return other
                }
            }
            let progress = HeaderScanner.scan(
                base, count: count, position: &position, into: &fields, removing: .ofRequestsOnly)
            guard case .complete(let length) = progress else { return progress }
            self.count = length
            if let problem = RequestMeaning.settle(&self, ByteView(start: base, count: length)) {
                return .refused(problem)
            }
            return progress
        }
    }

    /// `method SP target SP HTTP/1.x CRLF`, each separator exactly one byte.
    private mutating func requestLine(_ base: UnsafePointer<UInt8>, count: Int) -> HeadProgress {
        var at = ByteClasses.endOfName(base, from: 0, count: count, before: 0x20)
        guard at < count else { return count > 32 ? .refused(.badMethod) : .incomplete }
        guard at > 0, at <= 32, base[at] == 0x20 else {
            let isBare = base[at] == UInt8(ascii: "\n") || base[at] == UInt8(ascii: "\r")
            return .refused(isBare ? .bareLineEnd : .badMethod)
        }
        let methodCount = at
        at &+= 1
        let targetStart = at
        at = ByteClasses.endOfTarget(base, from: at, count: count)
        guard at < count else { return .incomplete }
        guard at > targetStart, base[at] == 0x20 else { return .refused(.badTarget) }
        let targetEnd = at
        at &+= 1
        guard count - at >= 10 else { return partialVersion(ByteView(start: base + at, count: count - at)) }
        let version = ByteView(start: base + at, count: 8)
        if let problem = versionProblem(version) { return .refused(problem) }
        guard base[at + 8] == UInt8(ascii: "\r"), base[at + 9] == UInt8(ascii: "\n") else {
            return .refused(base[at + 8] == UInt8(ascii: "\n") ? .bareLineEnd : .badVersion)
        }
        guard targetEnd < 60_000 else { return .refused(.targetTooLong) }
        method = HeadRange(0, count: methodCount)
        target = HeadRange(targetStart, count: targetEnd - targetStart)
        minorVersion = version[7] == UInt8(ascii: "0") ? 0 : 1
        position = at + 10
        return .complete(count: position)
    }

    /// What is wrong with eight bytes that should be `HTTP/1.x`.
    private func versionProblem(_ version: ByteView) -> HeadError? {
        // All but the last byte in one comparison.
        let expected = ("HTTP/1.0" as StaticString).view.word(at: 0).littleEndian << 8
        guard version.word(at: 0).littleEndian << 8 != expected || !isDigit(version[7]) else { return nil }
        guard version[0..<5].equals("HTTP/"), isDigit(version[5]), version[6] == UInt8(ascii: "."),
            isDigit(version[7])
        else { return .badVersion }
        return version[5] == UInt8(ascii: "0") ? .badVersion : .unsupportedVersion
    }

    /// Refuses early what can not become `HTTP/1.x`, so that a client of another protocol hears of it at once.
    private func partialVersion(_ rest: ByteView) -> HeadProgress {
        let expected: StaticString = "HTTP/"
        let known = min(rest.count, 5)
        return rest[0..<known].equals(expected.view[0..<known]) ? .incomplete : .refused(.badVersion)
    }
}

func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }
