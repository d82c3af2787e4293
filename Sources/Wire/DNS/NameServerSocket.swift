import Basics
import Glibc

/// The way to one name server: datagrams, or one connection with messages behind their lengths (RFC 1035 4.2). It never waits.
public final class NameServerSocket {
    private let address: SocketAddress
    private let usesTCP: Bool
    private let largest: Int
    /// -1 while there is none.
    public private(set) var descriptor: Int32 = -1
    private var isConnected = false
    /// What the connection has not taken so far.
    private var unsent: [UInt8] = []
    private var received: [UInt8] = []

    private static let flags = Int32(MSG_DONTWAIT | MSG_NOSIGNAL)

    /// More than this does not wait for a connection.
    private static let mostUnsent = 1 << 18

    /// To an address; answers have `largest` bytes at most.
    public init(to address: SocketAddress, usesTCP: Bool, largest: Int) {
        (self.address, self.usesTCP, self.largest) = (address, usesTCP, largest)
    }

    deinit { close() }

    /// Opens it if it is not; true if it has just been, and events are to be waited for.
    public func open() -> Bool {
        guard descriptor < 0 else { return false }
        descriptor = usesTCP ? Socket.connect(to: address) : datagrams()
        if descriptor < 0 { descriptor = -1 }
        return descriptor >= 0
    }

    private func datagrams() -> Int32 {
        let kind = Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = socket(address.isV6 ? AF_INET6 : AF_INET, kind, 0)
        guard descriptor >= 0 else { return -1 }
        // Only what comes from there is heard.
        let (storage, count) = address.storage
        let result = withUnsafePointer(to: storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, count) }
        }
        guard result == 0 else {
            Glibc.close(descriptor)
            return -1
        }
        return descriptor
    }

    /// Sends a message, or keeps it until the connection stands; false if it went nowhere.
    public func send(_ message: [UInt8]) -> Bool {
        guard descriptor >= 0, !message.isEmpty, message.count <= 65_535 else { return false }
        guard usesTCP else {
            // One that was refused before is told of now; the next one counts.
            for _ in 0..<2 {
                let count = Glibc.send(descriptor, message, message.count, NameServerSocket.flags)
                if count == message.count { return true }
                guard errno == ECONNREFUSED else { return false }
            }
            return false
        }
        guard unsent.count <= NameServerSocket.mostUnsent else { return false }
        unsent += [UInt8(message.count >> 8), UInt8(truncatingIfNeeded: message.count)] + message
        return flush()
    }

    /// Something may be read or written. The messages that have come.
    public func messages() -> [[UInt8]] {
        guard descriptor >= 0 else { return [] }
        if usesTCP, !flush() { return [] }
        var messages: [[UInt8]] = []
        var buffer = [UInt8](repeating: 0, count: usesTCP ? 16_384 : largest + 1)
        while descriptor >= 0 {
            let count = recv(descriptor, &buffer, buffer.count, NameServerSocket.flags)
            if count < 0 {
                if errno == EINTR || (!usesTCP && errno == ECONNREFUSED) { continue }
                if usesTCP, errno != EAGAIN, errno != ENOTCONN { close() }
                return messages
            }
            guard usesTCP else {
                messages.append(Array(buffer.prefix(count)))
                continue
            }
            guard count > 0 else {
                close()
                return messages
            }
            received += buffer.prefix(count)
            messages += takeWhole()
        }
        return messages
    }

    /// Forgets the connection: the next question makes another one.
    public func close() {
        if descriptor >= 0 { Glibc.close(descriptor) }
        descriptor = -1
        (unsent, received) = ([], [])
    }

    private func takeWhole() -> [[UInt8]] {
        var messages: [[UInt8]] = []
        var start = 0
        while received.count - start >= 2 {
            let length = Int(received[start]) << 8 | Int(received[start + 1])
            guard received.count - start - 2 >= length else { break }
            messages.append(Array(received[(start + 2)..<(start + 2 + length)]))
            start += 2 + length
        }
        received.removeFirst(start)
        return messages
    }

    /// False if the connection has failed.
    private func flush() -> Bool {
        while !unsent.isEmpty {
            let count = Glibc.send(
                descriptor, unsent, unsent.count, NameServerSocket.flags)
            if count < 0 {
                // Until it stands.
                if errno == EAGAIN || errno == ENOTCONN { return true }
                close()
                return false
            }
            unsent.removeFirst(count)
        }
        return true
    }
}
