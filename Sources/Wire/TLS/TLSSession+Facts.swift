public import Basics
import COpenSSL
import Glibc

/// The versions of TLS we speak.
public enum TLSVersion: String, Sendable, CaseIterable {
    case tls12 = "TLSv1.2"
    case tls13 = "TLSv1.3"
}

/// What was agreed on; asked of OpenSSL when somebody wants to know.
extension TLSSession {
    /// The negotiated version; meaningful after the handshake.
    public var version: TLSVersion { SSL_version(ssl) == TLS1_3_VERSION ? .tls13 : .tls12 }

    /// The IANA number of the cipher suite, 0 before there is one.
    public var cipherNumber: UInt16 {
        SSL_get_current_cipher(ssl).map { SSL_CIPHER_get_protocol_id($0) } ?? 0
    }

    /// OpenSSL's name of the cipher suite, a static C string.
    public var cipherName: UnsafePointer<CChar> { SSL_CIPHER_get_name(SSL_get_current_cipher(ssl)) }

    /// Whether an earlier session was resumed.
    public var isResumed: Bool { SSL_session_reused(ssl) == 1 }

    /// What ALPN agreed on; nil if the client did not ask or we speak none of its protocols.
    public var applicationProtocol: ApplicationProtocol? {
        var name: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        SSL_get0_alpn_selected(ssl, &name, &count)
        guard let name else { return nil }
        let bytes = UnsafeBufferPointer(start: name, count: Int(count))
        return ApplicationProtocol.allCases.first { $0.rawValue.utf8.elementsEqual(bytes) }
    }

    /// Whether the server was told this name, letters compared without case; the empty one is none.
    public func wasTold(_ name: ByteView) -> Bool {
        guard let told = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name) else { return name.isEmpty }
        let start = UnsafeRawPointer(told).assumingMemoryBound(to: UInt8.self)
        return name.equalsIgnoringCase(ByteView(start: start, count: strlen(told)))
    }

    /// Calls `body` with the server name as the client sent it (in a resumed TLS 1.2 session, as it did at first: it
    /// may differ in case), empty if it sent none. The bytes live as long as
    /// the session.
    public func withServerName<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        guard let name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name) else {
            return body(UnsafeRawBufferPointer(start: nil, count: 0))
        }
        return body(UnsafeRawBufferPointer(start: name, count: strlen(name)))
    }
}
