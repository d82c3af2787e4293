public import Basics
import COpenSSL
import Glibc

/// What was agreed on, as text that lives as long as the session.
extension TLSSession {
    /// The server name as the client sent it; nil if it sent none.
    public var serverName: ByteView? { TLSSession.text(SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name)) }

    /// What ALPN agreed on; nil if on nothing.
    public var applicationProtocolName: ByteView? {
        var name: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        SSL_get0_alpn_selected(ssl, &name, &count)
        return name.map { ByteView(start: $0, count: Int(count)) }
    }

    /// `TLSv1.3`.
    public var versionName: ByteView? { TLSSession.text(SSL_get_version(ssl)) }

    /// OpenSSL's name of the cipher suite.
    public var cipher: ByteView? { TLSSession.text(cipherName) }

    private static func text(_ text: UnsafePointer<CChar>?) -> ByteView? {
        text.map {
            ByteView(start: UnsafeRawPointer($0).assumingMemoryBound(to: UInt8.self), count: strlen($0))
        }
    }
}
