public import Basics

/// Writes the PROXY header a server is sent first, as HAProxy's `send-proxy`, `send-proxy-v2[-ssl[-cn]]` and
/// `proxy-v2-options` do, byte for byte.
public struct ProxyHeaderWriter: Sendable, Equatable {
    /// 1 or 2 of the protocol.
    public var version: Version
    /// What version 2 tells besides addresses and ALPN.
    public var options: Options

    /// A version of the protocol.
    public enum Version: UInt8, Sendable {
        /// A line of text: addresses only.
        case text = 1
        /// Binary, with fields.
        case binary = 2
    }

    /// What version 2 tells besides addresses and ALPN; everything about TLS implies `tls`.
    public struct Options: OptionSet, Sendable {
        /// One bit each.
        public let rawValue: UInt8
        /// Options from their bits.
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// Whether the client spoke TLS, its version, whether it has a certificate.
        public static let tls = Options(rawValue: 1)
        /// The common name of the client's certificate.
        public static let commonName = Options(rawValue: 2 | 1)
        /// The cipher.
        public static let cipher = Options(rawValue: 4 | 1)
        /// How our certificate is signed.
        public static let signature = Options(rawValue: 8 | 1)
        /// Our certificate's key.
        public static let key = Options(rawValue: 16 | 1)
        /// The host name the client asked for.
        public static let authority = Options(rawValue: 32)
        /// A checksum over the header.
        public static let checksum = Options(rawValue: 64)
        /// The connection's or request's unique ID.
        public static let uniqueID = Options(rawValue: 128)
    }

    /// A writer of a version; the options are version 2's.
    public init(_ version: Version, options: Options = []) {
        self.version = version
        self.options = options
    }

    /// Appends the header; false, and nothing appended, if it does not fit or a value is too long for its field.
    public func append(_ facts: ProxyFacts, to buffer: inout Buffer) -> Bool {
        let before = buffer.count
        let isWritten = version == .text ? appendLine(facts, &buffer) : appendBinary(facts, &buffer)
        if !isWritten { buffer.truncate(to: before) }
        return isWritten
    }

    private func appendLine(_ facts: ProxyFacts, _ buffer: inout Buffer) -> Bool {
        guard let addresses = facts.addresses, addresses.areOnNetworks else {
            return buffer.append("PROXY UNKNOWN\r\n")
        }
        let (source, destination) = (addresses.source, addresses.destination)
        let isV6 = source.isV6 || destination.isV6
        return buffer.write { line in
            line.append(isV6 ? "PROXY TCP6 " : "PROXY TCP4 ")
            ProxyHeaderWriter.write(source, asV6: isV6, to: &line)
            line.append(" ")
            ProxyHeaderWriter.write(destination, asV6: isV6, to: &line)
            line.append(" ")
            line.append(decimal: Int64(source.port))
            line.append(" ")
            line.append(decimal: Int64(destination.port))
            line.append("\r\n")
        }
    }

    /// An IPv4 address beside an IPv6 one is written mapped, in the library's form of it.
    private static func write(_ address: SocketAddress, asV6: Bool, to line: inout ByteWriter) {
        if asV6, !address.isV6 { line.append("::ffff:") }
        address.write(to: &line)
    }

    private func appendBinary(_ facts: ProxyFacts, _ buffer: inout Buffer) -> Bool {
        let start = buffer.count
        let isBegun = buffer.write { header in
            header.append(ProxyHeader.signature)
            ProxyHeaderWriter.write(facts.addresses, to: &header)
        }
        guard isBegun else { return false }
        var checksum: Int?
        guard buffer.append(facts.ownFields) else { return false }
        if options.contains(.checksum) {
            checksum = buffer.count + 3 - start
            guard append(.checksum, ("\0\0\0\0" as StaticString).view, &buffer) else { return false }
        }
        guard appendFields(facts, &buffer), let count = UInt16(exactly: buffer.count - start - 16) else {
            return false
        }
        ProxyHeaderWriter.put(count.bigEndian, at: start + 14, in: &buffer)
        if let checksum {
            let header = buffer.view[start..<buffer.count]
            let value = ProxyHeader.checksum(of: header, at: checksum)
            ProxyHeaderWriter.put(value.bigEndian, at: start + checksum, in: &buffer)
        }
        return true
    }

