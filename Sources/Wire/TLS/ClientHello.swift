public import Basics

/// The first message of a TLS client, read without answering it: which host it wants, which protocols it speaks.
///
/// ```
///   record  22 03 xx length │ handshake  01 length │ version random session ciphers compression extensions
///           22 03 xx length │ the rest of it, if the client cut it in pieces …
/// ```
/// For connections that are passed through by name without being terminated. The bytes stay where they are: they are
/// sent on as they came. What this reads decides only where to; it is never more lenient than the server's TLS.
public struct ClientHello {
    /// Where the host name (SNI) stands in the message; nil if the client names none.
    public internal(set) var serverName: Range<Int>?
    /// Where the list of protocols (ALPN) stands in the message; nil if there is none. See `protocols(in:)`.
    public internal(set) var protocolList: Range<Int>?
    /// Where the list of versions of TLS 1.3 clients stands; nil if there is none.
    var versionList: Range<Int>?
    /// Where the cipher suites stand, of two bytes each.
    public internal(set) var ciphers: Range<Int>?
    /// The same of groups for the key exchange and of algorithms of signatures; nil if there are none that can be read.
    public internal(set) var groups: Range<Int>?
    /// See `groups`.
    public internal(set) var signatures: Range<Int>?
    /// Where the shares of keys stand, each with its group; nil as above. See `keyShareGroups(in:)`.
    public internal(set) var keyShares: Range<Int>?
    /// Whether the client speaks of groups at all.
    public internal(set) var namesGroups = false
    /// Whether it takes tickets for sessions, and has one; nil if it does not take any.
    public internal(set) var hasTicket: Bool?
    /// The version old clients ask for; TLS 1.3 clients say 1.2 here.
    public internal(set) var legacyVersion: UInt16 = 0
    /// The version of the first record, which says little: most clients write 1.0 for the sake of old servers.
    public internal(set) var recordVersion: UInt16 = 0

    /// Where the next record begins, and how many bytes of the message stood before it.
    private var nextRecord = 0
    private var gathered = 0

    /// The most bytes of the message. With key shares of today's largest kind a client sends 2 KiB.
    public static var limit: Int { 16_384 }
    /// The most records it may come in: a client that cuts finer wants to be hard to read.
    public static var recordLimit: Int { 64 }
    private var records = 0

    /// A hello of which nothing has arrived.
    public init() {}

    /// Looks at the bytes received so far, which begin with the connection's first byte, and puts the message together
    /// in `message`, which must have room for `limit` bytes; the ranges count from its beginning.
    public mutating func parse(_ bytes: ByteView, message: inout Buffer) -> ClientHelloProgress {
        while true {
            if let count = messageCount(bytes) {
                guard count <= ClientHello.limit, gathered <= count else { return .malformed }
                if gathered == count { return assemble(bytes, &message) ? read(message.view) : .malformed }
            }
            switch takeRecord(bytes) {
            case .complete: continue
            case let other: return other
            }
        }
    }

    /// Goes over one record that is there as a whole.
    private mutating func takeRecord(_ bytes: ByteView) -> ClientHelloProgress {
        let rest = bytes.count - nextRecord
        let isFirst = nextRecord == 0
        let wrong = isFirst ? ClientHelloProgress.notTLS : .malformed
        if rest > 0, bytes[nextRecord] != 22 { return wrong }
        if rest > 1, bytes[nextRecord + 1] != 3 { return wrong }
        if isFirst, rest > 2, bytes[2] > 4 { return wrong }
        guard rest >= 5 else { return .incomplete }
        let count = Int(bytes.bigEndian16(at: nextRecord + 3))
        guard count > 0, count <= 16_384 else { return wrong }
        // The kind of message and its length are looked at before the record is whole.
        if isFirst, rest > 5, bytes[5] != 1 { return .notTLS }
        if isFirst, count >= 4, rest >= 9, bytes.bigEndian24(at: 6) > ClientHello.limit - 4 {
            return .malformed
        }
        guard rest >= 5 + count else { return .incomplete }
        guard records < ClientHello.recordLimit else { return .malformed }
        if isFirst { recordVersion = bytes.bigEndian16(at: 1) }
        records += 1
        gathered += count
        nextRecord += 5 + count
        return .complete
    }

    /// The length of the whole message with its four bytes of head; nil before these are known. They may stand in
    /// records of their own.
    private func messageCount(_ bytes: ByteView) -> Int? {
        guard gathered >= 4 else { return nil }
        var head: UInt32 = 0
        var reader = RecordReader(bytes, end: nextRecord)
        for _ in 0..<4 { head = head << 8 | UInt32(reader.next() ?? 0) }
        return 4 + Int(head & 0xFF_FFFF)
    }

    /// Copies the message out of its records. A hello shares its records with nothing: the client waits for an answer.
    private func assemble(_ bytes: ByteView, _ message: inout Buffer) -> Bool {
        message.reset()
        var at = 0
        while at < nextRecord {
            let length = Int(bytes.bigEndian16(at: at + 3))
            guard message.append(bytes[at + 5..<at + 5 + length]) else { return false }
            at += 5 + length
        }
        return true
    }
}

/// What reading a ClientHello came to.
public enum ClientHelloProgress: Sendable, Equatable {
    /// More bytes are needed.
    case incomplete
    /// The message is whole.
    case complete
    /// The connection does not begin with a TLS ClientHello.
    case notTLS
    /// It begins like one and is none any TLS would answer, or is longer than we accept.
    case malformed
}

/// Bytes across the heads of records.
private struct RecordReader {
    private let bytes: ByteView
    private let end: Int
    private var at = 0
    private var left = 0

    init(_ bytes: ByteView, end: Int) {
        self.bytes = bytes
        self.end = end
    }

    mutating func next() -> UInt8? {
        while left == 0 {
            guard at + 5 <= end else { return nil }
            left = Int(bytes.bigEndian16(at: at + 3))
            at += 5
        }
        guard at < end else { return nil }
        defer {
            at += 1
            left -= 1
        }
        return bytes[at]
    }
}

extension ByteView {
    fileprivate func bigEndian24(at index: Int) -> Int {
        Int(self[index]) << 16 | Int(bigEndian16(at: index + 1))
    }
}
