import Glibc

/// A connection of the demo, read and written with blocking calls that have a time limit.
struct DemoSocket: ~Copyable {
    private let descriptor: Int32
    private var buffer: [UInt8] = []
    /// How long the peer may be silent, in milliseconds: longer than the engine keeps a connection idle.
    private static let patience: Int32 = 120_000

    /// Takes over a connected, non-blocking descriptor.
    init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Reads a whole request; nil when the peer has gone, is silent or sends too much.
    mutating func receiveRequest() -> DemoRequest? {
        while true {
            if let (head, length) = DemoRequest.parse(buffer) {
                buffer.removeFirst(length)
                var request = head
                guard let body = receiveBody(head.framing) else { return nil }
                request.body = body
                return request
            }
            guard buffer.count < 65_536, fill() else { return nil }
        }
    }

    /// What has been read and not used yet.
    mutating func takeBuffered() -> [UInt8] {
        defer { buffer = [] }
        return buffer
    }

    /// Waits for bytes of the peer; nil when it has gone or is silent for too long.
    mutating func receive() -> [UInt8]? {
        if buffer.isEmpty, !fill() { return nil }
        return takeBuffered()
    }

    /// Waits for `milliseconds`, or until the peer has ended the connection: then true.
    func isClosed(within milliseconds: Int32) -> Bool {
        var descriptors = [pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)]
        guard poll(&descriptors, 1, milliseconds) > 0 else { return false }
        var byte: UInt8 = 0
        return recv(descriptor, &byte, 1, Int32(MSG_PEEK)) <= 0
    }

    /// Writes all of it; false when the peer has gone.
    func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count > 0 {
                sent += count
            } else if errno != EINTR, errno != EAGAIN || !wait(for: POLLOUT) {
                return false
            }
        }
        return true
    }

    private mutating func receiveBody(_ framing: DemoRequest.Framing) -> [UInt8]? {
        switch framing {
        case .length(let length): receiveBytes(length)
        case .chunked: receiveChunks()
        }
    }

    /// Reads `length` bytes and keeps the first 64 KiB of them.
    private mutating func receiveBytes(_ length: Int) -> [UInt8]? {
        var kept: [UInt8] = []
        var missing = length
        while missing > 0 {
            if buffer.isEmpty, !fill() { return nil }
            let part = buffer.prefix(missing)
            if kept.count < 65_536 { kept += part }
            missing -= part.count
            buffer.removeFirst(part.count)
        }
        return kept
    }

    private mutating func receiveChunks() -> [UInt8]? {
        var kept: [UInt8] = []
        while true {
            guard let line = receiveLine(), let size = Int(line.prefix { $0 != ";" }, radix: 16), size >= 0
            else { return nil }
            guard size > 0 else { break }
            guard let chunk = receiveBytes(size), receiveLine() != nil else { return nil }
            if kept.count < 65_536 { kept += chunk }
        }
        while let line = receiveLine() {
            if line.isEmpty { return kept }
        }
        return nil
    }

    private mutating func receiveLine() -> String? {
        while true {
            if let end = buffer.firstIndex(of: 10) {
                let line = String(decoding: buffer[..<end].filter { $0 != 13 }, as: UTF8.self)
                buffer.removeFirst(end + 1)
                return line
            }
            guard buffer.count < 65_536, fill() else { return nil }
        }
    }

    private mutating func fill() -> Bool {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &chunk, chunk.count, 0)
            if count > 0 {
                buffer += chunk[..<count]
                return true
            }
            guard count < 0, errno == EINTR || errno == EAGAIN && wait(for: POLLIN) else { return false }
        }
    }

    private func wait(for events: Int32) -> Bool {
        var descriptors = [pollfd(fd: descriptor, events: Int16(events), revents: 0)]
        return poll(&descriptors, 1, Self.patience) > 0
    }
}
