import Basics
import Glibc

@testable import Engine

/// A pipe whose reading end tests read from.
final class TestPipe {
    let reading: Int32
    let writing: Int32

    struct Failure: Error {
        let code: Int32
    }

    init() throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw Failure(code: errno) }
        (reading, writing) = (ends[0], ends[1])
    }

    deinit {
        close(reading)
        close(writing)
    }

    /// Reads so many bytes; nil if they do not come.
    func read(count: Int) -> String? {
        var text: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while text.count < count {
            var entry = pollfd(fd: reading, events: Int16(POLLIN), revents: 0)
            guard poll(&entry, 1, patience) > 0 else { return nil }
            let got = Glibc.read(reading, &piece, min(piece.count, count - text.count))
            guard got > 0 else { return nil }
            text += piece[..<got]
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Reads one line without its end; nil if none comes.
    func line() -> String? {
        var text = ""
        while let next = read(count: 1) {
            guard next != "\n" else { return text }
            text += next
        }
        return nil
    }

    /// What has been written and not been read.
    func readWhatIsThere() -> String {
        var text: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            var entry = pollfd(fd: reading, events: Int16(POLLIN), revents: 0)
            guard poll(&entry, 1, 0) > 0 else { break }
            let got = Glibc.read(reading, &piece, piece.count)
            guard got > 0 else { break }
            text += piece[..<got]
        }
        return String(decoding: text, as: UTF8.self)
    }
}
