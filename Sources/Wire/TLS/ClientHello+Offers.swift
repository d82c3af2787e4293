public import Basics

/// What a client offers.
extension ClientHello {
    /// The newest version of TLS the client speaks, e.g. 0x0304 for 1.3.
    public func newestVersion(in message: ByteView) -> UInt16 {
        guard let versionList, versionList.upperBound <= message.count else { return legacyVersion }
        var newest: UInt16 = 0
        for at in stride(from: versionList.lowerBound, to: versionList.upperBound - 1, by: 2) {
            let version = message.bigEndian16(at: at)
            // Made-up values (RFC 8701) look like 0x?A?A.
            if version >> 8 == 3 { newest = max(newest, version) }
        }
        return newest == 0 ? legacyVersion : newest
    }

    /// The groups of the shares of keys, two bytes each, in the client's order: RFC 8446 4.2.8.
    public func keyShareGroups(in message: ByteView) -> [UInt8]? {
        guard let keyShares, keyShares.upperBound <= message.count else { return nil }
        var reader = ByteReader(message, from: keyShares.lowerBound, to: keyShares.upperBound)
        var groups: [UInt8] = []
        while let group = reader.bytes(2), reader.list(lengthBytes: 2) != nil {
            groups += message[group].bytes
        }
        return groups
    }

    /// The protocols the client offers, in its order of preference.
    public func protocols(in message: ByteView) -> ProtocolNames {
        guard let protocolList, protocolList.upperBound <= message.count else { return ProtocolNames(.empty) }
        return ProtocolNames(message[protocolList])
    }
}

/// The names of an ALPN list one after the other.
public struct ProtocolNames {
    private var rest: ByteView

    init(_ list: ByteView) { rest = list }

    /// The next name.
    public mutating func next() -> ByteView? {
        guard rest.count > 1, rest.count > Int(rest[0]) else { return nil }
        let end = 1 + Int(rest[0])
        defer { rest = rest[end..<rest.count] }
        return rest[1..<end]
    }

    /// Whether `name` is among those that are left.
    public consuming func contains(_ name: ByteView) -> Bool {
        while let other = next() {
            if other.equals(name) { return true }
        }
        return false
    }
}
