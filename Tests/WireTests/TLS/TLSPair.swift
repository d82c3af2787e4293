import COpenSSL
import Glibc
import Testing

@testable import Wire

/// A server session and an OpenSSL client on the two ends of a socket pair, moved by hand.
final class TLSPair {
    var server: TLSSession
    let client: OpaquePointer
    let serverSocket: Int32
    private(set) var clientSocket: Int32
    /// What the server said last.
    private(set) var serverState = TLSSession.Handshake.wantRead
    /// OpenSSL's reason for the client's failure.
    private(set) var clientFailure: Int32?

    init(
        _ context: TLSContext, _ options: ClientOptions = ClientOptions(),
        _ settings: HandshakeSettings? = nil
    ) throws {
        var ends: [Int32] = [-1, -1]
        try #require(
            socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0, &ends) == 0)
        (serverSocket, clientSocket) = (ends[0], ends[1])
        guard let session = TLSSession(context: context, fd: ends[0], settings: settings) else {
            throw TLSSetupError.outOfMemory
        }
        client = try options.makeClient(on: clientSocket)
        server = session
    }

    deinit {
        SSL_free(client)
        close(serverSocket)
        if clientSocket >= 0 { close(clientSocket) }
    }

    /// Moves both ends until neither makes progress.
    @discardableResult
    func handshake() -> TLSSession.Handshake {
        var isClientDone = false
        for _ in 0..<20 {
            if !isClientDone, clientFailure == nil { isClientDone = stepClient() }
            if serverState == .wantRead || serverState == .wantWrite { serverState = server.handshake() }
            if isClientDone, serverState == .done { break }
        }
        return serverState
    }

    private func stepClient() -> Bool {
        ERR_clear_error()
        let result = SSL_do_handshake(client)
        if result == 1 { return true }
        let error = SSL_get_error(client, result)
        if error != SSL_ERROR_WANT_READ, error != SSL_ERROR_WANT_WRITE {
            clientFailure = ERR_GET_REASON(ERR_peek_error())
            ERR_clear_error()
        }
        return false
    }

    // MARK: The client's verbs

    /// Goes away; with something unread, that is a reset.
    func clientCloses() {
        close(clientSocket)
        clientSocket = -1
    }

    /// Sends text or fails the test.
    func clientSends(_ text: String) throws {
        try #require(SSL_write(client, text, Int32(text.utf8.count)) == Int32(text.utf8.count))
    }

    /// What the client can read now; nil at the end of the stream and at an error.
    func clientReads(upTo count: Int = 65_536) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        let got = SSL_read(client, &bytes, Int32(count))
        guard got <= 0 else { return Array(bytes.prefix(Int(got))) }
        let error = SSL_get_error(client, got)
        ERR_clear_error()
        return error == SSL_ERROR_WANT_READ ? [] : nil
    }

    /// The session for a later resumption; lets the client read its ticket first. Freed by the caller's options.
    func clientSession() -> ClientSession? {
        _ = clientReads()
        return SSL_get1_session(client).map(ClientSession.init)
    }

    /// The first name of the certificate the client was shown.
    var servedName: String? {
        guard let certificate = SSL_get1_peer_certificate(client) else { return nil }
        defer { X509_free(certificate) }
        return SubjectNames.of(certificate).first
    }

    /// The kind of key the client was shown.
    var servedType: Int32? {
        guard let certificate = SSL_get1_peer_certificate(client) else { return nil }
        defer { X509_free(certificate) }
        return EVP_PKEY_get_base_id(X509_get0_pubkey(certificate))
    }

    // MARK: The server's verbs

    /// One read of the server.
    func serverReads(upTo count: Int = 65_536) -> (IOResult, [UInt8]) {
        var bytes = [UInt8](repeating: 0, count: count)
        let outcome = bytes.withUnsafeMutableBytes { server.read(into: $0) }
        guard case .bytes(let got) = outcome else { return (outcome, []) }
        return (outcome, Array(bytes.prefix(got)))
    }

    /// One write of the server.
    func serverWrites(_ bytes: some Sequence<UInt8>) -> IOResult {
        Array(bytes).withUnsafeBytes { server.write($0) }
    }

    // #expect takes no part of a noncopyable value.
    var version: TLSVersion { server.version }
    var cipherNumber: UInt16 { server.cipherNumber }
    var isResumed: Bool { server.isResumed }
    var applicationProtocol: ApplicationProtocol? { server.applicationProtocol }
    var hasPending: Bool { server.hasPending }
    var writeWantsReadable: Bool { server.writeWantsReadable }

    func serverShutsDown() -> IOResult { server.shutdown() }

    /// The name the server session reports.
    var reportedName: String {
        server.withServerName { String(decoding: $0, as: UTF8.self) }
    }
}

/// A client's session, kept for resumption.
final class ClientSession: Sendable {
    nonisolated(unsafe) let raw: OpaquePointer

    init(_ raw: OpaquePointer) { self.raw = raw }

    deinit { SSL_SESSION_free(raw) }
}

/// How a client behaves.
struct ClientOptions {
    var serverName: String?
    var versions: ClosedRange<Int32> = TLS1_2_VERSION...TLS1_3_VERSION
    var signatures: String?
    var groups: String?
    var ciphers12 = "DEFAULT:@SECLEVEL=0"
    var protocols: [UInt8] = []
    var session: ClientSession?
    /// Verifies against an empty trust store.
    var trustsNobody = false

    func makeClient(on socket: Int32) throws -> OpaquePointer {
        let context = try #require(SSL_CTX_new(TLS_client_method()))
        defer { SSL_CTX_free(context) }
        SSL_CTX_ctrl(context, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(versions.lowerBound), nil)
        SSL_CTX_ctrl(context, SSL_CTRL_SET_MAX_PROTO_VERSION, Int(versions.upperBound), nil)
        try #require(SSL_CTX_set_cipher_list(context, ciphers12) == 1)
        if trustsNobody { SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil) }
        let client = try #require(SSL_new(context))
        SSL_set_fd(client, socket)
        SSL_set_connect_state(client)
        try set(signatures, SSL_CTRL_SET_SIGALGS_LIST, of: client)
        try set(groups, SSL_CTRL_SET_GROUPS_LIST, of: client)
        if let serverName {
            var name = Array(serverName.utf8CString)
            SSL_ctrl(client, SSL_CTRL_SET_TLSEXT_HOSTNAME, Int(TLSEXT_NAMETYPE_host_name), &name)
        }
        if !protocols.isEmpty { SSL_set_alpn_protos(client, protocols, UInt32(protocols.count)) }
        if let session { try #require(SSL_set_session(client, session.raw) == 1) }
        return client
    }

    private func set(_ list: String?, _ control: Int32, of client: OpaquePointer) throws {
        guard let list else { return }
        var text = Array(list.utf8CString)
        try #require(SSL_ctrl(client, control, 0, &text) == 1)
    }
}
