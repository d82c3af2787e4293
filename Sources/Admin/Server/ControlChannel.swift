import Basics
import Glibc
import Wire

/// How the bytes of one control connection move: as they are, or inside TLS. It does not own the descriptor.
final class ControlChannel {
    private let descriptor: Int32
    private var tls: TLSSession?
    /// What a handshake waits for; nil when there is none, or none any more.
    private var handshakeNeeds: Int32?

    /// How far a channel is.
    enum Opening {
        case open
        case waiting
        case failed(HandshakeFailure)
    }

    /// What a read has brought.
    enum Arrival {
        case bytes([UInt8])
        case nothing
        /// The client sends no more, in order.
        case end
        case broken
    }

    private static let readSize = 16_384

    /// A channel without TLS.
    init(_ descriptor: Int32) {
        self.descriptor = descriptor
        tls = nil
    }

    /// A channel with TLS, whose handshake has not begun; nil without memory.
    init?(_ descriptor: Int32, _ context: TLSContext) {
        guard let session = TLSSession(context: context, fd: descriptor) else { return nil }
        self.descriptor = descriptor
        tls = consume session
        handshakeNeeds = POLLIN
    }

    /// What has to happen on the descriptor before something can be done.
    func interest(hasOutput: Bool) -> Int16 {
        if let handshakeNeeds { return Int16(handshakeNeeds) }
        if hasOutput { return Int16(tls?.writeWantsReadable == true ? POLLIN : POLLOUT) }
        return Int16(tls?.readWantsWritable == true ? POLLOUT : POLLIN)
    }

    /// Goes on with the handshake, if there is one.
    func open() -> Opening {
        guard handshakeNeeds != nil else { return .open }
        switch tls?.handshake() {
        case nil, .done: handshakeNeeds = nil
        case .wantRead: handshakeNeeds = POLLIN
        case .wantWrite: handshakeNeeds = POLLOUT
        case .failed(let failure): return .failed(failure)
        }
        return handshakeNeeds == nil ? .open : .waiting
    }

    /// Whether another read may bring something without waiting.
    var hasMore: Bool { tls?.hasPending == true }

    /// One read: a client that sends without end shares the thread with the others.
    func read() -> Arrival {
        var buffer = Buffer(capacity: Self.readSize)
        let result =
            tls == nil
            ? Socket.read(descriptor, into: &buffer, most: buffer.room)
            : tls?.read(into: &buffer) ?? .closed
        switch result {
        case .bytes: return .bytes(buffer.view.bytes)
        case .wouldBlock: return .nothing
        case .closed: return .end
        case .failed: return .broken
        }
    }

    /// How much of `bytes` was taken; nil when the connection is gone.
    func write(_ bytes: ArraySlice<UInt8>) -> Int? {
        bytes.withUnsafeBytes { bytes in
            guard tls != nil else {
                let count = Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
                return count >= 0 ? count : errno == EAGAIN || errno == EINTR ? 0 : nil
            }
            switch tls?.write(bytes) {
            case .bytes(let count): return count
            case .wouldBlock: return 0
            case nil, .closed, .failed: return nil
            }
        }
    }

    /// Says good-bye, where there is a way to.
    func shutdown() { tls?.shutdown() }
}
