import Basics

@testable import Wire

/// What a FastCGI server's bytes came to when they arrived in the given pieces.
struct RecordReading: Equatable {
    var content: [UInt8] = []
    var errors = ""
    var rest = 0
    var progress = FastCGIProgress.more

    init(_ bytes: [UInt8], cuts: [Int] = [], errorRoom: Int = 4096) {
        var decoder = FastCGIDecoder()
        var messages = Buffer()
        let pool = BufferPool(size: errorRoom, keep: 1)
        var start = 0
        for end in cuts + [bytes.count] where progress == .more {
            var piece = Array(bytes[start..<end])
            var pieces = FastCGIDecoder.Pieces()
            progress = piece.withUnsafeMutableBufferPointer { memory -> FastCGIProgress in
                guard let base = memory.baseAddress else { return .more }
                return decoder.decode(
                    base, count: memory.count, pieces: &pieces, errors: &messages, pool: pool)
            }
            content += piece.prefix(pieces.content)
            rest = pieces.rest + (progress == .more ? 0 : bytes.count - end)
            start = end
        }
        errors = messages.view.text
    }

    var text: String { String(decoding: content, as: UTF8.self) }

    /// A record as a server sends it.
    static func record(
        _ kind: UInt8, _ content: String, padding: Int = 0, request: UInt16 = 1, version: UInt8 = 1
    ) -> [UInt8] {
        let bytes = Array(content.utf8)
        return [
            version, kind, UInt8(request >> 8), UInt8(request & 255), UInt8(bytes.count >> 8),
            UInt8(bytes.count & 255), UInt8(padding), 0x55,
        ] + bytes + Array(repeating: 0x58, count: padding)
    }

    static func end(_ status: UInt8 = 0, padding: Int = 0) -> [UInt8] {
        [1, 3, 0, 1, 0, 8, UInt8(padding), 0, 1, 2, 3, 4, status, 9, 9, 9]
            + Array(repeating: 0x58, count: padding)
    }
}
