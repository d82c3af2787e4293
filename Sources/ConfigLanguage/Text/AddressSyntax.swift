/// What stands before the keywords of `server` and `bind`: addresses, read without asking anybody.
enum AddressSyntax {
    /// Takes a protocol prefix off: `ipv4@`, `ipv6@`, `tcp4@`, `tcp6@` and `tcp@` only say what the address shows anyway.
    static func withoutFamily(_ word: Word) throws(Refusal) -> Substring {
        guard let at = word.text.firstIndex(of: "@") else { return word.text[...] }
        let family = word.text[..<at]
        switch family {
        case "ipv4", "ipv6", "tcp", "tcp4", "tcp6", "ip":
            return word.text[word.text.index(after: at)...]
        case "fd", "sockpair", "rhttp", "stdout", "stderr", "udp", "udp4", "udp6",
            "quic4",
            "quic6", "mptcp", "mptcp4", "mptcp6", "uxst", "uxdg":
            throw .unsupported("\(family)@", instead: "an IPv4 or IPv6 address is")
        default: throw .invalid(word, expected: "an address and a port")
        }
    }

    /// A socket of this machine, as the model names it: `/PATH` is `unix@/PATH`. nil if it is something else. `prefix` stands before
    /// paths, `room` is for what is put behind one while the socket is made.
    static func local(_ word: Word, prefix: String = "", room: Int = 0) throws(Refusal) -> String? {
        let parts = word.text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        var (kind, name) = parts.count == 2 ? (parts[0], parts[1]) : ("", word.text[...])
        if word.text.hasPrefix("/") { (kind, name) = ("unix", word.text[...]) }
        guard ["unix", "abns", "abnsz"].contains(kind) else { return nil }
        let isPath = kind == "unix"
        let whole = (isPath ? prefix : "") + name
        let most = 107 - (isPath ? room : 0)
        guard !name.isEmpty, whole.utf8.count <= most, !whole.utf8.contains(0) else {
            throw .invalid(
                word, expected: isPath ? "a path of at most \(most) bytes" : "a name of at most \(most) bytes"
            )
        }
        return "\(kind)@\(whole)"
    }

    /// The number of a socket that was inherited, `fd@N`; nil if it is something else.
    static func descriptor(_ word: Word) throws(Refusal) -> Int32? {
        guard word.text.hasPrefix("fd@") else { return nil }
        guard let number = try? Units.number(String(word.text.dropFirst("fd@".count))), number > 2,
            let descriptor = Int32(exactly: number)
        else { throw .invalid(word, expected: "the number of an inherited socket, e.g. fd@3") }
        return descriptor
    }

    /// Cuts at the last colon: IPv6 addresses may stand without brackets.
    static func split(_ text: Substring) -> (host: Substring, port: Substring?) {
        guard !text.hasSuffix("]"), let colon = text.lastIndex(of: ":") else { return (bare(text), nil) }
        return (bare(text[..<colon]), text[text.index(after: colon)...])
    }

    private static func bare(_ host: Substring) -> Substring {
        host.hasPrefix("[") && host.hasSuffix("]") ? host.dropFirst().dropLast() : host
    }

    /// Whether a host is an IPv4 or IPv6 address rather than a name.
    static func isAddress(_ host: Substring) -> Bool { isIPv6(host) || isIPv4(host) }

    /// Whether a text is an address of one family, as the system reads it: no zeros in front of numbers.
    static func isAddress(_ text: String, isV6: Bool) -> Bool {
        if isV6 { return isIPv6(text[...]) }
        return isIPv4(text[...])
            && text.split(separator: ".").allSatisfy { $0 == "0" || !$0.hasPrefix("0") }
    }

    /// The bits of an IPv4 mask, written as a prefix's length or as an address.
    static func mask(_ text: String) -> UInt32? {
        if let prefix = try? Units.number(text) {
            return prefix > 32 ? nil : prefix == 0 ? 0 : UInt32.max << UInt32(32 - prefix)
        }
        guard isAddress(text, isV6: false) else { return nil }
        return text.split(separator: ".").reduce(UInt32(0)) { $0 << 8 | (UInt32($1) ?? 0) }
    }

    /// RFC 4291 2.2: eight groups of hexadecimal digits, one run of zero groups left out, the last two as IPv4.
    private static func isIPv6(_ host: Substring) -> Bool {
        guard host.contains(":") else { return false }
        let halves = host.split(separator: "::", omittingEmptySubsequences: false)
        guard halves.count <= 2 else { return false }
        let groups = halves.map {
            $0.isEmpty ? [] : $0.split(separator: ":", omittingEmptySubsequences: false)
        }
        var count = 0
        for (half, parts) in groups.enumerated() {
            for (i, part) in parts.enumerated() {
                let isLast = half == groups.count - 1 && i == parts.count - 1
                if isLast, isIPv4(part) {
                    count += 2
                } else {
                    guard (1...4).contains(part.utf8.count), part.allSatisfy({ $0.isASCII && $0.isHexDigit })
                    else {
                        return false
                    }
                    count += 1
                }
            }
        }
        return halves.count == 2 ? count < 8 : count == 8
    }

    private static func isIPv4(_ host: Substring) -> Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4
            && parts.allSatisfy { part in
                part.utf8.count <= 3 && part.utf8.allSatisfy { (0x30...0x39).contains($0) }
                    && (Int(part) ?? 256) <= 255
            }
    }

    /// Reads a port.
    static func port(_ text: Substring) -> UInt16? {
        guard let value = try? Units.number(text) else { return nil }
        return UInt16(exactly: value)
    }
}
