public import Basics

/// What a PROXY header says of the client's TLS. Names and certificate stand in the header: `value(of:in:)`.
public struct ProxyTLS: Sendable, Equatable {
    private var flags: UInt8
    /// 0 if the client's certificate was verified; if it has none, the value says nothing.
    public let verifyResult: UInt32
    /// Where its fields stand in the header.
    let fields: Range<Int>

    /// Whether the client spoke TLS.
    public var isUsed: Bool { flags & ProxyTLS.usedFlag != 0 }
    /// Whether it sent a certificate on this connection.
    public var sentCertificate: Bool { flags & ProxyTLS.connectionFlag != 0 }
    /// Whether it sent one in this TLS session, perhaps on an earlier connection.
    public var hasCertificate: Bool { flags & ProxyTLS.sessionFlag != 0 }

    static var usedFlag: UInt8 { 0x01 }
    static var connectionFlag: UInt8 { 0x02 }
    static var sessionFlag: UInt8 { 0x04 }
    /// Flags and verify result.
    static var fixedCount: Int { 5 }

    /// Reads the value of the field, which begins at `start` of the header; nil if it is not whole.
    init?(_ value: ByteView, start: Int) {
        guard value.count >= ProxyTLS.fixedCount else { return nil }
        flags = value[0]
        verifyResult = value.bigEndian32(at: 1)
        fields = start + ProxyTLS.fixedCount..<start + value.count
        var list = ProxyFields(value[ProxyTLS.fixedCount..<value.count])
        while list.next() != nil {}
        if list.isBroken { return nil }
    }

    /// The value of the first field of this type; `header` are the bytes that were read.
    public func value(of type: ProxyFieldType, in header: ByteView) -> ByteView? {
        guard fields.upperBound <= header.count else { return nil }
        var list = ProxyFields(header[fields])
        return list.next(ofType: type.rawValue)
    }
}

extension ByteView {
    func bigEndian16(at index: Int) -> UInt16 { UInt16(self[index]) << 8 | UInt16(self[index + 1]) }

    func bigEndian32(at index: Int) -> UInt32 {
        UInt32(bigEndian16(at: index)) << 16 | UInt32(bigEndian16(at: index + 2))
    }
}
