import Basics
import Glibc

/// Version 1: `PROXY TCP4|TCP6 SP source SP destination SP port SP port CRLF`, or `PROXY UNKNOWN …CRLF`.
extension ProxyHeader {
    mutating func parseLine(_ bytes: ByteView) -> ProxyHeaderProgress {
        let known = bytes[0..<min(bytes.count, ProxyHeader.lineLimit)]
        // Whichever comes first must be the CR of the CRLF: a lone one ends no line and stands in none.
        let newline = known.firstIndex(of: UInt8(ascii: "\n"))
        guard let end = known.firstIndex(of: UInt8(ascii: "\r")), end < newline ?? known.count else {
            if newline != nil { return .refused(.badLine) }
            return known.count == ProxyHeader.lineLimit ? .refused(.tooLong) : .incomplete
        }
        guard end + 1 < known.count else {
            return known.count == ProxyHeader.lineLimit ? .refused(.tooLong) : .incomplete
        }
        guard newline == end + 1 else { return .refused(.badLine) }
        let start = ProxyHeader.lineStart.utf8CodeUnitCount
        guard end >= start, readLine(known[start..<end]) else { return .refused(.badLine) }
        version = 1
        return .complete(count: end + 2)
    }

    /// What stands between `PROXY ` and the end of the line.
    private mutating func readLine(_ line: ByteView) -> Bool {
        let unknown: StaticString = "UNKNOWN"
        if line.hasPrefix(unknown.view) {
            // Addresses may follow and are ignored, as the specification wants; HAProxy refuses them.
            let count = unknown.utf8CodeUnitCount
            return line.count == count || line[count] == 0x20
        }
        var words = LineWords(rest: line)
        guard let family = words.next(), family.equals("TCP4") || family.equals("TCP6") else { return false }
        let isV6 = family[3] == UInt8(ascii: "6")
        guard let source = words.next(), let destination = words.next(),
            let sourcePort = words.next().flatMap(ProxyHeader.port),
            let destinationPort = words.next().flatMap(ProxyHeader.port), words.isAtEnd,
            let from = ProxyHeader.address(source, isV6: isV6, port: sourcePort),
            let to = ProxyHeader.address(destination, isV6: isV6, port: destinationPort)
        else { return false }
        command = .proxy
        addresses = ProxyAddresses(source: from, destination: to)
        return true
    }

    /// Decimal without leading zeros.
    private static func port(_ text: ByteView) -> UInt16? {
        guard text.count <= 5, let value = text.decimal, text[0] != UInt8(ascii: "0") || text.count == 1
        else {
            return nil
        }
        return UInt16(exactly: value)
    }

    /// By the library, which takes neither leading zeros in IPv4 nor scopes in IPv6; it wants a NUL behind the text.
    private static func address(_ text: ByteView, isV6: Bool, port: UInt16) -> SocketAddress? {
        guard text.count < Int(INET6_ADDRSTRLEN), text.firstIndex(of: 0) == nil else { return nil }
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: text.count + 1) { copy in
            for i in 0..<text.count { copy[i] = CChar(bitPattern: text[i]) }
            copy[text.count] = 0
            guard let start = copy.baseAddress else { return nil }
            if isV6 {
                var bytes = in6_addr()
                guard inet_pton(AF_INET6, start, &bytes) == 1 else { return nil }
                return SocketAddress(bytes, port: port)
            }
            var bytes = in_addr()
            guard inet_pton(AF_INET, start, &bytes) == 1 else { return nil }
            return SocketAddress(bytes, port: port)
        }
    }
}

/// Words with exactly one space between them.
private struct LineWords {
    var rest: ByteView
    /// Whether the last word that was taken ended the line.
    var isAtEnd = false

    init(rest: ByteView) { self.rest = rest }

    mutating func next() -> ByteView? {
        guard !isAtEnd else { return nil }
        let space = rest.firstIndex(of: 0x20)
        let word = rest[0..<(space ?? rest.count)]
        isAtEnd = space == nil
        if let space { rest = rest[space + 1..<rest.count] }
        return word.isEmpty ? nil : word
    }
}
