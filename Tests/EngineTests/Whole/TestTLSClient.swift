import COpenSSL
import Glibc
import Testing

/// A TLS client on a connection that is open already: the calls wait. For one thread at a time.
final class TestTLSClient {
    private let connection: TestConnection
    private let ssl: OpaquePointer

    /// Shakes hands; throws if that fails. Certificates are not looked at.
    init(_ connection: TestConnection, name: String = "shop.example", protocols: String = "\u{8}http/1.1")
        throws
    {
        self.connection = connection
        let context = try #require(SSL_CTX_new(TLS_client_method()))
        defer { SSL_CTX_free(context) }
        ssl = try #require(SSL_new(context))
        let descriptor = connection.descriptor
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK)
        var limit = timeval(tv_sec: Int(patience) / 1_000, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        SSL_set_fd(ssl, descriptor)
        var text = Array(name.utf8CString)
        SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, Int(TLSEXT_NAMETYPE_host_name), &text)
        SSL_set_alpn_protos(ssl, Array(protocols.utf8), UInt32(protocols.utf8.count))
        try #require(SSL_connect(ssl) == 1)
    }

    deinit { SSL_free(ssl) }

    /// Asks for a path and reads what comes first of the answer.
    func get(_ path: String) -> String? {
        let request = "GET \(path) HTTP/1.1\r\nHost: shop.example\r\n\r\n"
        guard SSL_write(ssl, request, Int32(request.utf8.count)) > 0 else { return nil }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let got = SSL_read(ssl, &bytes, Int32(bytes.count))
        return got > 0 ? String(decoding: bytes[..<Int(got)], as: UTF8.self) : nil
    }
}
