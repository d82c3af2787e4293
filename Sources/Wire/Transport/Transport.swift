public import Basics
import Glibc

/// One byte stream, with what is known of its readiness: a connection, plain or TLS, or a stream of an HTTP/2 connection.
///
/// The descriptor is registered once, edge-triggered. `canRead` and `canWrite` say that a call may succeed; they are cleared when
/// one would block and set again by events. A short read clears `canRead` without asking again (a further read that only
/// answers "nothing" costs 5 % of a request), unless the peer has closed: then its end is still to be read. A stream has no
/// descriptor: its owner sets the flags when its session has news of it.
public struct Transport: ~Copyable {
    /// -1 when closed, -2 for a stream.
    public private(set) var descriptor: Int32
    /// A read may bring something.
    public var canRead = false
    /// A write may be taken.
    public var canWrite = false
    /// The peer has ended its sending side; its last bytes may still be unread.
    public var peerHasClosed = false
    /// The TLS session, if the stream is encrypted.
    public var tls: TLSSession?
    /// The stream, if it is one of an HTTP/2 connection.
    public private(set) var channel: StreamChannel?

    /// Takes over an open, non-blocking descriptor.
    public init(descriptor: Int32) {
        self.descriptor = descriptor
        tls = nil
    }

    /// A stream that is still to be opened: neither read nor written until another transport takes its place.
    public init() {
        descriptor = -2
        tls = nil
    }

    /// Takes over a stream that can be written to.
    public init(_ channel: StreamChannel) {
        descriptor = -2
        tls = nil
        self.channel = channel
        canRead = channel.hasMore
        canWrite = true
    }

    /// Whether it has been closed.
    public var isClosed: Bool { descriptor == -1 }
    /// Whether it has a descriptor.
    public var hasSocket: Bool { descriptor >= 0 }
    /// Whether it is a stream of an HTTP/2 connection.
    public var isStream: Bool { channel != nil }

    /// Takes note of an event. A broken connection reads and writes at once, and fails then.
    public mutating func note(_ readiness: Readiness) {
        if !readiness.isDisjoint(with: [.readable, .peerClosed, .hungUp, .broken]) { canRead = true }
        if !readiness.isDisjoint(with: [.writable, .hungUp, .broken]) { canWrite = true }
        if !readiness.isDisjoint(with: [.peerClosed, .hungUp, .broken]) { peerHasClosed = true }
        guard tls != nil else { return }
        // TLS may need the one direction to go on with the other.
        if tls?.readWantsWritable == true, canWrite { canRead = true }
        if tls?.writeWantsReadable == true, canRead { canWrite = true }
    }

    /// Reads into the room behind `buffer`'s end, `most` bytes at most.
    public mutating func read(into buffer: inout Buffer, most: Int = .max) -> IOResult {
        guard tls == nil else { return readTLS(into: &buffer, most: most) }
        if let channel {
            let result = channel.read(into: &buffer, most: most)
            canRead = result != .closed && channel.hasMore
            return result
        }
        let wanted = min(buffer.room, most)
        let result = Socket.read(descriptor, into: &buffer, most: wanted)
        switch result {
        case .bytes(let count): if count < wanted, !peerHasClosed { canRead = false }
        case .wouldBlock, .closed, .failed: canRead = false
        }
        return result
    }

    /// Looks at what the next reads will bring, `most` bytes at most; of TLS at one record at most.
    public mutating func peek(into buffer: inout Buffer, most: Int) -> IOResult {
        guard tls == nil else { return peekTLS(into: &buffer, most: most) }
        let result = Socket.peek(descriptor, into: &buffer, most: min(buffer.room, most))
        if result == .wouldBlock { canRead = false }
        return result
    }

    private mutating func peekTLS(into buffer: inout Buffer, most: Int) -> IOResult {
        let result = buffer.withRoom { room, count in
            tls?.peek(into: UnsafeMutableRawBufferPointer(start: room, count: min(count, most))) ?? .closed
        }
        guard let result else { return .wouldBlock }
        if case .bytes(let count) = result { buffer.filled(count) } else { canRead = false }
        return result
    }

    private mutating func readTLS(into buffer: inout Buffer, most: Int) -> IOResult {
        let result = buffer.withRoom { room, count in
            let target = UnsafeMutableRawBufferPointer(start: room, count: min(count, most))
            return tls?.read(into: target) ?? .closed
        }
        guard let result else { return .wouldBlock }
        switch result {
        case .bytes(let count):
            buffer.filled(count)
            if tls?.hasPending != true, !peerHasClosed { canRead = false }
        case .wouldBlock, .closed, .failed: canRead = false
        }
        return result
    }

    /// Writes `bytes`; a short count means that the rest must wait for an event.
    public mutating func write(_ bytes: ByteView) -> IOResult {
        guard canWrite else { return .wouldBlock }
        if let channel {
            let result = channel.write(bytes)
            canWrite = result == .bytes(bytes.count)
            return result
        }
        let result =
            tls == nil
            ? Socket.write(descriptor, bytes)
            : bytes.withPointer { tls?.write(UnsafeRawBufferPointer(start: $0, count: $1)) ?? .closed }
        switch result {
        case .bytes(let count): if count < bytes.count { canWrite = false }
        case .wouldBlock, .closed, .failed: canWrite = false
        }
        return result
    }

    /// Writes `bytes` that others will follow at once, so that they travel together; on a stream that is not encrypted
    /// (yet).
    public mutating func writeAhead(_ bytes: ByteView) -> IOResult {
        guard canWrite else { return .wouldBlock }
        let result = Socket.writeAhead(descriptor, bytes)
        switch result {
        case .bytes(let count): if count < bytes.count { canWrite = false }
        case .wouldBlock, .closed, .failed: canWrite = false
        }
        return result
    }

    /// Writes what waits in `buffer`; false if the connection failed.
    public mutating func flush(_ buffer: inout Buffer) -> Bool {
        while !buffer.isEmpty {
            switch write(buffer.view) {
            case .bytes(let count): buffer.consume(count)
            case .wouldBlock: return true
            case .closed, .failed: return false
            }
        }
        return true
    }

    /// Ends our sending side.
    public mutating func shutdownWrite() {
        if let channel { return channel.finish() }
        tls?.shutdown()
        Socket.shutdownWrite(descriptor)
    }

    /// Lets the connection be closed without its peer being told, if the system allows that. Nothing more is to be sent or read:
    /// also a shut side would tell it.
    public mutating func silence() {
        Socket.silence(descriptor)
        peerHasClosed = true
    }

    /// Closes the connection; TLS says good-bye first, so that the client may resume its session. A stream that has not
    /// ended is reset.
    public mutating func close() {
        guard !isClosed else { return }
        if let channel {
            channel.close()
        } else if hasSocket {
            tls?.shutdown()
            Socket.close(descriptor)
        }
        descriptor = -1
        canRead = false
        canWrite = false
        tls = nil
    }
}
