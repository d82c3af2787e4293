public import Basics

/// What a look at a body's bytes came to.
public enum BodyProgress: Equatable {
    /// More must arrive.
    case more
    /// The body ends here.
    case complete
    /// It is not what its framing promised.
    case refused(HeadError)
}

/// Takes the framing off a body (RFC 9112 6-7), in place and in any pieces.
///
/// `decode` is given a buffer of raw bytes. It moves the content to the buffer's start, takes framing and trailers out,
/// and leaves what follows the body in place behind `rest`:
///
/// ```
///   before   5\r\nhello\r\n0\r\n\r\nGET /next
///   after    hello GET /next          content = 5, rest = 9
/// ```
/// Chunk extensions are read and dropped; a size over 2^60 or of more than 16 digits, a bare LF or a stray byte is refused.
/// Trailer lines are checked by the same scanner as headers and handed on as validated bytes.
public struct BodyDecoder: Sendable {
    private enum State: UInt8 {
        case none
        case length
        case untilClose
        case sizeStart
        case size
        case blanks
        case extensionBytes
        case quoted
        case quotedEscape
        case sizeLineFeed
        case data
        case dataReturn
        case dataLineFeed
        case lineStart
        case line
        case finalLineFeed
        case done
    }

    private var state: State
    /// Digits of the chunk's size so far: zeros in front of it must not come for ever.
    private var digits: UInt8 = 0
    /// Bytes still to come: of the body, or of the chunk.
    private var remaining: UInt64 = 0
    /// Bytes of chunk extensions and of trailers not passed on so far; other trailers are bounded by their buffer.
    private var overhead = 0
    /// Where the current trailer line begins in the trailers' buffer.
    private var lineStart = 0

    /// Bytes of a body that lead nowhere; 4 KiB are more than any sender has reason for.
    private static let mostOverhead = 4096

    /// Starts at a body's first byte.
    public init(_ framing: BodyFraming) {
        switch framing {
        case .none: state = .none
        case .length(let length):
            state = length > 0 ? .length : .none
            remaining = UInt64(max(0, length))
        case .chunked: state = .sizeStart
        case .untilClose: state = .untilClose
        }
    }

    /// Whether the whole body has been seen.
    public var isComplete: Bool { state == .none || state == .done }
    /// Whether its end is the connection's end.
    public var endsWithConnection: Bool { state == .untilClose }
    /// The most bytes that can belong to the body from here on.
    public var mostBytes: Int { state == .length ? Int(clamping: remaining) : .max }

    /// Takes note of `count` bytes that passed by; fewer than `mostBytes` of a body whose length is known.
    public mutating func pass(_ count: Int) { remaining &-= UInt64(count) }

    /// How many content bytes stand at the buffer's start after a `decode`, and how many of what follows the body.
    public struct Pieces {
        /// Content bytes, at the buffer's start.
        public var content = 0
        /// Bytes behind the content that are not part of the body.
        public var rest = 0

        /// None yet.
        public init() {}
    }

    /// Decodes all of `bytes` (`count` of them) in place. Trailer lines are appended to `trailers`, which is lent
    /// memory from `pool` when the first one comes.
    public mutating func decode(
        _ bytes: UnsafeMutablePointer<UInt8>, count: Int, pieces: inout Pieces, trailers: inout Buffer,
        pool: BufferPool
    ) -> BodyProgress {
        pieces = Pieces()
        switch state {
        case .none, .done:
            pieces.rest = count
            return .complete
        case .untilClose:
            pieces.content = count
            return .more
        case .length:
            let taken = Int(min(UInt64(count), remaining))
            remaining &-= UInt64(taken)
            pieces.content = taken
            pieces.rest = count - taken
            if remaining == 0 { state = .done }
            return remaining == 0 ? .complete : .more
        default:
            return chunks(bytes, count: count, pieces: &pieces, trailers: &trailers, pool: pool)
        }
    }

    private mutating func chunks(
        _ bytes: UnsafeMutablePointer<UInt8>, count: Int, pieces: inout Pieces, trailers: inout Buffer,
        pool: BufferPool
    ) -> BodyProgress {
        var at = 0
        var written = 0
        while at < count, state != .done {
            if state == .data {
                let taken = Int(min(UInt64(count - at), remaining))
                if written != at { (bytes + written).update(from: bytes + at, count: taken) }
                written += taken
                at += taken
                remaining &-= UInt64(taken)
                if remaining == 0 { state = .dataReturn }
            } else {
                if state == .lineStart || state == .line {
                    pool.lend(to: &trailers)
                    if let problem = trailerByte(bytes[at], into: &trailers) { return .refused(problem) }
                } else if !step(bytes[at]) {
                    return .refused(.badChunk)
                }
                at += 1
            }
        }
        pieces.content = written
        pieces.rest = count - at
        if pieces.rest > 0, written != at { (bytes + written).update(from: bytes + at, count: pieces.rest) }
        return state == .done ? .complete : .more
    }

