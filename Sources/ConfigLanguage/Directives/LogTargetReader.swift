import Model

/// Reads what stands behind `log`: an address, how lines are framed and cut, a sample, a facility and levels.
enum LogTargetReader {
    /// Reads the rest of the line.
    static func target(_ line: inout LineReader) throws(Refusal) -> LoggingDraft.Target {
        let word = try line.take("an address and a facility")
        let address = try address(word, line)
        var target = LogTarget(address ?? .descriptor(1))
        if line.takes("len") {
            target.maxLength = try line.number(in: 80...65_535, "a number of bytes from 80 to 65535")
        }
        if line.takes("format") { target.framing = try framing(&line) }
        let profile = line.takes("profile") ? try line.take("the name of a log-profile") : nil
        if line.takes("sample") {
            let text = try line.take("ranges and a size, such as 1,3-5:10")
            guard let sample = LogSample(text.text) else {
                throw .invalid(text, expected: "ranges that do not overlap and a size, such as 1,3-5:10")
            }
            target.sample = sample
        }
        let facility = try line.take("a facility: \(LogFacility.names.joined(separator: ", "))")
        guard let known = LogFacility(name: facility.text) else {
            throw .invalid(facility, expected: "one of \(LogFacility.names.joined(separator: ", "))")
        }
        target.facility = known
        if line.next != nil { target.leastLevel = try level(&line) }
        if line.next != nil { target.mostLevel = try level(&line) }
        let name = Word(Array(word.bytes.dropFirst("ring@".utf8.count)), column: word.column + 5)
        let own: LoggingDraft.Target = address == nil ? .ring(name, target, line.place) : .own(target)
        return profile.map { .profiled(own, by: $0, line.place) } ?? own
    }

    /// Reads the name of a framing.
    static func framing(_ line: inout LineReader) throws(Refusal) -> LogFraming {
        let expected = "one of \(LogFraming.allCases.map(\.rawValue).joined(separator: ", "))"
        let word = try line.take(expected)
        guard let framing = LogFraming(rawValue: word.text) else { throw .invalid(word, expected: expected) }
        return framing
    }

    private static func level(_ line: inout LineReader) throws(Refusal) -> LogLevel {
        let expected = "one of \(LogLevel.names.joined(separator: ", "))"
        let word = try line.take(expected)
        guard let level = LogLevel(name: word.text) else { throw .invalid(word, expected: expected) }
        return level
    }

    /// Where lines go; nil is a ring, which is looked up later.
    private static func address(_ word: Word, _ line: LineReader) throws(Refusal) -> LogAddress? {
        let text = word.text
        switch text {
        case "stdout", "fd@1": return .descriptor(1)
        case "stderr", "fd@2": return .descriptor(2)
        case _ where text.hasPrefix("ring@"): return nil
        case _ where text.hasPrefix("fd@"):
            throw .unsupported(text, instead: "'stdout' and 'stderr' are")
        case _ where text.hasPrefix("/"): return try path(text, word)
        case _ where text.hasPrefix("unix@"), _ where text.hasPrefix("uxdg@"):
            return try path(String(text.dropFirst(5)), word)
        case _ where text.hasPrefix("tcp@"), _ where text.hasPrefix("tcp4@"), _ where text.hasPrefix("tcp6@"):
            let (host, port) = try endpoint(word, line)
            var ring = LogRing(name: text)
            ring.size = 65_536
            (ring.framing, ring.maxLength) = (nil, 0)
            ring.servers = [LogRing.Server(host, port: port)]
            return .ring(ring)
        default:
            let (host, port) = try endpoint(word, line)
            return .udp(host, port: port)
        }
    }

    private static func path(_ path: String, _ word: Word) throws(Refusal) -> LogAddress {
        guard path.hasPrefix("/"), (2...107).contains(path.utf8.count) else {
            throw .invalid(word, expected: "a path of at most 107 bytes, from the root")
        }
        return .unixDatagram(path: path)
    }

    /// An address, with syslog's port if it has none; a name is asked for once.
    static func endpoint(_ word: Word, _ line: LineReader) throws(Refusal) -> (String, UInt16) {
        var text = word.text[...]
        if let at = text.firstIndex(of: "@") {
            let family = text[..<at]
            guard ["udp", "udp4", "udp6", "ipv4", "ipv6", "tcp", "tcp4", "tcp6"].contains(family) else {
                throw .unsupported(
                    "log \(family)@", instead: "an address, a path, stdout, stderr and a ring are")
            }
            text = text[text.index(after: at)...]
        }
        var (host, port) = AddressSyntax.split(text)
        // `::1` is an address without a port.
        if AddressSyntax.isAddress(text), text.contains("::") { (host, port) = (text, nil) }
        guard !host.isEmpty else { throw .invalid(word, expected: "an address") }
        var number: UInt16 = 514
        if let port {
            guard let value = AddressSyntax.port(port), value > 0 else {
                throw .invalid(word, expected: "a port from 1 to 65535")
            }
            number = value
        }
        if AddressSyntax.isAddress(host) { return (String(host), number) }
        guard let address = line.surroundings.resolve(String(host)) else {
            throw .conflict("'\(host)' at column \(word.column) has no address")
        }
        return (address, number)
    }
}
