import Basics
import Glibc
import Synchronization
import Wire

/// How long tests wait for what has to happen; reaching it is a failure.
let patience: Int32 = 10_000

/// Asks again and again until it is so; false if patience ends.
func eventually(_ isSo: () -> Bool) -> Bool {
    let end = Clock.now() + UInt64(patience) * 1_000_000
    while Clock.now() < end {
        if isSo() { return true }
        poll(nil, 0, 1)
    }
    return isSo()
}

/// One end of a TCP connection with calls that wait: for one thread at a time.
final class TestConnection: Sendable {
    let descriptor: Int32
    private let received = Mutex<[UInt8]>([])
    private let isOpen = Atomic<Bool>(true)

    /// Takes a non-blocking socket over.
    init(descriptor: Int32) { self.descriptor = descriptor }

    /// Connects to a port of this host.
    convenience init(port: UInt16) {
        self.init(descriptor: Socket.connect(to: SocketAddress("127.0.0.1", port: port) ?? SocketAddress()))
        _ = wait(for: POLLOUT)
    }

    deinit { close() }

    func close() {
        if isOpen.exchange(false, ordering: .relaxed) { Socket.close(descriptor) }
    }

    /// Sends all of `text`; false if the peer does not take it.
    @discardableResult
    func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    /// Sends all of `bytes`; false if the peer does not take them.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            switch Array(bytes[sent...]).withView({ Socket.write(descriptor, $0) }) {
            case .bytes(let count): sent += count
            case .wouldBlock: guard wait(for: POLLOUT) else { return false }
            default: return false
            }
        }
        return true
    }

    /// Sends `text` again and again until the peer has taken nothing for a while, and tells how much it took.
    func sendUntilFull(_ text: String, most: Int) -> Int {
        let bytes = Array(text.utf8)
        var sent = 0
        while sent < most {
            let rest = Array(bytes[(sent % bytes.count)...])
            switch rest.withView({ Socket.write(descriptor, $0) }) {
            case .bytes(let count): sent += count
            case .wouldBlock: guard wait(for: POLLOUT, 300) else { return sent }
            default: return sent
            }
        }
        return sent
    }

    /// Reads up to and including `end`; nil if the connection ends or patience does.
    func read(through end: String) -> String? {
        let wanted = Array(end.utf8)
        while true {
            let found = received.withLock { bytes -> String? in
                guard let range = bytes.firstRange(of: wanted) else { return nil }
                let text = String(decoding: bytes[..<range.upperBound], as: UTF8.self)
                bytes.removeFirst(range.upperBound)
                return text
            }
            if let found { return found }
            guard fill() else { return nil }
        }
    }

    /// Reads so many bytes; nil if the connection ends or patience does.
    func read(count: Int) -> String? {
        readBytes(count: count).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The same without taking them for text.
    func readBytes(count: Int) -> [UInt8]? {
        while true {
            let found = received.withLock { bytes -> [UInt8]? in
                guard bytes.count >= count else { return nil }
                let first = Array(bytes[..<count])
                bytes.removeFirst(count)
                return first
            }
            if let found { return found }
            guard fill() else { return nil }
        }
    }

    /// The next bytes, whatever they are; nil if the connection ends or patience does.
    func readSome() -> [UInt8]? {
        let waiting = received.withLock { bytes in
            defer { bytes = [] }
            return bytes
        }
        if !waiting.isEmpty { return waiting }
        guard fill() else { return nil }
        return readSome()
    }

    /// Whether the peer ends the connection, after whatever it still sends.
    var isEndedByPeer: Bool {
        var buffer = Buffer(capacity: 64 * 1024)
        while true {
            buffer.reset()
            switch Socket.read(descriptor, into: &buffer) {
            case .bytes: continue
            case .wouldBlock: guard wait(for: POLLIN) else { return false }
            case .closed, .failed: return true
            }
        }
    }

    /// Whether something can be read now: bytes or the end.
    /// Never after `close()`: its number may be somebody else's by then.
    var isReadable: Bool { isOpen.load(ordering: .relaxed) && wait(for: POLLIN, 0) }

    private func fill() -> Bool {
        var buffer = Buffer(capacity: 64 * 1024)
        while true {
            switch Socket.read(descriptor, into: &buffer) {
            case .bytes:
                let bytes = buffer.view.bytes
                received.withLock { $0 += bytes }
                return true
            case .wouldBlock: guard wait(for: POLLIN) else { return false }
            case .closed, .failed: return false
            }
        }
    }

    func wait(for events: Int32, _ milliseconds: Int32 = patience) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        return poll(&entry, 1, milliseconds) > 0
    }
}

/// What came back for a request.
struct TestAnswer: Equatable {
    var status: Int
    var body: String
    var head = ""

    static func == (left: TestAnswer, right: TestAnswer) -> Bool {
        left.status == right.status && left.body == right.body
    }
}

extension TestConnection {
    /// Reads one answer with a length.
    func answer() -> TestAnswer? {
        guard let head = read(through: "\r\n\r\n") else { return nil }
        let lines = head.split(separator: "\r\n")
        let status = lines.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        let length = lines.first { $0.lowercased().hasPrefix("content-length:") }
            .flatMap { Int($0.split(separator: ":")[1].drop { $0 == " " }) }
        guard let body = read(count: length ?? 0) else { return nil }
        return TestAnswer(status: status, body: body, head: head)
    }

    /// Asks for a path and reads the answer.
    func get(_ path: String, host: String = "shop.example") -> TestAnswer? {
        ask(path, host: host)
        return answer()
    }

    /// Asks for a path without reading.
    func ask(_ path: String, host: String = "shop.example") {
        send("GET \(path) HTTP/1.1\r\nHost: \(host)\r\n\r\n")
    }
}

extension [UInt8] {
    fileprivate func firstRange(of wanted: [UInt8]) -> Range<Int>? {
        guard count >= wanted.count else { return nil }
        for start in 0...(count - wanted.count) where self[start..<start + wanted.count].elementsEqual(wanted)
        {
            return start..<start + wanted.count
        }
        return nil
    }
}
