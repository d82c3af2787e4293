public import Basics

/// The head of an answer as CGI has it (RFC 3875 6): fields without a status line, the status one of them.
///
/// Lines end with CRLF or with LF alone: scripts write both. `Status` is 200 where it is missing, or 302 with a `Location`, as in
/// nginx; neither it nor what concerns a connection is passed on.
extension ResponseHead {
    /// Looks at the bytes received so far, which begin with the head's first byte; goes on at a line's beginning.
    public mutating func parseCGI(_ bytes: ByteView) -> HeadProgress {
        bytes.withPointer { base, count in
            while position < count {
                if base[position] == UInt8(ascii: "\n") { return endCGI(bytes, count: position + 1) }
                if base[position] == UInt8(ascii: "\r") {
                    guard position + 1 < count else { return .incomplete }
                    guard base[position + 1] == UInt8(ascii: "\n") else { return .refused(.bareLineEnd) }
                    return endCGI(bytes, count: position + 2)
                }
                if let problem = lineOfCGI(base, count: count) { return problem }
            }
            return .incomplete
        }
    }

    /// One line; nil when it was taken.
    private mutating func lineOfCGI(_ base: UnsafePointer<UInt8>, count: Int) -> HeadProgress? {
        let start = position
        let colon = ByteClasses.endOfName(base, from: start, count: count, before: UInt8(ascii: ":"))
        guard colon < count else { return count - start > 255 ? .refused(.headTooLong) : .incomplete }
        guard colon - start <= 255 else { return .refused(.headTooLong) }
        guard base[colon] == UInt8(ascii: ":"), colon > start else {
            return .refused(isBlank(base[start]) ? .obsoleteFold : .badHeaderName)
        }
        var valueStart = colon + 1
        while valueStart < count, isBlank(base[valueStart]) { valueStart += 1 }
        let lineBreak = ByteClasses.endOfValue(base, from: valueStart, count: count)
        guard lineBreak < count else { return .incomplete }
        var next = lineBreak + 1
        if base[lineBreak] == UInt8(ascii: "\r") {
            guard next < count else { return .incomplete }
            guard base[next] == UInt8(ascii: "\n") else { return .refused(.bareLineEnd) }
            next += 1
        } else if base[lineBreak] != UInt8(ascii: "\n") {
            return .refused(.badHeaderValue)
        }
        guard lineBreak < 60_000 else { return .refused(.headTooLong) }
        var end = lineBreak
        while end > valueStart, isBlank(base[end - 1]) { end -= 1 }
        let name = HeaderName(ByteView(start: base + start, count: colon - start))
        let field = HeaderField(
            nameStart: UInt16(start), valueStart: UInt16(valueStart), valueCount: UInt16(end - valueStart),
            nameCount: UInt8(colon - start), name: name, isCanonical: false,
            isRemoved: HeaderNames.hopByHop.contains(name))
        guard fields.append(field) else { return .refused(.tooManyHeaders) }
        position = next
        return nil
    }

    /// The empty line has come.
    private mutating func endCGI(_ bytes: ByteView, count: Int) -> HeadProgress {
        self.count = count
        (minorVersion, keepsAlive) = (1, false)
        var length: Int64 = -1
        var isElsewhere = false
        for i in 0..<fields.count {
            let value = fields[i].value(in: bytes)
            if fields[i].name == .contentLength {
                guard let given = value.decimal, length < 0 || length == given else {
                    return .refused(.badContentLength)
                }
                length = given
            }
            let name = fields[i].name(in: bytes)
            if name.equalsIgnoringCase("location") { isElsewhere = true }
            guard name.equalsIgnoringCase("status") else { continue }
            fields[i].isRemoved = true
            // The first one counts.
            if status == 0, !takeStatus(value, at: Int(fields[i].valueStart)) {
                return .refused(.badStatusLine)
            }
        }
        if status == 0 { status = isElsewhere ? 302 : 200 }
        // Records say where the body ends: to a client it is as good as one in chunks.
        framing = length >= 0 ? .length(length) : .chunked
        return .complete(count: count)
    }

    /// `3DIGIT [SP reason]` of a final answer.
    private mutating func takeStatus(_ value: ByteView, at start: Int) -> Bool {
        guard value.count >= 3, value.count == 3 || isBlank(value[3]) else { return false }
        var number: UInt16 = 0
        for i in 0..<3 {
            guard value[i] >= UInt8(ascii: "0"), value[i] <= UInt8(ascii: "9") else { return false }
            number = number * 10 + UInt16(value[i] & 15)
        }
        guard number >= 200 else { return false }
        status = number
        var text = 3
        while text < value.count, isBlank(value[text]) { text += 1 }
        if text < value.count { reason = HeadRange(start + text, count: value.count - text) }
        return true
    }

    /// The server has ended the request as it should: it takes another one on this connection.
    public mutating func keepConnection() { keepsAlive = true }
}
