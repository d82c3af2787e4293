import Basics

/// Turns the fields of one HEADERS block into the head that HTTP/1's parser would have made of the same message.
///
/// ```
///   head   GET /path example.org https accept: */*\r\ncookie: a=1; b=2\r\n
///          └─ :method … :scheme ─────┘ └ fields, each a canonical line ───┘
/// ```
/// So whatever works on offsets into a head (rules, `writeKept`, the log) does not know which protocol a request came
/// by. A connection has one block at a time, so it has one reader. Two ways to be wrong: a `fault` is malformed HTTP/2 and
/// ends the stream (RFC 9113 8.1.1), a `refusal` is what HTTP/1 refuses too and is answered.
struct HeadReader {
    /// What the block is.
    enum Kind {
        case none
        case request
        case response
        case trailers
    }

    private(set) var kind = Kind.none
    private(set) var stream: Ref<HTTP2Stream>?
    /// The size so far as RFC 9113 6.5.2 counts, of what was kept and of what was not.
    private(set) var size = 0
    var fault: HTTP2Fault?
    /// Pseudo-header fields that came.
    var seen = PseudoFields()
    var method = HeadRange()
    var path = HeadRange()
    var authority = HeadRange()
    var scheme = HeadRange()
    var tunnelProtocol = HeadRange()
    var status: UInt16 = 0
    private var hasOrdinary = false
    /// Where the first `cookie` stands in the table, and whether others stand apart from it.
    var cookieIndex = -1
    var hasScatteredCookies = false

    struct PseudoFields: OptionSet {
        let rawValue: UInt8
        static var method: Self { Self(rawValue: 1) }
        static var path: Self { Self(rawValue: 2) }
        static var authority: Self { Self(rawValue: 4) }
        static var scheme: Self { Self(rawValue: 8) }
        static var tunnelProtocol: Self { Self(rawValue: 16) }
        static var status: Self { Self(rawValue: 32) }
    }

    init() {}

    /// Begins a block; without a stream its fields are only counted.
    init(_ kind: Kind, _ stream: Ref<HTTP2Stream>?) {
        self.kind = kind
        self.stream = stream
    }

    /// Whether a TE field names `trailers`.
    static func acceptsTrailers(te value: ByteView) -> Bool {
        var list = CommaList(value)
        while let coding = list.next() {
            if coding.equalsIgnoringCase("trailers") { return true }
        }
        return false
    }

    /// Takes one field. Its bytes are libnghttp2's and good for the call.
    mutating func take(_ name: ByteView, _ value: ByteView, _ context: HTTP2Context) {
        size &+= name.count &+ value.count &+ 32
        guard fault == nil, let stream else { return }
        if !name.isEmpty, name[0] == UInt8(ascii: ":") {
            takePseudo(name, value, stream, context)
        } else if kind == .trailers {
            takeTrailer(name, value, stream, context)
        } else {
            hasOrdinary = true
            takeOrdinary(name, value, stream, context)
        }
    }

    // MARK: Pseudo-header fields

    private mutating func takePseudo(
        _ name: ByteView, _ value: ByteView, _ stream: Ref<HTTP2Stream>, _ context: HTTP2Context
    ) {
        let which = pseudoField(name)
        guard !hasOrdinary, !which.isEmpty, seen.isDisjoint(with: which), !value.isEmpty else {
            fault = .pseudoField
            return
        }
        seen.insert(which)
        guard size <= context.limits.headSize, context.grow(&stream[].head, for: value.count + 1) else {
            stream.refuse(which == .path ? .targetTooLong : .headTooLong)
            return
        }
        let start = stream[].head.count
        stream[].head.append(value)
        let kept = stream[].head.view[start..<start + value.count]
        guard FieldSyntax.isValue(kept) else {
            fault = .fieldValue
            return
        }
        stream[].head.append(UInt8(ascii: " "))
        keep(which, HeadRange(start, count: value.count), kept, stream)
    }

    /// Which one a name is; empty for those that have no business in this kind of block.
    private func pseudoField(_ name: ByteView) -> PseudoFields {
        if kind == .response { return name.equals(":status") ? .status : [] }
        guard kind == .request else { return [] }
        switch name.count {
        case 5: return name.equals(":path") ? .path : []
        case 7: return name.equals(":method") ? .method : name.equals(":scheme") ? .scheme : []
        case 9: return name.equals(":protocol") ? .tunnelProtocol : []
        case 10: return name.equals(":authority") ? .authority : []
        default: return []
        }
    }

    private mutating func keep(
        _ which: PseudoFields, _ range: HeadRange, _ value: ByteView, _ stream: Ref<HTTP2Stream>
    ) {
        switch which {
        case .method:
            method = range
            if value.count > 32 || !isTokens(value) { stream.refuse(.badMethod) }
        case .path:
            path = range
            // As in HTTP/1: no controls, space, DEL, `#` or bytes beyond ASCII.
            let isTarget = value.withPointer { start, count in
                for i in 0..<count where start[i] &- 0x21 >= 0x5E || start[i] == UInt8(ascii: "#") {
                    return false
                }
                return true
            }
            if !isTarget { stream.refuse(.badTarget) }
        case .authority: authority = range
        case .scheme: scheme = range
        case .tunnelProtocol:
            tunnelProtocol = range
            if !isTokens(value) { fault = .pseudoField }
        default:
            guard value.count == 3, let number = value.decimal, number >= 100, number != 101 else {
                fault = .pseudoField
                return
            }
            status = UInt16(number)
        }
    }

