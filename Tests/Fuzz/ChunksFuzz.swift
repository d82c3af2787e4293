import Basics
import Wire

/// Any bytes as a chunked body: content and what follows it are the same however the bytes were cut into pieces, and
/// nothing is written outside of the buffer they came in.
@c(LLVMFuzzerTestOneInput)
public func fuzzChunks(_ data: UnsafePointer<UInt8>, _ size: Int) -> CInt {
    guard size > 0 else { return 0 }
    let input = Array(UnsafeBufferPointer(start: data + 1, count: size - 1))
    let whole = decoded(input, pieceSize: max(1, input.count))
    let cut = decoded(input, pieceSize: 1 + Int(data[0]) % 16)
    require(whole == cut, "cut into pieces: \(cut), as a whole: \(whole)")
    return 0
}

/// What a body came to.
private struct Outcome: Equatable {
    var content: [UInt8] = []
    var trailers: [UInt8] = []
    var rest = 0
    var isComplete = false
    var isRefused = false
}

private func decoded(_ input: [UInt8], pieceSize: Int) -> Outcome {
    var decoder = BodyDecoder(.chunked)
    var trailers = Buffer()
    let pool = BufferPool(size: 4_096, keep: 1)
    var outcome = Outcome()
    var at = 0
    while at < input.count, !outcome.isComplete, !outcome.isRefused {
        let end = min(at + pieceSize, input.count)
        let memory = ExactMemory(input[at..<end], slack: 0)
        var pieces = BodyDecoder.Pieces()
        let progress = decoder.decode(
            memory.start, count: end - at, pieces: &pieces, trailers: &trailers, pool: pool)
        if case .refused = progress {
            // How much was passed on before the fault shows depends on the cut; that it is a fault does not.
            return Outcome(isRefused: true)
        }
        require(pieces.content + pieces.rest <= end - at, "more came out than went in")
        outcome.content += UnsafeBufferPointer(start: memory.start, count: pieces.content)
        outcome.isComplete = progress == .complete
        at = end - pieces.rest
        require(pieces.rest == 0 || outcome.isComplete, "bytes were left in the middle of a body")
    }
    outcome.rest = input.count - at
    for i in 0..<trailers.count { outcome.trailers.append(trailers.view[i]) }
    return outcome
}
