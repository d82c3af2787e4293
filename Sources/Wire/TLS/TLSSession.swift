public import Basics
import COpenSSL
import CSystem
import Glibc

/// One side of a TLS connection on a non-blocking socket it does not own.
///
/// ```
///   handshake() ─ .done ─► read / write … ─► shutdown() ─► (end of life; then close the socket)
///        └ .wantRead / .wantWrite: call again on that event
/// ```
/// Made for edge-triggered events: after `.done` read at once, the request may have come with the handshake; after
/// `.bytes` read on while `hasPending`. A short `write` means that the socket is full, as with a plain socket.
public struct TLSSession: ~Copyable {
    let ssl: OpaquePointer
    // Keeps what OpenSSL's callbacks use alive: the context of a server's side, the sessions of a client's.
    private let owner: AnyObject
    // Set for good when there is nothing more to read. It may have been met after bytes that went out first.
    private var end = End.none
    /// Set when `read` answered `.wouldBlock` but waits for the socket to become writable (a key update).
    public private(set) var readWantsWritable = false
    /// Set when `write` answered `.wouldBlock` or wrote less but waits for the socket to become readable.
    public private(set) var writeWantsReadable = false
    private var hasShutDown = false

    // Every connection has room for a session, so it is kept to 24 bytes.
    private enum End {
        case none
        case closed
        // OpenSSL must not be asked for anything more, not even close_notify.
        case broken(Int32)

        var result: IOResult? {
            switch self {
            case .none: nil
            case .closed: .closed
            case .broken(let code): .failed(code)
            }
        }
    }

    /// How far a handshake got.
    public enum Handshake: Equatable, Sendable {
        case done
        case wantRead
        case wantWrite
        case failed(HandshakeFailure)
    }

    /// A session for an accepted connection; nil without memory. It may leave HTTP/2 out of what its context speaks, and be held
    /// to settings of its listener.
    public init?(
        context: TLSContext, fd: Int32, offersHTTP2: Bool = true, settings: HandshakeSettings? = nil
    ) {
        guard let ssl = SSL_new(context.raw) else {
            ERR_clear_error()
            return nil
        }
        guard csystem_ssl_attach(ssl, fd), settings?.hold(ssl) ?? true else {
            ERR_clear_error()
            SSL_free(ssl)
            return nil
        }
        SSL_set_accept_state(ssl)
        if !offersHTTP2 { TLSSession.leaveOutHTTP2(ssl) }
        self.ssl = ssl
        owner = context
    }

    /// A session for a connection we have opened, whose server is told `serverName`, without a port and in lower case; empty
    /// tells none. With `offering` that protocol alone is offered, with `protocols` those are, else what the context offers. nil
    /// if that is no name, and without memory.
    public init?(
        resuming sessions: TLSClientSessions, fd: Int32, serverName: ByteView = .empty,
        offering only: ApplicationProtocol? = nil, protocols: [ApplicationProtocol]? = nil
    ) {
        guard let ssl = SSL_new(sessions.context.raw) else {
            ERR_clear_error()
            return nil
        }
        guard csystem_ssl_attach(ssl, fd), sessions.prepare(ssl, serverName: serverName),
            only?.offer(alone: ssl) ?? true, protocols.map({ ApplicationProtocol.offer($0, in: ssl) }) ?? true
        else {
            ERR_clear_error()
            SSL_free(ssl)
            return nil
        }
        SSL_set_connect_state(ssl)
        self.ssl = ssl
        owner = sessions
    }

    deinit { SSL_free(ssl) }

    /// Leaves HTTP/2 out of what a session of a client may choose: any pointer says so.
    static func leaveOutHTTP2(_ ssl: OpaquePointer) { SSL_set_ex_data(ssl, 0, UnsafeMutableRawPointer(ssl)) }

    /// Goes on with the handshake as far as the socket allows. An alert has been sent when it fails.
    public mutating func handshake() -> Handshake {
        let result = SSL_do_handshake(ssl)
        guard result != 1 else { return .done }
        let error = SSL_get_error(ssl, result)
        switch error {
        case SSL_ERROR_WANT_READ: return .wantRead
        case SSL_ERROR_WANT_WRITE: return .wantWrite
        default:
            end = .broken(EPIPE)
            if let sessions = owner as? TLSClientSessions { sessions.forget(ssl) }
            guard error == SSL_ERROR_SYSCALL else { return .failed(.takeFromQueue(of: ssl)) }
            ERR_clear_error()
            return .failed(.reset)
        }
    }

