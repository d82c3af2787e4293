import Basics
import Wire

/// Any bytes as a request head: nothing is read outside of them, the answer does not depend on how they were cut into
/// pieces, and what is accepted is unambiguous.
@c(LLVMFuzzerTestOneInput)
public func fuzzRequestHead(_ data: UnsafePointer<UInt8>, _ size: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: data, count: min(size, 16_384)))
    let whole = withRequestHead(of: input, pieces: 1) { head, progress, bytes in
        if case .complete(let count) = progress {
            checkAccepted(head, ByteView(start: bytes.start, count: count))
        }
        return progress
    }
    let cut = withRequestHead(of: input, pieces: 1 + Int(input.first ?? 0) % 7) { _, progress, _ in progress }
    require(whole.means(cut), "cut into pieces: \(cut), as a whole: \(whole)")
    return 0
}

/// Bytes and where they begin, for checks.
private struct Received {
    let start: UnsafePointer<UInt8>
}

// The fuzzer has one thread.
private nonisolated(unsafe) let tables = HeaderTablePool(keep: 2)

/// Parses `input` as it would arrive in so many pieces and hands over the last answer.
private func withRequestHead<Result>(
    of input: [UInt8], pieces: Int, _ body: (borrowing RequestHead, HeadProgress, Received) -> Result
) -> Result {
    var head = RequestHead()
    tables.lend(to: &head.fields)
    defer { tables.takeBack(&head.fields) }
    var progress = HeadProgress.incomplete
    for piece in 1...pieces {
        let count = input.count * piece / pieces
        let memory = ExactMemory(input.prefix(count))
        progress = head.parse(ByteView(start: memory.start, count: count))
        if progress != .incomplete || piece == pieces {
            return body(head, progress, Received(start: memory.start))
        }
    }
    fatalError("there is a last piece")
}

private func checkAccepted(_ head: borrowing RequestHead, _ bytes: ByteView) {
    for range in [head.method, head.target, head.path, head.host] {
        require(
            range.indices.lowerBound >= 0 && range.indices.upperBound <= bytes.count, "range outside")
    }
    require(!head.method.isEmpty && !head.target.isEmpty, "an empty method or target")
    for i in 0..<bytes.count {
        let byte = bytes[i]
        require(byte != 0, "NUL was accepted")
        if byte == 10 { require(i > 0 && bytes[i - 1] == 13, "a bare LF was accepted") }
        if byte == 13 { require(i + 1 < bytes.count && bytes[i + 1] == 10, "a bare CR was accepted") }
    }
    checkFraming(head)
    checkPath(head, bytes)
}

private func checkFraming(_ head: borrowing RequestHead) {
    var (lengths, encodings, hosts) = (0, 0, 0)
    for i in 0..<head.fields.count {
        switch head.fields[i].name {
        case .contentLength: lengths += 1
        case .transferEncoding: encodings += 1
        case .host: hosts += 1
        default: break
        }
    }
    require(lengths + encodings <= 1, "two framings were accepted")
    require(hosts == 1 || head.minorVersion == 0 && hosts == 0, "\(hosts) Host fields were accepted")
    switch head.framing {
    case .none: require(encodings == 0, "a transfer coding was passed over")
    case .length(let length): require(lengths == 1 && length >= 0, "a length from nowhere")
    case .chunked: require(encodings == 1, "chunks from nowhere")
    case .untilClose: fatalError("a request has no body until close")
    }
}

/// What is forwarded holds no segment that a server could resolve to something else.
private func checkPath(_ head: borrowing RequestHead, _ bytes: ByteView) {
    guard head.hasDotSegments else { return }
    var output = Buffer(capacity: 32_768)
    guard DotSegments.resolve(bytes[head.path.indices], into: &output) else { return }
    let path = output.view.firstIndex(of: UInt8(ascii: "?")).map { output.view[0..<$0] } ?? output.view
    var segment: [UInt8] = []
    for i in 0...path.count {
        if i < path.count, path[i] != UInt8(ascii: "/") {
            segment.append(path[i])
            continue
        }
        require(segment != [46] && segment != [46, 46], "a dot segment is left")
        segment = []
    }
}
