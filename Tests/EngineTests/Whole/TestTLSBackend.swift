import COpenSSL
import Glibc
import Synchronization
import Testing
import Wire

/// A small HTTPS server on loopback: answers every request with its name, and keeps what its clients said in the handshake.
final class TestTLSBackend: Sendable {
    let name: String
    let port: UInt16
    private let listener: Listener
    private let stopping = Atomic<Bool>(false)
    // Only read by the threads of connections; OpenSSL guards it.
    private nonisolated(unsafe) let context: OpaquePointer
    private let announcesClient: Bool
    private let state = Mutex(State())

    private struct State {
        var handshakes: [Handshake] = []
        var failures = 0
        var heads: [String] = []
        var announced: [String] = []
    }

    /// What a client said.
    struct Handshake: Equatable {
        var serverName: String
        var isResumed: Bool
        var client: String
    }

    /// With a client authority, only clients it has signed are let in. `announcesClient`: connections begin with a PROXY line.
    init(
        _ name: String, _ leaf: GeneratedAuthority.Leaf, clients: GeneratedAuthority? = nil,
        version: Int32 = TLS1_3_VERSION, announcesClient: Bool = false
    ) throws {
        self.name = name
        self.announcesClient = announcesClient
        context = try #require(SSL_CTX_new(TLS_server_method()))
        SSL_CTX_ctrl(context, SSL_CTRL_SET_MAX_PROTO_VERSION, Int(version), nil)
        SSL_CTX_set_session_id_context(context, [1], 1)
        try TestTLSBackend.serve(leaf, in: context)
        if let clients { try TestTLSBackend.admit(clients, in: context) }
        let any = SocketAddress("127.0.0.1", port: 0) ?? SocketAddress()
        listener = try Listener(any, v6Only: true, deferAccept: false)
        port = listener.address.port
        _ = Thread(name: "tls-backend") { [self] in accept() }
    }

    deinit { SSL_CTX_free(context) }

    /// Handshakes so far, in the order of the first requests.
    var handshakes: [Handshake] { state.withLock { $0.handshakes } }
    var failures: Int { state.withLock { $0.failures } }
    var heads: [String] { state.withLock { $0.heads } }
    var announced: [String] { state.withLock { $0.announced } }

    func stop() { stopping.store(true, ordering: .relaxed) }

    static func serve(_ leaf: GeneratedAuthority.Leaf, in context: OpaquePointer) throws {
        let certificate = try #require(read(leaf.chainPEM) { PEM_read_bio_X509($0, nil, nil, nil) })
        defer { X509_free(certificate) }
        let key = try #require(read(leaf.keyPEM) { PEM_read_bio_PrivateKey($0, nil, nil, nil) })
        defer { EVP_PKEY_free(key) }
        try #require(SSL_CTX_use_certificate(context, certificate) == 1)
        try #require(SSL_CTX_use_PrivateKey(context, key) == 1)
    }

    private static func admit(_ clients: GeneratedAuthority, in context: OpaquePointer) throws {
        let authority = try #require(
            read(clients.certificatePEM) { PEM_read_bio_X509($0, nil, nil, nil) })
        defer { X509_free(authority) }
        X509_STORE_add_cert(SSL_CTX_get_cert_store(context), authority)
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
    }

    private static func read(_ pem: [UInt8], _ decode: (OpaquePointer) -> OpaquePointer?) -> OpaquePointer? {
        guard let bio = BIO_new_mem_buf(pem, Int32(pem.count)) else { return nil }
        defer { BIO_free(bio) }
        return decode(bio)
    }

    private func accept() {
        while !stopping.load(ordering: .relaxed) {
            var entry = pollfd(fd: listener.descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&entry, 1, 20) > 0, let (descriptor, _) = listener.accept() else { continue }
            _ = Thread(name: "tls-peer") { [self] in serve(descriptor) }
        }
    }

    private func serve(_ descriptor: Int32) {
        defer { close(descriptor) }
        // OpenSSL's own sockets raise it when a client has gone, a check for instance.
        var pipe = sigset_t()
        sigemptyset(&pipe)
        sigaddset(&pipe, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &pipe, nil)
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK)
        var limit = timeval(tv_sec: Int(patience) / 1_000, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        if announcesClient { readLine(descriptor) }
        guard let ssl = SSL_new(context) else { return }
        defer { SSL_free(ssl) }
        SSL_set_fd(ssl, descriptor)
        guard SSL_accept(ssl) == 1 else {
            ERR_clear_error()
            return state.withLock { $0.failures += 1 }
        }
        let said = Handshake(
            serverName: SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name).map { String(cString: $0) } ?? "",
            isResumed: SSL_session_reused(ssl) == 1, client: subject(of: ssl))
        state.withLock { $0.handshakes.append(said) }
        while let head = readHead(ssl) {
            state.withLock { $0.heads.append(head) }
            let answer = "HTTP/1.1 200 OK\r\nContent-Length: \(name.utf8.count)\r\n\r\n\(name)"
            guard SSL_write(ssl, answer, Int32(answer.utf8.count)) > 0 else { break }
            if head.hasPrefix("GET /last") { break }
        }
        SSL_shutdown(ssl)
        ERR_clear_error()
    }

    private func readLine(_ descriptor: Int32) {
        var line = ""
        var byte: UInt8 = 0
        while !line.hasSuffix("\r\n"), recv(descriptor, &byte, 1, 0) == 1 {
            line.unicodeScalars.append(Unicode.Scalar(byte))
        }
        let told = line
        state.withLock { $0.announced.append(told) }
    }

    private func readHead(_ ssl: OpaquePointer) -> String? {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let got = SSL_read(ssl, &bytes, Int32(bytes.count))
        guard got > 0 else { return nil }
        let head = String(decoding: bytes[..<Int(got)], as: UTF8.self)
        // Of a body only what came with the head is in there; the rest is thrown away.
        let parts = head.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
        let length = head.split(separator: "Content-Length: ").dropFirst().first
            .flatMap { Int($0.prefix { $0.isNumber }) }
        var rest = (length ?? 0) - (parts.count > 1 ? parts[1].utf8.count : 0)
        while rest > 0 {
            let more = SSL_read(ssl, &bytes, Int32(bytes.count))
            guard more > 0 else { return nil }
            rest -= Int(more)
        }
        return head
    }

    private func subject(of ssl: OpaquePointer) -> String {
        guard let certificate = SSL_get1_peer_certificate(ssl) else { return "" }
        defer { X509_free(certificate) }
        var text = [CChar](repeating: 0, count: 256)
        X509_NAME_get_text_by_NID(
            X509_get_subject_name(certificate), NID_commonName, &text, Int32(text.count))
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
