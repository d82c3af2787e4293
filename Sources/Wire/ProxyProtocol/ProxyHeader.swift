public import Basics

/// What a PROXY header (version 1 or 2) says of the connection it precedes.
///
/// ```
///   v1  PROXY TCP4 192.0.2.1 192.0.2.2 56324 443 CR LF                      107 bytes at most
///   v2  signature   version  family    length   addresses    fields (TLV)   4 KiB at most, of 64 that could be
///       12 bytes    command  protocol  2 bytes  0/12/36/216  type, length, value …
/// ```
/// The header is read when all of it is there. Only who is trusted may send one: whoever is believed chooses the
/// address that access rules see. Where the specification asks more of a sender than HAProxy checks, the
/// specification counts: a header that two readers could understand differently is refused.
public struct ProxyHeader: Sendable, Equatable {
    /// 1 or 2; 0 before a header was read.
    public internal(set) var version: UInt8 = 0
    /// Whose connection it is.
    public internal(set) var command = Command.local
    /// Client and the address it connected to; nil if the sender speaks for itself or of no TCP connection, and the
    /// connection's own addresses count. IPv4-mapped IPv6 addresses are IPv4 ones here.
    public internal(set) var addresses: ProxyAddresses?
    /// Where the fields stand in the header; empty in version 1.
    public internal(set) var fields: Range<Int> = 0..<0
    /// What the sender says of the client's TLS; nil if it says nothing.
    public internal(set) var tls: ProxyTLS?

    /// Whose connection a header announces.
    public enum Command: UInt8, Sendable {
        /// The sender's own, e.g. a health check.
        case local = 0
        /// Another's.
        case proxy = 1
    }

    /// The most bytes of a line of version 1, its end included.
    public static var lineLimit: Int { 107 }
    /// The most bytes of a header of version 2. HAProxy's is the size of its buffer, 16 KiB; a certificate in a field
    /// of its own, the longest there is, is below 2 KiB.
    public static var binaryLimit: Int { 4_096 }

    /// A header of which nothing has arrived.
    public init() {}

    /// Looks at the bytes received so far, which begin with the connection's first byte.
    public mutating func parse(_ bytes: ByteView) -> ProxyHeaderProgress {
        self = ProxyHeader()
        guard !bytes.isEmpty else { return .incomplete }
        if ProxyHeader.agrees(bytes, with: ProxyHeader.lineStart) { return parseLine(bytes) }
        if ProxyHeader.agrees(bytes, with: ProxyHeader.signature) { return parseBinary(bytes) }
        return .notProxy
    }

    /// The value of the first field of this type; `header` are the bytes that were read.
    public func value(of type: ProxyFieldType, in header: ByteView) -> ByteView? {
        value(ofType: type.rawValue, in: header)
    }

    /// The same for types that only sender and receiver know.
    public func value(ofType type: UInt8, in header: ByteView) -> ByteView? {
        guard fields.upperBound <= header.count else { return nil }
        var list = ProxyFields(header[fields])
        return list.next(ofType: type)
    }

    static var lineStart: StaticString { "PROXY " }

    /// The twelve bytes no other protocol begins with.
    static var signature: StaticString { "\r\n\r\n\0\r\nQUIT\n" }

    /// Whether one is the beginning of the other.
    private static func agrees(_ bytes: ByteView, with start: StaticString) -> Bool {
        let known = min(bytes.count, start.utf8CodeUnitCount)
        return bytes[0..<known].equals(start.view[0..<known])
    }
}

/// The two ends of a connection as its client sees them.
public struct ProxyAddresses: Sendable, Equatable {
    /// The client.
    public var source: SocketAddress
    /// Where it connected to.
    public var destination: SocketAddress

    /// Both ends.
    public init(source: SocketAddress, destination: SocketAddress) {
        self.source = source
        self.destination = destination
    }

    /// Whether the protocol has words for them: of sockets of this machine nothing is told.
    var areOnNetworks: Bool { !source.isLocal && !destination.isLocal }
}

/// What reading a PROXY header came to.
public enum ProxyHeaderProgress: Sendable, Equatable {
    /// More bytes are needed.
    case incomplete
    /// The header is whole and that long; what follows is the connection's.
    case complete(count: Int)
    /// The connection begins with something else.
    case notProxy
    /// It begins like one and is none.
    case refused(ProxyHeaderError)
}

/// Why a PROXY header was refused.
public enum ProxyHeaderError: Error, Sendable, Equatable {
    /// Longer than we accept.
    case tooLong
    /// A line of version 1 that is not as the specification wants it.
    case badLine
    /// A version or command that does not exist.
    case badCommand
    /// An address family or protocol that does not exist.
    case badFamily
    /// Fewer bytes than its addresses take.
    case badLength
    /// A field that ends outside, or has no value its type could have.
    case badField
    /// The checksum is another.
    case badChecksum
}
