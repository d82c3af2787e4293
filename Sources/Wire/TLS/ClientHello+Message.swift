import Basics

/// The message itself (RFC 8446 4.1.2), put together from its records.
extension ClientHello {
    mutating func read(_ message: ByteView) -> ClientHelloProgress {
        guard message[0] == 1 else { return .notTLS }
        var reader = ByteReader(message, from: 4)
        guard let version = reader.number(2), version >> 8 == 3, reader.bytes(32) != nil,
            let session = reader.list(lengthBytes: 1), session.count <= 32,
            let ciphers = reader.list(lengthBytes: 2), ciphers.count >= 2, ciphers.count % 2 == 0,
            let compressions = reader.list(lengthBytes: 1), compressions.count >= 1
        else { return .malformed }
        legacyVersion = UInt16(version)
        self.ciphers = ciphers
        // SSL 3.0 and some TLS 1.0 clients know no extensions.
        if reader.isAtEnd { return .complete }
        guard let extensions = reader.list(lengthBytes: 2), reader.isAtEnd,
            readExtensions(ByteReader(message, from: extensions.lowerBound, to: extensions.upperBound))
        else { return .malformed }
        return .complete
    }

    private mutating func readExtensions(_ reader: ByteReader) -> Bool {
        var reader = reader
        while !reader.isAtEnd {
            guard let type = reader.number(2), let range = reader.list(lengthBytes: 2) else { return false }
            let body = ByteReader(reader.all, from: range.lowerBound, to: range.upperBound)
            switch type {
            case 0: guard serverName == nil, readServerName(body) else { return false }
            case 16: guard protocolList == nil, readProtocols(body) else { return false }
            case 43: guard versionList == nil, readVersions(body) else { return false }
            default: note(type, body, range)
            }
        }
        return true
    }

    /// What is only told, and decides nothing: where it makes no sense it is not there.
    private mutating func note(_ type: Int, _ body: ByteReader, _ range: Range<Int>) {
        var body = body
        switch type {
        case 10: (namesGroups, groups) = (true, groups ?? body.list(lengthBytes: 2))
        case 13: signatures = signatures ?? body.list(lengthBytes: 2)
        case 35: hasTicket = !range.isEmpty
        case 51: keyShares = keyShares ?? body.list(lengthBytes: 2)
        default: break
        }
    }

    /// RFC 6066 3: a list that holds one name, of type host. What is no host name of printable letters is refused:
    /// two readers could end it at different places.
    private mutating func readServerName(_ reader: ByteReader) -> Bool {
        var reader = reader
        guard let list = reader.list(lengthBytes: 2), reader.isAtEnd else { return false }
        var names = ByteReader(reader.all, from: list.lowerBound, to: list.upperBound)
        guard names.number(1) == 0, let name = names.list(lengthBytes: 2), names.isAtEnd, !name.isEmpty,
            name.count <= 255, name.allSatisfy({ reader.all[$0] > 0x20 && reader.all[$0] < 0x7F })
        else { return false }
        serverName = name
        return true
    }

    /// RFC 7301 3.1: names of at least one byte.
    private mutating func readProtocols(_ reader: ByteReader) -> Bool {
        var reader = reader
        guard let list = reader.list(lengthBytes: 2), reader.isAtEnd, list.count >= 2 else { return false }
        var names = ByteReader(reader.all, from: list.lowerBound, to: list.upperBound)
        while !names.isAtEnd {
            guard let name = names.list(lengthBytes: 1), !name.isEmpty else { return false }
        }
        protocolList = list
        return true
    }

    /// RFC 8446 4.2.1.
    private mutating func readVersions(_ reader: ByteReader) -> Bool {
        var reader = reader
        guard let list = reader.list(lengthBytes: 1), reader.isAtEnd, list.count >= 2, list.count % 2 == 0
        else { return false }
        versionList = list
        return true
    }
}
