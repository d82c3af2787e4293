public import Basics

/// Which protocol a client on a cleartext port begins to speak.
public enum HTTP2Preface: Equatable, Sendable {
    /// HTTP/2 with prior knowledge (RFC 9113 3.3).
    case http2
    /// Anything else.
    case http1
    /// More bytes must tell.
    case undecided

    /// How long the client's preface is (RFC 9113 3.4).
    public static var count: Int { text.utf8CodeUnitCount }

    private static var text: StaticString { "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" }

    /// Judges a connection's first bytes. `PRI` is a method reserved for this, so the first line decides: bytes behind
    /// it that are not the preface's are HTTP/2's to refuse.
    public init(_ bytes: ByteView) {
        let line = Self.text.view[0..<16]
        let known = min(bytes.count, line.count)
        guard bytes[0..<known].equals(line[0..<known]) else {
            self = .http1
            return
        }
        self = known == line.count ? .http2 : .undecided
    }
}