    /// Reads what has arrived: until `buffer` is full or nothing more is at hand.
    ///
    /// `.failed(ECONNABORTED)` is a stream that ended without close_notify: it may have been cut by an attacker.
    /// `.failed(EKEYREJECTED)` says that our certificate, or the lack of one, is refused: of TLS 1.3 a client hears that behind the
    /// handshake. `.failed(EPROTO)` is a violation of TLS. After `.closed` and `.failed` the same answer comes again.
    public mutating func read(into buffer: UnsafeMutableRawBufferPointer) -> IOResult {
        if let result = end.result { return result }
        guard buffer.count > 0 else { return .wouldBlock }
        readWantsWritable = false
        var total = 0
        repeat {
            var count = 0
            clearStaleErrors()
            let result = SSL_read_ex(ssl, buffer.baseAddress.map { $0 + total }, buffer.count - total, &count)
            guard result == 1 else { return stopReading(result, after: total) }
            total += count
        } while total < buffer.count && hasPending
        return .bytes(total)
    }

    /// Reads as `read` does, one record at most, and leaves what it reads where it is.
    public mutating func peek(into buffer: UnsafeMutableRawBufferPointer) -> IOResult {
        if let result = end.result { return result }
        guard buffer.count > 0 else { return .wouldBlock }
        readWantsWritable = false
        var count = 0
        clearStaleErrors()
        let result = SSL_peek_ex(ssl, buffer.baseAddress, buffer.count, &count)
        return result == 1 ? .bytes(count) : stopReading(result, after: 0)
    }

    /// Whether `read` may have more without a new event. False after `.bytes` means: sleep until readable, unless
    /// the last event said that the peer has ended its side (RDHUP): then read until `.closed` or `.failed`.
    public var hasPending: Bool {
        end.result != nil || SSL_has_pending(ssl) == 1 || !csystem_ssl_is_drained(ssl)
    }

    /// Writes until everything is taken or the socket is full.
    ///
    /// After a short count or `.wouldBlock` the rest must be offered again, beginning with the same bytes and at
    /// least as many of them (they may have moved in memory): part of it may be in a record already.
    public mutating func write(_ bytes: UnsafeRawBufferPointer) -> IOResult {
        guard !isBroken else { return .failed(EPIPE) }
        guard bytes.count > 0 else { return .wouldBlock }
        var total = 0
        writeWantsReadable = false
        while total < bytes.count {
            var count = 0
            clearStaleErrors()
            let result = SSL_write_ex(ssl, bytes.baseAddress.map { $0 + total }, bytes.count - total, &count)
            guard result == 1 else { return stopWriting(result, after: total) }
            total += count
        }
        return .bytes(total)
    }

    /// Says good-bye with close_notify. To be called before the socket is closed: without it clients take the
    /// session for cut and do not resume it. `.closed` when it is said or cannot be said, `.wouldBlock` to call again
    /// when the socket is writable, for those who care to wait.
    @discardableResult
    public mutating func shutdown() -> IOResult {
        guard !isBroken, !hasShutDown, SSL_is_init_finished(ssl) == 1 else { return .closed }
        clearStaleErrors()
        let result = SSL_shutdown(ssl)
        if result < 0, SSL_get_error(ssl, result) == SSL_ERROR_WANT_WRITE { return .wouldBlock }
        ERR_clear_error()
        hasShutDown = true
        return .closed
    }

    private mutating func stopReading(_ result: Int32, after total: Int) -> IOResult {
        let outcome = judge(result)
        if case .wouldBlock = outcome { readWantsWritable = SSL_want(ssl) == SSL_WRITING }
        return total > 0 ? .bytes(total) : outcome
    }

    private mutating func stopWriting(_ result: Int32, after total: Int) -> IOResult {
        let outcome = judge(result)
        if case .wouldBlock = outcome { writeWantsReadable = SSL_want(ssl) == SSL_READING }
        return total > 0 ? .bytes(total) : outcome
    }

    private mutating func judge(_ result: Int32) -> IOResult {
        let number = errno
        let error = SSL_get_error(ssl, result)
        switch error {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .wouldBlock
        case SSL_ERROR_ZERO_RETURN: end = .closed
        default: end = .broken(code(of: error, number))
        }
        return end.result ?? .wouldBlock
    }

    /// The number that stands for a fatal error, whose entries are taken off OpenSSL's queue.
    private func code(of error: Int32, _ number: Int32) -> Int32 {
        let reason = ERR_GET_REASON(ERR_peek_error())
        ERR_clear_error()
        if error == SSL_ERROR_SYSCALL { return number != 0 ? number : ECONNABORTED }
        if reason == SSL_R_UNEXPECTED_EOF_WHILE_READING { return ECONNABORTED }
        return HandshakeFailure.refusesCertificate(reason) ? EKEYREJECTED : EPROTO
    }

    private var isBroken: Bool {
        if case .broken = end { return true }
        return false
    }

    /// SSL_get_error would take a stale entry of this thread's queue for the result of the call before it. Looking
    /// is cheaper than clearing the sixteen slots every time.
    private func clearStaleErrors() {
        if ERR_peek_error() != 0 { ERR_clear_error() }
    }
}
