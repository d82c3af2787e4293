import Basics
import Testing

@testable import Wire

/// Gives a compressor its input in pieces and takes what it makes in pieces.
struct CompressionRun {
    let compressor: any Compressor
    var output: [UInt8] = []

    init(_ compressor: any Compressor) { self.compressor = compressor }

    /// Calls until the purpose is fulfilled, with `room` for each call.
    mutating func feed(_ bytes: [UInt8], _ purpose: CompressionPurpose = .run, room: Int = 4_096) throws {
        var at = 0
        var idle = 0
        while true {
            var buffer = Buffer(capacity: room)
            let result = Array(bytes[at...]).withView { compressor.compress($0, into: &buffer, purpose) }
            let step = try #require(result)
            let made = buffer.view.bytes
            #expect(made.count == step.produced)
            output += made
            at += step.consumed
            if step.isDone { break }
            idle = step.consumed + step.produced == 0 ? idle + 1 : 0
            try #require(idle < 3, "it takes nothing and gives nothing")
        }
        #expect(at == bytes.count)
    }

    /// The body in pieces of `size` bytes, and its end.
    mutating func all(_ bytes: [UInt8], size: Int, room: Int) throws {
        for start in stride(from: 0, to: bytes.count, by: size) {
            try feed(Array(bytes[start..<min(start + size, bytes.count)]), room: room)
        }
        try feed([], .finish, room: room)
    }
}

/// Bodies to compress.
enum CompressionBodies {
    /// Text as pages have it.
    static func text(_ count: Int) -> [UInt8] {
        let words = [
            "<div class=\"row\">", "compress", "</div>\n", "the ", "of ", "<a href=\"/x\">", "1234",
            "\u{20AC}",
        ]
        var random = SeededRandom(seed: 7)
        var bytes: [UInt8] = []
        while bytes.count < count { bytes += Array((words.randomElement(using: &random) ?? "").utf8) }
        return Array(bytes.prefix(count))
    }

    /// Bytes nothing can be made of.
    static func noise(_ count: Int) -> [UInt8] {
        var random = SeededRandom(seed: 11)
        return (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    }
}
