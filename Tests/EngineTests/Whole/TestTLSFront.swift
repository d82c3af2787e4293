import COpenSSL
import Glibc
import Synchronization
import Testing
import Wire

/// TLS in front of other test servers: what ALPN chooses says which of them a connection is passed on to.
final class TestTLSFront: Sendable {
    let port: UInt16
    private let listener: Listener
    private let stopping = Atomic<Bool>(false)
    // Only read by the threads of connections; OpenSSL guards it.
    private nonisolated(unsafe) let context: OpaquePointer
    private let announcesClient: Bool
    private let state: Mutex<State>

    private struct State {
        /// Where a protocol is spoken, best first; the empty name stands for none.
        var targets: [(name: String, port: UInt16)]
        var handshakes: [Handshake] = []
        var announced: [String] = []
        var failures = 0
    }

    /// What a client said, and what was chosen.
    struct Handshake: Equatable {
        var serverName = ""
        var isResumed = false
        var chosen = ""
    }

    init(
        _ leaf: GeneratedAuthority.Leaf, to targets: [(String, UInt16)], announcesClient: Bool = false
    ) throws {
        // OpenSSL writes as others do.
        signal(SIGPIPE, SIG_IGN)
        self.announcesClient = announcesClient
        state = Mutex(State(targets: targets.map { (name: $0.0, port: $0.1) }))
        context = try #require(SSL_CTX_new(TLS_server_method()))
        SSL_CTX_set_session_id_context(context, [1], 1)
        try TestTLSBackend.serve(leaf, in: context)
        let any = SocketAddress("127.0.0.1", port: 0) ?? SocketAddress()
        listener = try Listener(any, v6Only: true, deferAccept: false)
        port = listener.address.port
        let me = Unmanaged.passUnretained(self).toOpaque()
        SSL_CTX_set_alpn_select_cb(
            context,
            { _, chosen, count, offered, offeredCount, me in
                guard let me, let chosen, let count, let offered else { return SSL_TLSEXT_ERR_NOACK }
                let front = Unmanaged<TestTLSFront>.fromOpaque(me).takeUnretainedValue()
                let list = UnsafeBufferPointer(start: offered, count: Int(offeredCount))
                guard let place = front.choice(from: list) else { return SSL_TLSEXT_ERR_NOACK }
                chosen.pointee = offered + place.lowerBound
                count.pointee = UInt8(place.count)
                return SSL_TLSEXT_ERR_OK
            }, me)
        _ = Thread(name: "tls-front") { [self] in accept() }
    }

    deinit { SSL_CTX_free(context) }

    var handshakes: [Handshake] { state.withLock { $0.handshakes } }
    var announced: [String] { state.withLock { $0.announced } }
    var failures: Int { state.withLock { $0.failures } }

    /// Speaks something else from the next connection on.
    func speak(_ targets: [(String, UInt16)]) {
        state.withLock { $0.targets = targets.map { (name: $0.0, port: $0.1) } }
    }

    func stop() { stopping.store(true, ordering: .relaxed) }

    private func choice(from offered: UnsafeBufferPointer<UInt8>) -> Range<Int>? {
        for (name, _) in state.withLock({ $0.targets }) {
            var at = 0
            while at < offered.count {
                let place = at + 1..<at + 1 + Int(offered[at])
                if offered[place].elementsEqual(name.utf8) { return place }
                at = place.upperBound
            }
        }
        return nil
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
        let flags = fcntl(descriptor, F_GETFL)
        _ = fcntl(descriptor, F_SETFL, flags & ~O_NONBLOCK)
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
            isResumed: SSL_session_reused(ssl) == 1, chosen: chosen(ssl))
        let target = state.withLock { state in
            state.handshakes.append(said)
            return state.targets.first { $0.name == said.chosen }?.port ?? state.targets[0].port
        }
        _ = fcntl(descriptor, F_SETFL, flags | O_NONBLOCK)
        pass(ssl, descriptor, TestConnection(port: target))
        SSL_shutdown(ssl)
        ERR_clear_error()
    }

    private func chosen(_ ssl: OpaquePointer) -> String {
        var name: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        SSL_get0_alpn_selected(ssl, &name, &count)
        return String(decoding: UnsafeBufferPointer(start: name, count: Int(count)), as: UTF8.self)
    }

    /// Bytes both ways until one side ends.
    private func pass(_ ssl: OpaquePointer, _ descriptor: Int32, _ inner: TestConnection) {
        defer { inner.close() }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        while !stopping.load(ordering: .relaxed) {
            var entries = [
                pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: inner.descriptor, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&entries, 2, 50) >= 0 else { return }
            while true {
                let count = SSL_read(ssl, &bytes, Int32(bytes.count))
                guard count > 0 else {
                    guard SSL_get_error(ssl, count) == SSL_ERROR_WANT_READ else { return ERR_clear_error() }
                    break
                }
                guard inner.send(Array(bytes[..<Int(count)])) else { return }
            }
            guard entries[1].revents != 0 else { continue }
            let count = recv(inner.descriptor, &bytes, bytes.count, 0)
            guard count > 0, write(ssl, descriptor, bytes[..<count]) else { return }
        }
    }

    private func write(_ ssl: OpaquePointer, _ descriptor: Int32, _ bytes: ArraySlice<UInt8>) -> Bool {
        let whole = Array(bytes)
        while true {
            let count = SSL_write(ssl, whole, Int32(whole.count))
            if count > 0 { return true }
            guard SSL_get_error(ssl, count) == SSL_ERROR_WANT_WRITE else { return false }
            var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            guard poll(&entry, 1, patience) > 0 else { return false }
        }
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
}
