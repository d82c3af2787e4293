import Admin
import Basics
import Glibc
import Wire

/// `sluice admin`: a line of commands for the runtime API of a running instance, and what it answers.
struct AdminCommand {
    private let place: String
    private let words: [String]
    private let milliseconds: Int

    init(_ arguments: Arguments) throws(UsageError) {
        guard let path = arguments.value("admin-socket") else {
            throw .conflict("admin: give --admin-socket PATH, as the instance was given it")
        }
        place = path
        words = arguments.operands
        milliseconds = arguments.value("timeout").flatMap(ValueForm.milliseconds) ?? 10_000
    }

    /// What is sent: the words as one line, and behind a line that ends in `<<` all of the input and an empty line.
    static func request(_ words: [String], input: () -> [UInt8]) -> [UInt8] {
        let line = words.joined(separator: " ")
        let command = Array((line + "\n").utf8)
        guard line.hasSuffix("<<") else { return command }
        let payload = input()
        return command + payload + Array((payload.last == UInt8(ascii: "\n") ? "\n" : "\n\n").utf8)
    }

    /// Whether an answer says that there is no such command.
    static func isUnknown(_ answer: [UInt8]) -> Bool { answer.starts(with: Array("Unknown command".utf8)) }

    /// Sends it and writes what comes back as it comes. Answers whether it was a command.
    func run() throws(StartError) -> Bool {
        let request = AdminCommand.request(words) { AdminCommand.input() }
        guard let address = SocketAddress(local: "unix@\(place)") else {
            throw StartError("--admin-socket \(place): not the path of a socket")
        }
        let descriptor = Socket.connect(to: address)
        guard descriptor >= 0 else {
            throw StartError(
                "--admin-socket \(place): \(Wire.SystemError.text(-descriptor)); does an instance run with it?"
            )
        }
        defer { Socket.close(descriptor) }
        try send(request, to: descriptor)
        Socket.shutdownWrite(descriptor)
        return try passOn(from: descriptor)
    }

    private func send(_ bytes: [UInt8], to descriptor: Int32) throws(StartError) {
        var sent = 0
        while sent < bytes.count {
            switch Array(bytes[sent...]).withView({ Socket.write(descriptor, $0) }) {
            case .bytes(let count): sent += count
            case .wouldBlock: try wait(for: POLLOUT, descriptor)
            // It has answered before it has read everything.
            case .closed, .failed: return
            }
        }
    }

    private func passOn(from descriptor: Int32) throws(StartError) -> Bool {
        var buffer = Buffer(capacity: 64 * 1024)
        var first: [UInt8] = []
        while true {
            buffer.reset()
            switch Socket.read(descriptor, into: &buffer) {
            case .bytes:
                if first.count < 64 { first += buffer.view.bytes.prefix(64) }
                Output.write(buffer.view.bytes)
            case .wouldBlock: try wait(for: POLLIN, descriptor)
            case .closed: return !AdminCommand.isUnknown(first)
            case .failed(let code):
                throw StartError("--admin-socket \(place): \(Wire.SystemError.text(code))")
            }
        }
    }

    private func wait(for events: Int32, _ descriptor: Int32) throws(StartError) {
        var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        guard poll(&entry, 1, Int32(clamping: milliseconds)) != 0 else {
            throw StartError("--admin-socket \(place): no answer for \(milliseconds) ms")
        }
    }

    /// All of standard input, 16 MiB at most.
    private static func input() -> [UInt8] {
        var (all, piece) = ([UInt8](), [UInt8](repeating: 0, count: 64 * 1024))
        while all.count < 16 << 20 {
            let count = read(STDIN_FILENO, &piece, piece.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            all += piece[..<count]
        }
        return all
    }
}
