import Basics
import Wire

/// Any bytes as a PROXY header: nothing is read outside of them, the answer does not depend on how they were cut, and
/// what was understood, written anew, is understood alike.
@c(LLVMFuzzerTestOneInput)
public func fuzzProxyHeader(_ data: UnsafePointer<UInt8>, _ size: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: data, count: min(size, 8_192)))
    let whole = proxyReading(of: input, pieces: 1)
    let cut = proxyReading(of: input, pieces: 1 + Int(input.last ?? 0) % 7)
    require(whole.progress == cut.progress, "cut into pieces: \(cut.progress), as a whole: \(whole.progress)")
    require(whole.header == cut.header, "cut into pieces, the header says something else")
    guard case .complete(let count) = whole.progress else { return 0 }
    require(count <= input.count && count <= ProxyHeader.binaryLimit, "longer than what arrived or may be")
    require(whole.header.addresses == nil || whole.header.command == .proxy, "addresses of nobody")
    rewrite(whole.header.addresses)
    return 0
}

/// Reads the fields too, which must stay inside the header.
private func proxyReading(of input: [UInt8], pieces: Int) -> (
    progress: ProxyHeaderProgress, header: ProxyHeader
) {
    var header = ProxyHeader()
    var progress = ProxyHeaderProgress.incomplete
    for piece in 1...pieces where progress == .incomplete {
        let count = input.count * piece / pieces
        let memory = ExactMemory(input.prefix(count), slack: 0)
        let view = ByteView(start: memory.start, count: count)
        progress = header.parse(view)
        guard case .complete(let length) = progress else { continue }
        var bytes = 0
        for type in UInt8.min...UInt8.max {
            bytes += header.value(ofType: type, in: view[0..<length])?.count ?? 0
        }
        bytes += header.tls?.value(of: .commonName, in: view[0..<length])?.count ?? 0
        require(bytes <= 2 * length, "more in the fields than in the header")
    }
    return (progress, header)
}

private func rewrite(_ addresses: ProxyAddresses?) {
    for version in [ProxyHeaderWriter.Version.text, .binary] {
        var buffer = Buffer(capacity: 256)
        let writer = ProxyHeaderWriter(version, options: .checksum)
        require(writer.append(ProxyFacts(addresses: addresses), to: &buffer), "does not fit")
        var again = ProxyHeader()
        require(again.parse(buffer.view) == .complete(count: buffer.count), "what we write is refused")
        require(
            again.addresses == addresses,
            "\(String(describing: again.addresses)) was \(String(describing: addresses))")
    }
}