    /// Command, family, a place for the length, addresses.
    private static func write(_ addresses: ProxyAddresses?, to header: inout ByteWriter) {
        guard let addresses else { return header.append("\u{20}\0\0\0") }
        guard addresses.areOnNetworks else { return header.append("\u{21}\0\0\0") }
        let isV6 = addresses.source.isV6 || addresses.destination.isV6
        header.append(isV6 ? "\u{21}\u{21}\0\0" : "\u{21}\u{11}\0\0")
        addresses.source.write(networkOrderTo: &header, asV6: isV6)
        addresses.destination.write(networkOrderTo: &header, asV6: isV6)
        header.append(bigEndian: addresses.source.port)
        header.append(bigEndian: addresses.destination.port)
    }

    private func appendFields(_ facts: ProxyFacts, _ buffer: inout Buffer) -> Bool {
        if let alpn = facts.alpn, !append(.alpn, alpn, &buffer) { return false }
        if options.contains(.authority), let authority = facts.authority,
            authority.count > ProxyFieldType.authorityLimit || !append(.authority, authority, &buffer)
        {
            return false
        }
        if options.contains(.uniqueID), let id = facts.uniqueID,
            id.count > ProxyFieldType.uniqueIDLimit || !append(.uniqueID, id, &buffer)
        {
            return false
        }
        return !options.contains(.tls) || appendTLS(facts.tls, &buffer)
    }

    private func appendTLS(_ facts: ProxyFacts.TLS?, _ buffer: inout Buffer) -> Bool {
        let start = buffer.count
        var flags: UInt8 = 0
        if let facts {
            flags |= ProxyTLS.usedFlag
            if facts.hasCertificate { flags |= ProxyTLS.sessionFlag }
            if facts.hasCertificate, facts.sentCertificate { flags |= ProxyTLS.connectionFlag }
        }
        let verify = facts.map { $0.hasCertificate ? $0.verifyResult : 0 } ?? 0
        guard append(.tls, ("\0\0\0\0\0" as StaticString).view, &buffer) else { return false }
        ProxyHeaderWriter.put(flags, at: start + 3, in: &buffer)
        ProxyHeaderWriter.put(verify.bigEndian, at: start + 4, in: &buffer)
        if let facts, !appendTLSFields(facts, &buffer) { return false }
        guard let count = UInt16(exactly: buffer.count - start - 3) else { return false }
        ProxyHeaderWriter.put(count.bigEndian, at: start + 1, in: &buffer)
        return true
    }

    private func appendTLSFields(_ facts: ProxyFacts.TLS, _ buffer: inout Buffer) -> Bool {
        guard append(.tlsVersion, facts.version, &buffer) else { return false }
        if options.contains(.commonName), !facts.commonName.isEmpty,
            !append(.commonName, facts.commonName, &buffer)
        {
            return false
        }
        if options.contains(.key), !facts.key.isEmpty, !append(.key, facts.key, &buffer) { return false }
        if options.contains(.signature), !facts.signature.isEmpty,
            !append(.signature, facts.signature, &buffer)
        {
            return false
        }
        return !options.contains(.cipher) || facts.cipher.isEmpty || append(.cipher, facts.cipher, &buffer)
    }

    private func append(_ type: ProxyFieldType, _ value: ByteView, _ buffer: inout Buffer) -> Bool {
        ProxyFields.append(type.rawValue, value, to: &buffer)
    }

    /// Overwrites bytes that were written before.
    private static func put<Word: FixedWidthInteger>(_ word: Word, at index: Int, in buffer: inout Buffer) {
        buffer.withMutableBytes { start, count in
            precondition(index >= 0 && index + MemoryLayout<Word>.size <= count, "nothing was written there")
            UnsafeMutableRawPointer(start + index).storeBytes(of: word, as: Word.self)
        }
    }
}
