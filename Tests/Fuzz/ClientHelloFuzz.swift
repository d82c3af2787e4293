import Basics
import Wire

/// Any bytes as a client's first TLS records: nothing is read outside of them, the answer does not depend on how they
/// were cut into pieces or records, and what is found stands inside the message.
@c(LLVMFuzzerTestOneInput)
public func fuzzClientHello(_ data: UnsafePointer<UInt8>, _ size: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: data, count: min(size, 40_000)))
    let whole = helloReading(of: input, pieces: 1)
    let cut = helloReading(of: input, pieces: 1 + Int(input.last ?? 0) % 7)
    require(whole == cut, "cut into pieces: \(cut), as a whole: \(whole)")
    guard whole.progress == .complete else { return 0 }
    require(whole.name.count <= 255, "a name of \(whole.name.count) bytes")
    let size = whole.message.count / 60 + 1 + Int(input.last ?? 0)
    var records: [UInt8] = []
    for start in stride(from: 0, to: whole.message.count, by: size) {
        let piece = whole.message[start..<min(start + size, whole.message.count)]
        records += [22, 3, 1, UInt8(piece.count >> 8), UInt8(piece.count & 255)] + piece
    }
    require(helloReading(of: records, pieces: 1) == whole, "in other records it is another")
    return 0
}

private struct HelloReading: Equatable {
    var progress = ClientHelloProgress.incomplete
    var name: [UInt8] = []
    var protocols: [[UInt8]] = []
    var version: UInt16 = 0
    var message: [UInt8] = []
}

private func helloReading(of input: [UInt8], pieces: Int) -> HelloReading {
    var hello = ClientHello()
    var reading = HelloReading()
    var message = Buffer(capacity: ClientHello.limit)
    for piece in 1...pieces where reading.progress == .incomplete {
        let count = input.count * piece / pieces
        let memory = ExactMemory(input.prefix(count), slack: 0)
        reading.progress = hello.parse(ByteView(start: memory.start, count: count), message: &message)
    }
    guard reading.progress == .complete else { return reading }
    reading.message = message.view.bytes
    if let name = hello.serverName { reading.name = message.view[name].bytes }
    var names = hello.protocols(in: message.view)
    while let name = names.next() { reading.protocols.append(name.bytes) }
    reading.version = hello.newestVersion(in: message.view)
    return reading
}
