import Basics
import Kubernetes

/// Any bytes as answers of the API server: decoding is total, and a watch says the same however its bytes arrive.
@c(LLVMFuzzerTestOneInput)
public func fuzzObjects(_ data: UnsafePointer<UInt8>, _ size: Int) -> CInt {
    guard size > 0 else { return 0 }
    let input = Array(UnsafeBufferPointer(start: data + 1, count: size - 1))
    let pieceSize = 1 + Int(data[0] >> 3)
    switch data[0] & 7 {
    case 0, 5: read(Ingress.self, input, pieceSize)
    case 1, 6: read(EndpointSlice.self, input, pieceSize)
    case 2, 7: read(Secret.self, input, pieceSize)
    case 3: read(Service.self, input, pieceSize)
    default: read(IngressClass.self, input, pieceSize)
    }
    return 0
}

private func read<Object: DecodableObject>(_: Object.Type, _ input: [UInt8], _ pieceSize: Int) {
    if let page = try? ListPage<Object>(decoding: input) {
        require(page.items.allSatisfy { !$0.meta.name.isEmpty }, "an object without a name was accepted")
    }
    let whole = events(of: Object.self, input, pieceSize: max(1, input.count))
    let cut = events(of: Object.self, input, pieceSize: pieceSize)
    require(whole.count == cut.count, "cut into pieces: \(cut.count) events, as a whole: \(whole.count)")
    require(zip(whole, cut).allSatisfy(areEqual), "an event differs when it is cut into pieces")
}

/// The events of a watch; nil at the end of a broken stream.
private func events<Object: DecodableObject>(of: Object.Type, _ input: [UInt8], pieceSize: Int)
    -> [WatchEvent<Object>?]
{
    var decoder = WatchDecoder<Object>()
    var events: [WatchEvent<Object>?] = []
    var at = 0
    do throws(JSONError) {
        while at < input.count {
            let end = min(at + pieceSize, input.count)
            decoder.append(Array(input[at..<end]))
            at = end
            while let event = try decoder.next() { events.append(event) }
        }
    } catch {
        events.append(nil)
    }
    return events
}

private func areEqual<Object: DecodableObject>(_ one: WatchEvent<Object>?, _ other: WatchEvent<Object>?)
    -> Bool
{
    switch (one, other) {
    case (nil, nil): true
    case (.added(let one), .added(let other)): one == other
    case (.modified(let one), .modified(let other)): one == other
    case (.deleted(let one), .deleted(let other)): one == other
    case (.bookmark(let one, let isEnd), .bookmark(let other, let isOtherEnd)):
        one == other && isEnd == isOtherEnd
    case (.rejected(let one), .rejected(let other)): one == other
    case (.error, .error): true
    default: false
    }
}
