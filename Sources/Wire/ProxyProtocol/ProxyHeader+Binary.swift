import Basics

/// Version 2.
extension ProxyHeader {
    /// Signature, version and command, family and protocol, length.
    static var fixedCount: Int { 16 }

    /// Bytes from the thirteenth on are looked at as they come, so that what can not become a header ends early.
    mutating func parseBinary(_ bytes: ByteView) -> ProxyHeaderProgress {
        guard bytes.count > 12 else { return .incomplete }
        guard bytes[12] >> 4 == 2, let command = Command(rawValue: bytes[12] & 15) else {
            return .refused(.badCommand)
        }
        guard bytes.count > 13 else { return .incomplete }
        let family = bytes[13]
        // Of a sender's own connection the family is to be ignored, whatever it says.
        guard command == .local || family >> 4 <= 3 && family & 15 <= 2 else { return .refused(.badFamily) }
        guard bytes.count >= ProxyHeader.fixedCount else { return .incomplete }
        let count = ProxyHeader.fixedCount + Int(bytes.bigEndian16(at: 14))
        guard count <= ProxyHeader.binaryLimit else { return .refused(.tooLong) }
        guard bytes.count >= count else { return .incomplete }
        if let problem = readBinary(bytes[0..<count], command, family: family) { return .refused(problem) }
        (version, self.command) = (2, command)
        return .complete(count: count)
    }

    private mutating func readBinary(_ header: ByteView, _ command: Command, family: UInt8)
        -> ProxyHeaderError?
    {
        guard command == .proxy, let addressCount = ProxyHeader.addressCount(family) else {
            return readUnknown(header, mayHaveFields: family == 0)
        }
        let end = ProxyHeader.fixedCount + addressCount
        guard header.count >= end else { return .badLength }
        // Datagrams and local sockets are forwarded by others; their addresses are none of a TCP connection.
        if family == 0x11 || family == 0x21 {
            addresses = ProxyHeader.addresses(header[ProxyHeader.fixedCount..<end])
        }
        return readFields(header, from: end)
    }

    /// The bytes the addresses of a family and protocol take; nil if that is unspecified.
    private static func addressCount(_ family: UInt8) -> Int? {
        guard family & 15 != 0 else { return nil }
        return switch family >> 4 {
        case 1: 12
        case 2: 36
        case 3: 216
        default: nil
        }
    }

    private static func addresses(_ block: ByteView) -> ProxyAddresses? {
        let size = (block.count - 4) / 2
        let ports = (block.bigEndian16(at: 2 * size), block.bigEndian16(at: 2 * size + 2))
        guard let source = SocketAddress(networkOrder: block[0..<size], port: ports.0),
            let destination = SocketAddress(networkOrder: block[size..<2 * size], port: ports.1)
        else { return nil }
        return ProxyAddresses(source: source, destination: destination)
    }

    /// A header without addresses we know. Senders (HAProxy among them) put fields right behind it; but the
    /// specification allows anything there and has it skipped, so only a wrong checksum is held against it.
    private mutating func readUnknown(_ header: ByteView, mayHaveFields: Bool) -> ProxyHeaderError? {
        guard mayHaveFields else { return nil }
        let problem = readFields(header, from: ProxyHeader.fixedCount)
        guard problem == .badField else { return problem }
        fields = 0..<0
        tls = nil
        return nil
    }

    private mutating func readFields(_ header: ByteView, from start: Int) -> ProxyHeaderError? {
        fields = start..<header.count
        var list = ProxyFields(header[fields])
        var checksum: Int?
        while let field = list.next() {
            switch ProxyFieldType(rawValue: field.type) {
            case .checksum:
                guard checksum == nil, field.value.count == 4 else { return .badField }
                checksum = start + field.start
            case .tls:
                guard let tls = ProxyTLS(field.value, start: start + field.start) else { return .badField }
                if self.tls == nil { self.tls = tls }
            case .uniqueID where field.value.count > ProxyFieldType.uniqueIDLimit: return .badField
            case .authority where field.value.count > ProxyFieldType.authorityLimit: return .badField
            default: break
            }
        }
        if list.isBroken { return .badField }
        guard let checksum else { return nil }
        return ProxyHeader.checksum(of: header, at: checksum) == header.bigEndian32(at: checksum)
            ? nil : .badChecksum
    }

    /// Of the whole header, the four bytes at `place` counted as zeros.
    static func checksum(of header: ByteView, at place: Int) -> UInt32 {
        var crc = CRC32C()
        crc.take(header[0..<place])
        for _ in 0..<4 { crc.take(0) }
        crc.take(header[place + 4..<header.count])
        return crc.value
    }
}
