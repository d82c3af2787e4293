import Basics

/// Why a message was refused. Each case is counted apart and says what the peer did.
public enum HeadError: String, Error, Sendable, CaseIterable {
    case badMethod
    case badTarget
    case badVersion
    case unsupportedVersion
    case badStatusLine
    case badHeaderName
    case badHeaderValue
    case bareLineEnd
    case obsoleteFold
    case tooManyHeaders
    case headTooLong
    case targetTooLong
    case missingHost
    case severalHosts
    case badHost
    case severalContentLengths
    case badContentLength
    case contentLengthAndTransferEncoding
    case unknownTransferEncoding
    case transferEncodingInHTTP10
    case unsupportedMethod
    case badChunk
    case bodyTooLarge

    /// The status a client is answered with.
    public var status: UInt16 {
        switch self {
        case .headTooLong, .tooManyHeaders: 431
        case .targetTooLong: 414
        case .unsupportedVersion: 505
        case .unsupportedMethod: 501
        case .bodyTooLarge: 413
        default: 400
        }
    }
}

/// What looking at more bytes of a head came to.
public enum HeadProgress: Equatable {
    /// The head ends with a line that has not arrived yet.
    case incomplete
    /// The head is whole; it is `count` bytes long.
    case complete(count: Int)
    /// It can not become a valid head.
    case refused(HeadError)
}

/// The strict scanner for header lines (RFC 9112 5), shared by requests, responses and trailers.
///
/// Works on whole lines and continues at a line's start when more bytes arrive; a line that comes byte by byte is
/// scanned again each time, which its length limit bounds. Buffers must have 32 readable bytes behind the end.
struct HeaderScanner {
    /// Scans lines from `position` until the empty line. Moves `position` to the first line not yet scanned. Fields
    /// among `removed` are marked as not to be passed on.
    @inline(__always)
    static func scan(
        _ base: UnsafePointer<UInt8>, count: Int, position: inout Int, into table: inout HeaderTable,
        removing removed: HeaderNames
    ) -> HeadProgress {
        while true {
            guard position < count else { return .incomplete }
            let first = base[position]
            if first == UInt8(ascii: "\r") {
                guard position + 1 < count else { return .incomplete }
                guard base[position + 1] == UInt8(ascii: "\n") else { return .refused(.bareLineEnd) }
                position += 2
                return .complete(count: position)
            }
            if let problem = line(base, count: count, position: &position, into: &table, removing: removed) {
                return problem
            }
        }
    }

    /// Scans one line; nil when it was taken.
    @inline(__always)
    private static func line(
        _ base: UnsafePointer<UInt8>, count: Int, position: inout Int, into table: inout HeaderTable,
        removing removed: HeaderNames
    ) -> HeadProgress? {
        let start = position
        var at = ByteClasses.endOfName(base, from: start, count: count, before: UInt8(ascii: ":"))
        let nameCount = at &- start
        guard at < count else { return count &- start > 255 ? .refused(.headTooLong) : .incomplete }
        guard nameCount <= 255 else { return .refused(.headTooLong) }
        guard base[at] == UInt8(ascii: ":"), nameCount > 0 else {
            return .refused(nameProblem(base[start], base[at], isEmpty: nameCount == 0))
        }
        at &+= 1
        // Nearly every line is `name: value`, and a copy of it what we would write.
        var isCanonical = base[at] == 0x20 && base[at &+ 1] > 0x20
        if isCanonical { at &+= 1 } else { while at < count, isBlank(base[at]) { at &+= 1 } }
        let valueStart = at
        let lineBreak = ByteClasses.endOfValue(base, from: at, count: count)
        // The byte after CRLF decides about folding, so it must be there: a head never ends with a header line.
        guard lineBreak &+ 2 < count, base[lineBreak] == UInt8(ascii: "\r"),
            base[lineBreak &+ 1] == UInt8(ascii: "\n"), !isBlank(base[lineBreak &+ 2])
        else { return lineEndProblem(base, lineBreak, count: count) }
        guard lineBreak < 65_000 else { return .refused(.headTooLong) }
        var end = lineBreak
        if base[end &- 1] <= 0x20 {
            while end > valueStart, isBlank(base[end &- 1]) { end &-= 1 }
            isCanonical = false
        }
        let name = HeaderName(ByteView(start: base + start, count: nameCount))
        let field = HeaderField(
            nameStart: UInt16(truncatingIfNeeded: start), valueStart: UInt16(truncatingIfNeeded: valueStart),
            valueCount: UInt16(truncatingIfNeeded: end &- valueStart),
            nameCount: UInt8(truncatingIfNeeded: nameCount), name: name, isCanonical: isCanonical,
            isRemoved: removed.contains(name))
        guard table.append(field) else { return .refused(.tooManyHeaders) }
        position = lineBreak &+ 2
        return nil
    }

    /// What is wrong with the byte where a value ended, or that the rest has not come yet.
    private static func lineEndProblem(_ base: UnsafePointer<UInt8>, _ at: Int, count: Int) -> HeadProgress {
        guard at < count else { return .incomplete }
        guard base[at] == UInt8(ascii: "\r") else {
            return .refused(base[at] == UInt8(ascii: "\n") ? .bareLineEnd : .badHeaderValue)
        }
        guard at + 1 < count else { return .incomplete }
        guard base[at + 1] == UInt8(ascii: "\n") else { return .refused(.bareLineEnd) }
        return at + 2 < count ? .refused(.obsoleteFold) : .incomplete
    }

    private static func nameProblem(_ first: UInt8, _ found: UInt8, isEmpty: Bool) -> HeadError {
        if isEmpty, first == UInt8(ascii: "\n") { return .bareLineEnd }
        if isEmpty, isBlank(first) { return .obsoleteFold }
        return .badHeaderName
    }
}
