import Basics
import Testing

@testable import Wire

/// Streams that were nearly right: whatever is changed in them, they come to the same in pieces as in one, and nothing traps.
@Suite("Peers: mutations")
struct PeerMutationTests {
    private struct Heard: Equatable {
        var messages: [PeerMessage] = []
        var updates: [PeerUpdate] = []
        var fault: PeerFault?
    }

    private var stream: [UInt8] {
        let table = PeerTable(
            id: 1, name: "t", keys: .string, keySize: 32,
            data: [
                PeerTable.Data(0), PeerTable.Data(10, period: 10_000), PeerTable.Data(19),
                PeerTable.Data(23, count: 2),
            ], expire: 60_000)
        let rate = PeerUpdate.Value.rate(PeerUpdate.Rate(age: 70_000, current: 3, previous: 500))
        var names = PeerNames()
        var bytes = table.bytes
        for number in 0..<4 {
            let values: [PeerUpdate.Value] = [
                .number(UInt64(number)), rate, .name(Array("s\(number % 2)".utf8)), .number(.max), .number(0),
            ]
            let update = PeerUpdate(
                id: number == 0 ? 1 : nil, expiresIn: number == 3 ? 9 : nil, key: Array("key\(number)".utf8),
                values: values)
            bytes += update.bytes(of: table, &names)
        }
        return bytes + PeerControl.heartbeat.bytes + PeerMessage.acknowledge(table: 1, update: 7)
    }

    private func hear(_ bytes: [UInt8], pieces: Int) -> Heard {
        var (decoder, names, heard) = (PeerDecoder(), PeerNames(), Heard())
        var table: PeerTable?
        var at = 0
        do throws(PeerFault) {
            while at < bytes.count {
                let end = min(at + pieces, bytes.count)
                Array(bytes[at..<end]).withView { decoder.append($0) }
                at = end
                while let message = try decoder.next() {
                    heard.messages.append(message)
                    if case .definition(let new) = message { table = new }
                    guard case .update(let hasID, let isTimed, let payload) = message, let table else {
                        continue
                    }
                    heard.updates.append(
                        try PeerUpdate(
                            reading: payload, hasID: hasID, isTimed: isTimed, of: table, &names))
                }
            }
        } catch {
            heard.fault = error
        }
        return heard
    }

    @Test("the stream itself is understood")
    func whole() {
        let heard = hear(stream, pieces: .max)
        #expect(heard.fault == nil && heard.updates.count == 4 && heard.messages.count == 7)
        #expect(hear(stream, pieces: 1) == heard)
    }

    @Test("any change of it is understood or a fault, the same however it is cut", arguments: 0..<8)
    func changed(seed: UInt64) {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        for _ in 0..<500 {
            var bytes = stream
            for _ in 0...random(4) {
                switch random(4) {
                case 0: bytes[random(bytes.count)] = UInt8(random(256))
                case 1: bytes.remove(at: random(bytes.count))
                case 2: bytes.insert(UInt8(random(256)), at: random(bytes.count))
                default: bytes[random(bytes.count)] = [0, 0x7F, 0x80, 0xF0, 0xFF][random(5)]
                }
            }
            #expect(hear(bytes, pieces: .max) == hear(bytes, pieces: 1 + random(7)))
        }
    }
}
