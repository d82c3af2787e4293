import Basics
import Wire

/// A value of the field `Forwarded` (RFC 7239) as HAProxy trusts it: `for`, `by`, `host` and `proto`, each once, and nothing else.
struct ForwardedElement {
    private(set) var node: ForwardedNode?
    private(set) var by: ForwardedNode?
    private(set) var host: ByteView?
    private(set) var scheme: ByteView?

    /// Nil if it is none.
    init?(_ bytes: ByteView) {
        var rest = bytes
        var isFirst = true
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty, node == nil || by == nil || host == nil || scheme == nil {
            if !isFirst {
                guard rest[0] == UInt8(ascii: ";") else { return nil }
                rest = rest[1..<rest.count]
            }
            isFirst = false
            guard let count = read(rest) else { return nil }
            rest = rest[count..<rest.count]
        }
    }

    /// Reads a pair; how long it is, nil if it is none.
    private mutating func read(_ bytes: ByteView) -> Int? {
        func value(_ name: StaticString) -> (rest: ByteView, start: Int, isQuoted: Bool)? {
            let front = name.utf8CodeUnitCount + 1
            guard bytes.count > front, bytes.hasPrefix(name.view), bytes[front - 1] == UInt8(ascii: "=")
            else {
                return nil
            }
            let isQuoted = bytes[front] == UInt8(ascii: "\"")
            let start = front + (isQuoted ? 1 : 0)
            return (bytes[start..<bytes.count], start, isQuoted)
        }
        func end(_ start: Int, _ count: Int, _ isQuoted: Bool) -> Int? {
            let end = start + count
            guard isQuoted else { return end }
            return end < bytes.count && bytes[end] == UInt8(ascii: "\"") ? end + 1 : nil
        }
        if node == nil, let found = value("for") {
            node = ForwardedNode(found.rest, isQuoted: found.isQuoted)
            return node.flatMap { end(found.start, $0.text.count, found.isQuoted) }
        }
        if by == nil, let found = value("by") {
            by = ForwardedNode(found.rest, isQuoted: found.isQuoted)
            return by.flatMap { end(found.start, $0.text.count, found.isQuoted) }
        }
        if host == nil, let found = value("host") {
            host = ForwardedElement.host(found.rest, isQuoted: found.isQuoted)
            return host.flatMap { end(found.start, $0.count, found.isQuoted) }
        }
        guard scheme == nil, let found = value("proto"), !found.isQuoted else { return nil }
        let isSecure = found.rest.hasPrefix(("https" as StaticString).view)
        guard isSecure || found.rest.hasPrefix(("http" as StaticString).view) else { return nil }
        scheme = found.rest[0..<(isSecure ? 5 : 4)]
        return found.start + (isSecure ? 5 : 4)
    }

    /// A name or an address, and a port between quotation marks; HAProxy knows letters, digits and points.
    static func host(_ bytes: ByteView, isQuoted: Bool) -> ByteView? {
        guard !bytes.isEmpty else { return nil }
        var end = 0
        if isQuoted, bytes[0] == UInt8(ascii: "[") {
            guard let close = bytes.firstIndex(of: UInt8(ascii: "]")),
                let address = SocketAddress(bytes[1..<close]),
                address.isV6
            else { return nil }
            end = close + 1
        } else {
            while end < bytes.count,
                ForwardedNode.isLetterOrDigit(bytes[end]) || bytes[end] == UInt8(ascii: ".")
            {
                end += 1
            }
        }
        guard end < bytes.count, bytes[end] == UInt8(ascii: ":") else { return bytes[0..<end] }
        guard isQuoted, let port = ForwardedNode.number(bytes[end + 1..<bytes.count]) else { return nil }
        return bytes[0..<end + 1 + port.end]
    }
}