    private func isTokens(_ value: ByteView) -> Bool {
        value.withPointer { start, count in
            for i in 0..<count where !isToken(start[i]) { return false }
            return true
        }
    }

    // MARK: Fields

    private mutating func takeOrdinary(
        _ name: ByteView, _ value: ByteView, _ stream: Ref<HTTP2Stream>, _ context: HTTP2Context
    ) {
        // What is not kept is not looked at either: the message is refused anyway.
        guard size <= context.limits.headSize, name.count <= 255,
            context.grow(&stream[].head, for: name.count + value.count + 4)
        else { return stream.refuse(.headTooLong) }
        let isCookie = name.count == 6 && name.equals("cookie")
        if isCookie, joinCookie(value, stream) { return }
        let start = stream[].head.count
        stream[].head.append(name)
        stream[].head.append(": ")
        stream[].head.append(value)
        stream[].head.append("\r\n")
        let line = stream[].head.view
        let kept = line[start..<start + name.count]
        let known = HeaderName(kept)
        let valueStart = start + name.count + 2
        guard isSound(kept, known, line[valueStart..<valueStart + value.count]) else { return }
        let field = HeaderField(
            nameStart: UInt16(truncatingIfNeeded: start), valueStart: UInt16(truncatingIfNeeded: valueStart),
            valueCount: UInt16(truncatingIfNeeded: value.count),
            nameCount: UInt8(truncatingIfNeeded: name.count), name: known, isCanonical: true, isRemoved: false
        )
        let place = stream.fieldCount(of: kind)
        guard stream.append(field, to: kind) else { return stream.refuse(.tooManyHeaders) }
        guard isCookie else { return }
        if cookieIndex < 0 { cookieIndex = place } else { hasScatteredCookies = true }
    }

    /// Syntax, and the fields that a connection of HTTP/2 does not have (RFC 9113 8.2.2).
    private mutating func isSound(_ name: ByteView, _ known: HeaderName, _ value: ByteView) -> Bool {
        if !FieldSyntax.isName(name) {
            fault = .fieldName
        } else if !FieldSyntax.isValue(value) {
            fault = .fieldValue
        } else {
            switch known {
            case .connection, .keepAlive, .proxyConnection, .transferEncoding, .upgrade:
                fault = .connectionField
            case .te: if !value.equalsIgnoringCase("trailers") { fault = .connectionField }
            default: break
            }
        }
        return fault == nil
    }

    /// A crumb behind the crumbs before it (RFC 9113 8.2.3): the common case, without a copy.
    private mutating func joinCookie(_ value: ByteView, _ stream: Ref<HTTP2Stream>) -> Bool {
        guard kind == .request, cookieIndex >= 0, cookieIndex == stream[].request.fields.count - 1 else {
            return false
        }
        stream[].head.truncate(to: stream[].head.count - 2)
        stream[].head.append("; ")
        let start = stream[].head.count
        stream[].head.append(value)
        guard FieldSyntax.isValue(stream[].head.view[start..<start + value.count]) else {
            fault = .fieldValue
            return true
        }
        stream[].head.append("\r\n")
        stream[].request.fields[cookieIndex].valueCount &+= UInt16(truncatingIfNeeded: value.count + 2)
        return true
    }

    // MARK: Trailers

    private mutating func takeTrailer(
        _ name: ByteView, _ value: ByteView, _ stream: Ref<HTTP2Stream>, _ context: HTTP2Context
    ) {
        guard size <= context.limits.trailerSize,
            context.grow(&stream[].trailers, for: name.count + value.count + 4)
        else {
            fault = .trailers
            return
        }
        let start = stream[].trailers.count
        stream[].trailers.append(name)
        stream[].trailers.append(": ")
        stream[].trailers.append(value)
        stream[].trailers.append("\r\n")
        let all = stream[].trailers.view
        let kept = all[start..<start + name.count]
        let valueStart = start + name.count + 2
        guard isSound(kept, HeaderName(kept), all[valueStart..<valueStart + value.count]) else { return }
        if !TrailerLine.isForwarded(all[start..<all.count]) { stream[].trailers.truncate(to: start) }
    }
}

extension Ref<HTTP2Stream> {
    /// The first reason to refuse a message is the one that counts.
    func refuse(_ error: HeadError) {
        if self[].refusal == nil { self[].refusal = error }
    }

    fileprivate func fieldCount(of kind: HeadReader.Kind) -> Int {
        kind == .request ? self[].request.fields.count : self[].response.fields.count
    }

    fileprivate func append(_ field: HeaderField, to kind: HeadReader.Kind) -> Bool {
        kind == .request
            ? self[].request.fields.append(field) : self[].response.fields.append(field)
    }
}
