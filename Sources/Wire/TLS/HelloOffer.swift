public import Basics

/// What a client's first message offers in a handshake that ends here, kept for those who tell clients apart by it: HAProxy's
/// `tune.ssl.capture-buffer-size`.
///
/// ```
///   room: cipher suites │ kinds of extensions │ groups │ point formats │ versions │ signatures
/// ```
/// They share the room in this order, as there: what does not fit is cut.
public final class HelloOffer: Sendable {
    /// The version it asks for as old clients do: 0x0303 of TLS 1.2 and later.
    public let version: UInt16
    /// XXH64 of all its cipher suites.
    public let hash: UInt64
    /// Numbers of two bytes.
    public let ciphers: [UInt8]
    /// In the client's order.
    public let extensions: [UInt8]
    /// Groups of the key exchange.
    public let groups: [UInt8]
    /// Numbers of one byte.
    public let pointFormats: [UInt8]
    /// Numbers of two bytes again.
    public let versions: [UInt8]
    /// Algorithms of signatures.
    public let signatures: [UInt8]

    /// Reads a handshake message, head included; nil if it is no ClientHello. Total: of what is cut or makes no sense the parts in
    /// front are kept.
    public init?(_ message: ByteView, room: Int) {
        guard message.count >= 4, message[0] == 1 else { return nil }
        var reader = ByteReader(message, from: 4)
        guard let version = reader.number(2), reader.bytes(32) != nil, reader.list(lengthBytes: 1) != nil,
            let suites = reader.list(lengthBytes: 2)
        else { return nil }
        var room = room
        func keep(_ range: Range<Int>?) -> [UInt8] {
            guard let range else { return [] }
            let count = min(range.count, max(0, room))
            room -= count
            return message[range.lowerBound..<range.lowerBound + count].bytes
        }
        self.version = UInt16(version)
        hash = XXHash64.hash(message[suites])
        ciphers = keep(suites)
        var lists = Lists()
        if reader.list(lengthBytes: 1) != nil, let all = reader.list(lengthBytes: 2) {
            lists.read(ByteReader(message, from: all.lowerBound, to: all.upperBound), room: room)
        }
        extensions = lists.kinds
        room -= lists.kinds.count
        (groups, pointFormats) = (keep(lists.groups), keep(lists.pointFormats))
        (versions, signatures) = (keep(lists.versions), keep(lists.signatures))
    }

    /// Where the lists of extensions stand.
    private struct Lists {
        var kinds: [UInt8] = []
        var groups: Range<Int>?
        var pointFormats: Range<Int>?
        var versions: Range<Int>?
        var signatures: Range<Int>?

        /// Goes over the extensions as long as there is room for their kinds.
        mutating func read(_ reader: ByteReader, room: Int) {
            var reader = reader
            while kinds.count + 2 <= room, let kind = reader.number(2), let body = reader.list(lengthBytes: 2)
            {
                kinds += [UInt8(kind >> 8), UInt8(kind & 0xFF)]
                var list = ByteReader(reader.all, from: body.lowerBound, to: body.upperBound)
                switch kind {
                case 10: groups = list.list(lengthBytes: 2)
                case 11: pointFormats = list.list(lengthBytes: 1)
                case 13: signatures = list.list(lengthBytes: 2)
                case 43: versions = list.list(lengthBytes: 1)
                default: break
                }
            }
        }
    }
}
