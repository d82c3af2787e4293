import COpenSSL
import Glibc
import Testing
import Wire

/// A TLS client that shows a certificate if it has one; the calls wait. For one thread at a time.
final class TestMutualClient {
    private let connection: TestConnection
    private let ssl: OpaquePointer

    /// nil if the handshake fails, or, with TLS 1.3, the first read.
    init?(_ port: UInt16, name: String, _ shown: GeneratedAuthority.Leaf?) throws {
        connection = TestConnection(port: port)
        let context = try #require(SSL_CTX_new(TLS_client_method()))
        defer { SSL_CTX_free(context) }
        if let shown { try TestTLSBackend.serve(shown, in: context) }
        ssl = try #require(SSL_new(context))
        let descriptor = connection.descriptor
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK)
        var limit = timeval(tv_sec: Int(patience) / 1_000, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        SSL_set_fd(ssl, descriptor)
        var text = Array(name.utf8CString)
        if !name.isEmpty {
            SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, Int(TLSEXT_NAMETYPE_host_name), &text)
        }
        guard SSL_connect(ssl) == 1 else {
            ERR_clear_error()
            return nil
        }
    }

    deinit { SSL_free(ssl) }

    /// The status of the answer to a request; nil if the connection ends instead.
    func status(host: String, _ fields: String = "") -> Int? {
        let request = "GET / HTTP/1.1\r\nHost: \(host)\r\n\(fields)\r\n"
        guard SSL_write(ssl, request, Int32(request.utf8.count)) > 0 else { return nil }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let got = SSL_read(ssl, &bytes, Int32(bytes.count))
        ERR_clear_error()
        guard got > 12 else { return nil }
        return Int(String(decoding: bytes[9..<12], as: UTF8.self))
    }
}
