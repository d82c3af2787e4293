public import Basics

/// A request's fields as a FastCGI server gets them.
extension HeaderTable {
    /// Reads lines of ours, with an empty one behind them, as fields; false if they are too many or too long.
    public mutating func read(lines: ByteView) -> Bool {
        removeAll()
        var position = 0
        let progress = lines.withPointer { base, count in
            HeaderScanner.scan(base, count: count, position: &position, into: &self, removing: HeaderNames())
        }
        return progress == .complete(count: lines.count)
    }

    /// The value of a field; empty without one.
    public func value(of name: StaticString, in head: ByteView) -> ByteView {
        for i in 0..<count where self[i].name(in: head).equalsIgnoringCase(name) {
            return self[i].value(in: head)
        }
        return .empty
    }

    /// Writes all of them as pairs, `X-Some` as `HTTP_X_SOME`. Values of fields of one name become one, as in nginx since 1.23.
    ///
    /// A name with other characters than letters, digits and hyphens is left out, as nginx leaves it out unless told otherwise: an
    /// underscore would make another field of it. So is `Proxy`, which servers would take for HTTP_PROXY (httpoxy).
    public func writeParameters(from head: ByteView, to output: inout ByteWriter) {
        for i in 0..<count {
            let name = self[i].name(in: head)
            guard HeaderTable.isPlain(name), self[i].name != .proxy, isFirst(i, of: name, head) else {
                continue
            }
            output.append(lengthOf: 5 + name.count)
            output.append(lengthOf: joinedCount(from: i, name, head))
            output.append("HTTP_")
            for j in 0..<name.count { output.append(HeaderTable.folded(name[j])) }
            writeJoined(from: i, name, head, to: &output)
        }
    }

    private func isFirst(_ index: Int, of name: ByteView, _ head: ByteView) -> Bool {
        (0..<index).allSatisfy { !self[$0].name(in: head).equalsIgnoringCase(name) }
    }

    private func joinedCount(from first: Int, _ name: ByteView, _ head: ByteView) -> Int {
        var sum = Int(self[first].valueCount)
        for i in first + 1..<max(count, first + 1) where self[i].name(in: head).equalsIgnoringCase(name) {
            sum += 2 + Int(self[i].valueCount)
        }
        return sum
    }

    private func writeJoined(from first: Int, _ name: ByteView, _ head: ByteView, to output: inout ByteWriter)
    {
        output.append(self[first].value(in: head))
        for i in first + 1..<max(count, first + 1) where self[i].name(in: head).equalsIgnoringCase(name) {
            if self[first].name == .cookie { output.append("; ") } else { output.append(", ") }
            output.append(self[i].value(in: head))
        }
    }

    private static func isPlain(_ name: ByteView) -> Bool {
        (0..<name.count).allSatisfy { i in
            let byte = name[i]
            let isLetter = (byte | 0x20) &- UInt8(ascii: "a") < 26
            return isLetter || byte &- UInt8(ascii: "0") < 10 || byte == UInt8(ascii: "-")
        }
    }

    /// Upper case, and underscores for hyphens.
    private static func folded(_ byte: UInt8) -> UInt8 {
        if byte == UInt8(ascii: "-") { return UInt8(ascii: "_") }
        return byte &- UInt8(ascii: "a") < 26 ? byte & 0xDF : byte
    }
}