    /// One byte of framing; false if it may not stand there.
    private mutating func step(_ byte: UInt8) -> Bool {
        switch state {
        case .sizeStart:
            guard let digit = hexValue(byte) else { return false }
            remaining = digit
            digits = 1
            state = .size
        case .size:
            if let digit = hexValue(byte) {
                guard remaining < 1 << 56, digits < 16 else { return false }
                remaining = remaining << 4 | digit
                digits += 1
            } else if byte == UInt8(ascii: "\r") {
                state = .sizeLineFeed
            } else {
                return endOfSize(byte)
            }
        case .blanks: return endOfSize(byte)
        case .extensionBytes, .quoted, .quotedEscape: return extensionByte(byte)
        case .sizeLineFeed:
            guard byte == UInt8(ascii: "\n") else { return false }
            state = remaining == 0 ? .lineStart : .data
        case .dataReturn:
            guard byte == UInt8(ascii: "\r") else { return false }
            state = .dataLineFeed
        case .dataLineFeed:
            guard byte == UInt8(ascii: "\n") else { return false }
            state = .sizeStart
        case .finalLineFeed:
            guard byte == UInt8(ascii: "\n") else { return false }
            state = .done
        default: return false
        }
        return true
    }

    /// Behind the size stand blanks and then an extension, nothing else (RFC 9112 7.1.1).
    private mutating func endOfSize(_ byte: UInt8) -> Bool {
        overhead += 1
        if byte == UInt8(ascii: ";") {
            state = .extensionBytes
        } else if isBlank(byte) {
            state = .blanks
        } else {
            return false
        }
        return overhead <= Self.mostOverhead
    }

    /// RFC 9112 7.1.1.
    private mutating func extensionByte(_ byte: UInt8) -> Bool {
        overhead += 1
        guard overhead <= Self.mostOverhead else { return false }
        let isControl = byte < 0x20 && byte != 0x09 || byte == 0x7F
        switch state {
        case .quotedEscape:
            state = .quoted
            return !isControl
        case .quoted:
            if byte == UInt8(ascii: "\"") { state = .extensionBytes }
            if byte == UInt8(ascii: "\\") { state = .quotedEscape }
            return !isControl
        default:
            if byte == UInt8(ascii: "\r") {
                state = .sizeLineFeed
                return true
            }
            if byte == UInt8(ascii: "\"") { state = .quoted }
            return !isControl
        }
    }

    /// One byte of the trailer section: lines gather in `trailers`, and those not to be passed on are dropped.
    private mutating func trailerByte(_ byte: UInt8, into trailers: inout Buffer) -> HeadError? {
        if state == .lineStart {
            if byte == UInt8(ascii: "\r") {
                state = .finalLineFeed
                return nil
            }
            lineStart = trailers.count
            state = .line
        }
        guard trailers.append(byte) else { return .headTooLong }
        guard byte == UInt8(ascii: "\n") else { return nil }
        let line = trailers.view[lineStart..<trailers.count]
        guard line.count >= 2, line[line.count - 2] == UInt8(ascii: "\r") else { return .bareLineEnd }
        guard TrailerLine.isValid(line) else { return .badHeaderValue }
        if !TrailerLine.isForwarded(line) {
            overhead += line.count
            guard overhead <= Self.mostOverhead else { return .headTooLong }
            trailers.truncate(to: lineStart)
        }
        state = .lineStart
        return nil
    }
}

func hexValue(_ byte: UInt8) -> UInt64? {
    let digit = byte &- UInt8(ascii: "0")
    if digit < 10 { return UInt64(digit) }
    let letter = foldCase(byte) &- UInt8(ascii: "a")
    return letter < 6 ? UInt64(letter) + 10 : nil
}

/// One line of a trailer section (RFC 9110 6.5).
enum TrailerLine {
    /// Whether `line`, with its CRLF, is a header line.
    static func isValid(_ line: ByteView) -> Bool {
        var at = 0
        while at < line.count, isToken(line[at]) { at += 1 }
        guard at > 0, at < line.count, line[at] == UInt8(ascii: ":") else { return false }
        for i in at + 1..<line.count - 2 where line[i] < 0x20 && line[i] != 0x09 || line[i] == 0x7F {
            return false
        }
        return true
    }

    /// Whether it is passed on: fields of framing, routing and connection may not come late (RFC 9110 6.5.1).
    static func isForwarded(_ line: ByteView) -> Bool {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return false }
        let name = line[0..<colon]
        return HeaderName(name) == .other && !name.equalsIgnoringCase("authorization")
            && !name.equalsIgnoringCase("trailer") && !name.equalsIgnoringCase("cookie")
            && !name.equalsIgnoringCase("set-cookie") && !name.equalsIgnoringCase("content-encoding")
    }
}
