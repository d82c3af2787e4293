import Basics
import Wire

/// Any bytes as the head of a server's answer: nothing is read outside of them, and the answer does not depend on how
/// they were cut into pieces.
@c(LLVMFuzzerTestOneInput)
public func fuzzResponseHead(_ data: UnsafePointer<UInt8>, _ size: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: data, count: min(size, 16_384)))
    let whole = responseProgress(of: input, pieces: 1)
    let cut = responseProgress(of: input, pieces: 1 + Int(input.last ?? 0) % 7)
    require(whole.means(cut), "cut into pieces: \(cut), as a whole: \(whole)")
    return 0
}

// The fuzzer has one thread.
private nonisolated(unsafe) let tables = HeaderTablePool(keep: 2)

private func responseProgress(of input: [UInt8], pieces: Int) -> HeadProgress {
    var head = ResponseHead()
    tables.lend(to: &head.fields)
    defer { tables.takeBack(&head.fields) }
    var progress = HeadProgress.incomplete
    for piece in 1...pieces where progress == .incomplete {
        let count = input.count * piece / pieces
        let memory = ExactMemory(input.prefix(count))
        progress = head.parse(ByteView(start: memory.start, count: count))
        if case .complete(let length) = progress {
            require(length <= count, "longer than what arrived")
            require((100...999).contains(head.status), "status \(head.status) was accepted")
            if case .length(let bytes) = head.framing { require(bytes >= 0, "a negative length") }
        }
    }
    return progress
}
