import Basics
import Wire

/// Any bytes as what a FastCGI server says: records and the head in them come to the same however the bytes were cut into
/// pieces, and nothing outside of them is read or written.
@c(LLVMFuzzerTestOneInput)
public func fuzzFastCGI(_ data: UnsafePointer<UInt8>, _ size: Int) -> CInt {
    guard size > 0 else { return 0 }
    let input = Array(UnsafeBufferPointer(start: data + 1, count: min(size - 1, 16_384)))
    let whole = said(input, pieceSize: max(1, input.count))
    let cut = said(input, pieceSize: 1 + Int(data[0]) % 16)
    require(whole == cut, "cut into pieces: \(cut), as a whole: \(whole)")
    let known = cgiProgress(of: whole.content, pieces: 1)
    let pieces = cgiProgress(of: whole.content, pieces: 1 + Int(data[0]) % 7)
    require(known.means(pieces), "a head cut into pieces: \(pieces), as a whole: \(known)")
    return 0
}

/// What the server has said.
private struct Saying: Equatable {
    var content: [UInt8] = []
    var errors: [UInt8] = []
    var rest = 0
    var progress = FastCGIProgress.more
}

private func said(_ input: [UInt8], pieceSize: Int) -> Saying {
    var decoder = FastCGIDecoder()
    var errors = Buffer()
    let pool = BufferPool(size: 256, keep: 1)
    var saying = Saying()
    var at = 0
    while at < input.count, saying.progress == .more {
        let end = min(at + pieceSize, input.count)
        let memory = ExactMemory(input[at..<end], slack: 0)
        var pieces = FastCGIDecoder.Pieces()
        saying.progress = decoder.decode(
            memory.start, count: end - at, pieces: &pieces, errors: &errors, pool: pool)
        // How much was passed on before the fault shows depends on the cut; that it is a fault does not.
        if case .refused = saying.progress { return Saying(progress: saying.progress) }
        require(pieces.content + pieces.rest <= end - at, "more came out than went in")
        saying.content += UnsafeBufferPointer(start: memory.start, count: pieces.content)
        at = end - pieces.rest
        require(pieces.rest == 0 || saying.progress != .more, "bytes were left in the middle of an answer")
    }
    saying.rest = input.count - at
    for i in 0..<errors.count { saying.errors.append(errors.view[i]) }
    return saying
}

// The fuzzer has one thread.
private nonisolated(unsafe) let tables = HeaderTablePool(keep: 2)

private func cgiProgress(of input: [UInt8], pieces: Int) -> HeadProgress {
    var head = ResponseHead()
    tables.lend(to: &head.fields)
    defer { tables.takeBack(&head.fields) }
    var progress = HeadProgress.incomplete
    for piece in 1...pieces where progress == .incomplete {
        let count = input.count * piece / pieces
        let memory = ExactMemory(input.prefix(count))
        progress = head.parseCGI(ByteView(start: memory.start, count: count))
        if case .complete(let length) = progress {
            require(length <= count, "longer than what arrived")
            require((200...999).contains(head.status), "status \(head.status) was accepted")
            if case .length(let bytes) = head.framing { require(bytes >= 0, "a negative length") }
        }
    }
    return progress
}
