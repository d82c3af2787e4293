import Basics
import Wire

/// Any bytes as what a peer says, lines or messages: they come to the same however they were cut into pieces, and every update is read
/// by the table that was announced before it.
@c(LLVMFuzzerTestOneInput)
public func fuzzPeers(_ data: UnsafePointer<UInt8>, _ size: Int) -> CInt {
    guard size > 0 else { return 0 }
    let input = Array(UnsafeBufferPointer(start: data + 1, count: min(size - 1, 16_384)))
    let whole = heard(input, pieceSize: max(1, input.count))
    let cut = heard(input, pieceSize: 1 + Int(data[0]) % 16)
    require(whole == cut, "cut into pieces: \(cut), as a whole: \(whole)")
    again(whole)
    return 0
}

/// What was understood, and what ended it.
private struct Heard: Equatable {
    var lines: [String] = []
    var messages: [PeerMessage] = []
    var updates: [PeerUpdate] = []
    var tables: [PeerTable] = []
    var fault: PeerFault?
}

/// Three lines as in a greeting if it begins like one, and messages from then on.
private func heard(_ input: [UInt8], pieceSize: Int) -> Heard {
    var (decoder, names, heard) = (PeerDecoder(), PeerNames(), Heard())
    var table: PeerTable?
    let wanted = input.first == UInt8(ascii: "H") ? 3 : 0
    var at = 0
    do throws(PeerFault) {
        while at < input.count {
            let end = min(at + pieceSize, input.count)
            Array(input[at..<end]).withView { decoder.append($0) }
            at = end
            while heard.lines.count < wanted, let line = try decoder.line() { heard.lines.append(line) }
            guard heard.lines.count == wanted else { continue }
            while let message = try decoder.next() {
                heard.messages.append(message)
                if case .definition(let new) = message {
                    table = new
                    if let new { heard.tables.append(new) }
                }
                guard case .update(let hasID, let isTimed, let payload) = message, let table else { continue }
                let update = try PeerUpdate(
                    reading: payload, hasID: hasID, isTimed: isTimed, of: table, &names)
                heard.updates.append(update)
            }
        }
    } catch {
        heard.fault = error
    }
    return heard
}

/// Tables that were read are written so that they read the same.
private func again(_ heard: Heard) {
    for table in heard.tables {
        var decoder = PeerDecoder()
        table.bytes.withView { decoder.append($0) }
        let read = try? decoder.next()
        require(read == .definition(table), "\(table) comes back as \(String(describing: read))")
    }
}
