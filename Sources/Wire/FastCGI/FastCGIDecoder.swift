public import Basics

/// Why what a FastCGI server says can not be understood.
public enum FastCGIFault: String, Error, Sendable, CaseIterable {
    /// It speaks another version.
    case badVersion
    /// A record of a kind that no server sends.
    case badKind
    /// A record of a request that was not asked.
    case badRequest
    /// The record that ends a request is of another length.
    case badEnd
}

/// How a server has ended a request.
public enum FastCGIEnding: UInt8, Sendable {
    /// As requests are ended.
    case complete = 0
    /// It takes no second request on a connection.
    case isBusy = 1
    /// It has no room for it.
    case isOverloaded = 2
    /// It is no responder.
    case isNoResponder = 3
}

/// What a look at more bytes of a server came to.
public enum FastCGIProgress: Equatable, Sendable {
    /// More must arrive.
    case more
    /// The request has ended.
    case ended(FastCGIEnding)
    /// It is no FastCGI, or not as it was agreed on.
    case refused(FastCGIFault)
}

/// Takes the records off an answer, in place and in any pieces.
///
/// ```
///   before   [STDOUT 5]hello[padding][STDERR 4]oops[STDOUT 6] world[END]x
///   after    hello world                       content = 11, errors: oops, rest = 1
/// ```
/// Bytes behind the end belong to nothing and are only counted.
public struct FastCGIDecoder: Sendable {
    /// The head's bytes so far, the newest lowest.
    private var head: UInt64 = 0
    private var headCount = 0
    private var kind = FastCGIRecord.Kind.output
    private var contentLeft = 0
    private var paddingLeft = 0
    /// What the end says, the newest byte lowest.
    private var ending: UInt64 = 0
    private var hasEnded = false

    /// Starts at a record's first byte.
    public init() {}

    /// How many bytes of the answer stand at the buffer's start after a `decode`, and how many there are of what follows the end.
    public struct Pieces: Sendable {
        /// Bytes of the answer.
        public var content = 0
        /// Bytes behind the end.
        public var rest = 0

        /// None yet.
        public init() {}
    }

    /// Decodes all of `bytes` (`count` of them) in place. What the server says beside the answer goes to `errors`, which is lent
    /// memory from `pool` with its first byte; what has no room there is dropped.
    public mutating func decode(
        _ bytes: UnsafeMutablePointer<UInt8>, count: Int, pieces: inout Pieces, errors: inout Buffer,
        pool: BufferPool
    ) -> FastCGIProgress {
        pieces = Pieces()
        var at = 0
        while at < count, !hasEnded {
            if contentLeft > 0 {
                let taken = min(count - at, contentLeft)
                take(bytes, at: at, count: taken, &pieces, &errors, pool)
                at += taken
                contentLeft -= taken
            } else if paddingLeft > 0 {
                let taken = min(count - at, paddingLeft)
                at += taken
                paddingLeft -= taken
            } else {
                head = head << 8 | UInt64(bytes[at])
                at += 1
                headCount += 1
                if headCount == FastCGIRecord.headCount, let fault = beginRecord() { return .refused(fault) }
            }
            // The padding of the end is a part of it.
            hasEnded = kind == .end && headCount == 0 && contentLeft == 0 && paddingLeft == 0
        }
        pieces.rest = count - at
        guard hasEnded else { return .more }
        return .ended(FastCGIEnding(rawValue: UInt8(truncatingIfNeeded: ending >> 24)) ?? .isNoResponder)
    }

    /// A head is whole.
    private mutating func beginRecord() -> FastCGIFault? {
        func byte(_ place: UInt64) -> UInt8 { UInt8(truncatingIfNeeded: head >> (56 - 8 * place)) }
        headCount = 0
        guard byte(0) == FastCGIRecord.version else { return .badVersion }
        guard let kind = FastCGIRecord.Kind(rawValue: byte(1)),
            kind == .output || kind == .errors || kind == .end
        else { return .badKind }
        guard byte(2) == 0, byte(3) == 1 else { return .badRequest }
        (self.kind, contentLeft, paddingLeft) = (kind, Int(byte(4)) << 8 | Int(byte(5)), Int(byte(6)))
        return kind == .end && contentLeft != 8 ? .badEnd : nil
    }

    private mutating func take(
        _ bytes: UnsafeMutablePointer<UInt8>, at start: Int, count: Int, _ pieces: inout Pieces,
        _ errors: inout Buffer, _ pool: BufferPool
    ) {
        switch kind {
        case .output:
            if pieces.content != start {
                (bytes + pieces.content).update(from: bytes + start, count: count)
            }
            pieces.content += count
        case .errors:
            if !errors.hasMemory { pool.lend(to: &errors) }
            errors.append(ByteView(start: bytes + start, count: min(count, errors.room)))
        default: for i in 0..<count { ending = ending << 8 | UInt64(bytes[start + i]) }
        }
    }
}
