import Basics

@testable import Wire

/// What a body's bytes came to when they arrived in the given pieces.
struct BodyReading: Equatable {
    var content: [UInt8] = []
    var trailers = ""
    /// What followed the body in the piece that ended it, with all later pieces.
    var rest: [UInt8] = []
    var progress = BodyProgress.more

    init(_ framing: BodyFraming, _ bytes: [UInt8], cuts: [Int] = [], trailerRoom: Int = 4096) {
        var decoder = BodyDecoder(framing)
        var lines = Buffer()
        let pool = BufferPool(size: trailerRoom, keep: 1)
        var start = 0
        for end in cuts + [bytes.count] where progress == .more {
            var piece = Array(bytes[start..<end])
            var pieces = BodyDecoder.Pieces()
            progress = piece.withUnsafeMutableBufferPointer { memory -> BodyProgress in
                guard let base = memory.baseAddress else { return decoder.isComplete ? .complete : .more }
                return decoder.decode(
                    base, count: memory.count, pieces: &pieces, trailers: &lines, pool: pool)
            }
            if case .refused = progress { break }
            content += piece.prefix(pieces.content)
            if progress == .complete {
                rest = Array(piece[pieces.content..<pieces.content + pieces.rest]) + bytes[end...]
            }
            start = end
        }
        trailers = lines.view.text
    }

    init(_ framing: BodyFraming, _ text: String, cuts: [Int] = [], trailerRoom: Int = 4096) {
        self.init(framing, Array(text.utf8), cuts: cuts, trailerRoom: trailerRoom)
    }

    var text: String { String(decoding: content, as: UTF8.self) }
    var restText: String { String(decoding: rest, as: UTF8.self) }

    /// Why the body was refused; nil if it was not.
    var refusal: HeadError? {
        guard case .refused(let error) = progress else { return nil }
        return error
    }
}
