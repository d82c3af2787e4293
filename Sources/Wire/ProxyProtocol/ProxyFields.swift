public import Basics

/// What a field of a PROXY header is about (PROXY protocol 2.2).
public enum ProxyFieldType: UInt8, Sendable {
    /// The protocol inside TLS, as ALPN names it.
    case alpn = 0x01
    /// The host name the client asked for: its SNI.
    case authority = 0x02
    /// The header's checksum.
    case checksum = 0x03
    /// Padding.
    case padding = 0x04
    /// What tells this connection from all others; 128 bytes at most.
    case uniqueID = 0x05
    /// The client's TLS: flags, then fields of the types below.
    case tls = 0x20
    /// Inside `tls`: its version, e.g. `TLSv1.3`.
    case tlsVersion = 0x21
    /// Inside `tls`: the common name of the client's certificate.
    case commonName = 0x22
    /// Inside `tls`: the cipher.
    case cipher = 0x23
    /// Inside `tls`: how the sender's certificate is signed, e.g. `RSA-SHA256`.
    case signature = 0x24
    /// Inside `tls`: the sender's key, e.g. `RSA2048`.
    case key = 0x25
    /// Inside `tls`: the key exchange, e.g. `secp256r1`.
    case group = 0x26
    /// Inside `tls`: how the handshake was signed.
    case signatureScheme = 0x27
    /// Inside `tls`: the client's certificate in DER.
    case certificate = 0x28
    /// The network namespace.
    case namespace = 0x30

    /// The most bytes of a unique ID.
    static var uniqueIDLimit: Int { 128 }
    /// The most bytes of a host name; HAProxy's limit too.
    static var authorityLimit: Int { 255 }
}

/// Reads fields one after the other: a byte of type, two of length, the value.
public struct ProxyFields {
    /// One field.
    public struct Field {
        /// Its type as it stands there.
        public let type: UInt8
        /// Its value.
        public let value: ByteView
        /// Where the value begins in what is read.
        public let start: Int
    }

    private let bytes: ByteView
    private var at = 0
    /// Whether the last field reaches beyond the end, which ends the list.
    public private(set) var isBroken = false

    /// Reads from `bytes`.
    public init(_ bytes: ByteView) { self.bytes = bytes }

    /// The next field; nil at the end and before a field that is cut.
    public mutating func next() -> Field? {
        guard at < bytes.count, !isBroken else { return nil }
        guard bytes.count - at >= 3 else {
            isBroken = true
            return nil
        }
        let count = Int(bytes[at + 1]) << 8 | Int(bytes[at + 2])
        guard count <= bytes.count - at - 3 else {
            isBroken = true
            return nil
        }
        let start = at + 3
        let field = Field(type: bytes[at], value: bytes[start..<start + count], start: start)
        at = start + count
        return field
    }

    /// The value of the next field of a type; nil if there is none.
    public mutating func next(ofType type: UInt8) -> ByteView? {
        while let field = next() {
            if field.type == type { return field.value }
        }
        return nil
    }

    /// Appends a field; false, and nothing appended, if it does not fit.
    public static func append(_ type: UInt8, _ value: ByteView, to buffer: inout Buffer) -> Bool {
        guard let count = UInt16(exactly: value.count) else { return false }
        return buffer.write { writer in
            writer.append(type)
            writer.append(bigEndian: count)
            writer.append(value)
        }
    }
}

extension ByteWriter {
    mutating func append(bigEndian value: UInt16) {
        append(UInt8(value >> 8))
        append(UInt8(truncatingIfNeeded: value))
    }
}
