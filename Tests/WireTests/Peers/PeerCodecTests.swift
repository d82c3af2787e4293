import Basics
import Testing

@testable import Wire

@Suite("Peers: encoding")
struct PeerCodecTests {
    private func encoded(_ value: UInt64) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(peerNumber: value)
        return bytes
    }

    private func decoded(_ bytes: [UInt8]) -> UInt64? {
        var cursor = PeerCursor(bytes[...])
        guard let value = cursor.number(), cursor.count == 0 else { return nil }
        return value
    }

    @Test(
        "numbers take as many bytes as the protocol says",
        arguments: [
            (UInt64(0), 1), (239, 1), (240, 2), (2_287, 2), (2_288, 3), (264_431, 3), (264_432, 4),
            (33_818_863, 4), (33_818_864, 5), (4_328_786_159, 5), (4_328_786_160, 6), (.max, 10),
        ])
    func numbers(value: UInt64, length: Int) {
        #expect(encoded(value).count == length)
        #expect(decoded(encoded(value)) == value)
    }

    @Test("the example of the protocol's text")
    func example() { #expect(encoded(0x1234) == [0xF4, 0x94, 0x01]) }

    @Test("every number comes back")
    func roundTrip() {
        var value: UInt64 = 1
        for _ in 0..<2_000 {
            value = value &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let short = value >> (value % 64)
            #expect(decoded(encoded(short)) == short)
        }
    }

    @Test(
        "numbers that do not end, or do not fit into 64 bits, are none",
        arguments: [
            [], [0xF0], [0xFF, 0x80], [0xF0, 0x80, 0x80, 0x80],
            [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F],
            [0xFF] + [UInt8](repeating: 0xFF, count: 20) + [0],
        ])
    func notNumbers(bytes: [UInt8]) { #expect(decoded(bytes) == nil) }

    // MARK: Messages

    private func messages(_ bytes: [UInt8], pieces: Int = .max) throws -> [PeerMessage] {
        var decoder = PeerDecoder()
        var found: [PeerMessage] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = Array(rest.prefix(pieces))
            rest = rest.dropFirst(pieces == .max ? rest.count : pieces)
            piece.withView { decoder.append($0) }
            while let message = try decoder.next() { found.append(message) }
        }
        return found
    }

    private let table = PeerTable(
        id: 3, name: "/clients", keys: .string, keySize: 32,
        data: [
            PeerTable.Data(0), PeerTable.Data(10, period: 10_000), PeerTable.Data(19),
            PeerTable.Data(23, count: 2), PeerTable.Data(24, count: 3, period: 500),
        ], expire: 60_000)

    @Test("control messages are two bytes", arguments: PeerControl.allCases)
    func control(_ control: PeerControl) throws {
        #expect(control.bytes.count == 2)
        #expect(try messages(control.bytes) == [.control(control)])
    }

    @Test("a definition comes back, byte by byte too")
    func definition() throws {
        #expect(try messages(table.bytes) == [.definition(table)])
        #expect(try messages(table.bytes, pieces: 1) == [.definition(table)])
    }

    @Test("a definition of version 2.0 ends behind the kinds of data")
    func oldDefinition() throws {
        var payload: [UInt8] = [1, 1, UInt8(ascii: "t"), 4, 4]
        payload.append(peerNumber: 1 << 4 | 1 << 10)
        let found = try messages(PeerType.message(PeerType.definition, payload))
        let expected = PeerTable(
            id: 1, name: "t", keys: .ip, keySize: 4, data: [PeerTable.Data(4), PeerTable.Data(10)], expire: 0)
        #expect(found == [.definition(expected)])
        payload[5] = 0
        payload.removeLast(payload.count - 5)
        payload.append(peerNumber: 1 << 23)
        #expect(try messages(PeerType.message(PeerType.definition, payload)) == [.definition(nil)])
    }

    @Test(
        "a definition of what is not known here is no fault",
        arguments: [[1, 1, 0x61, 9, 4, 0, 0], [1, 1, 0x61, 0, 4, 0, 0]] as [[UInt8]])
    func strangeDefinition(payload: [UInt8]) throws {
        #expect(try messages(PeerType.message(PeerType.definition, payload)) == [.definition(nil)])
    }

    @Test(
        "a definition that makes no sense is a fault",
        arguments: [
            [], [1], [1, 0, 4, 4, 0, 0], [1, 200, 0x61], [1, 1, 0x61], [1, 1, 0x61, 4], [1, 1, 0x61, 4, 4],
            // A rate without its period, and one of another number.
            [1, 1, 0x61, 4, 4, 8, 0], [1, 1, 0x61, 4, 4, 8, 0, 3], [1, 1, 0x61, 4, 4, 8, 0, 5, 1],
        ] as [[UInt8]])
    func brokenDefinition(payload: [UInt8]) {
        #expect(throws: PeerFault.malformed) {
            try self.messages(PeerType.message(PeerType.definition, payload))
        }
    }

    @Test("an array of too many elements is a fault")
    func longArray() {
        var long = table
        long.data = [PeerTable.Data(23, count: 101)]
        #expect(throws: PeerFault.malformed) { try self.messages(long.bytes) }
    }

    @Test("acknowledgements and switches come back")
    func others() throws {
        let bytes = PeerMessage.acknowledge(table: 300, update: 0x0102_0304)
        #expect(try messages(bytes) == [.acknowledgement(table: 300, update: 0x0102_0304)])
        #expect(try messages([10, 131, 1, 7]) == [.resumption(table: 7)])
        #expect(throws: PeerFault.malformed) { try self.messages([10, 132, 2, 1, 1]) }
        #expect(throws: PeerFault.malformed) { try self.messages([10, 131, 0]) }
    }

    @Test("what later versions may say is passed over")
    func unknown() throws {
        #expect(try messages([0, 99]) == [.unknown])
        #expect(try messages([1, 99]) == [.unknown])
        #expect(try messages([77, 5]) == [.unknown])
        #expect(try messages([10, 200, 2, 9, 9, 0, 4]) == [.unknown, .control(.heartbeat)])
        #expect(try messages([99, 128, 0]) == [.unknown])
        #expect(try messages([1, 0, 1, 1]) == [.fault(.malformed), .fault(.tooLong)])
    }

    @Test("messages that are too long, or of the reserved class, end it")
    func limits() {
        var long: [UInt8] = [10, 128]
        long.append(peerNumber: UInt64(PeerDecoder.mostPayload) + 1)
        #expect(throws: PeerFault.tooLong) { try self.messages(long) }
        #expect(throws: PeerFault.malformed) { try self.messages([255, 0]) }
        #expect(throws: PeerFault.malformed) {
            try self.messages([10, 128] + [UInt8](repeating: 0xFF, count: 12))
        }
    }

    // MARK: Updates

    private func again(_ update: PeerUpdate, _ table: PeerTable) throws -> PeerUpdate? {
        var (sent, received) = (PeerNames(), PeerNames())
        let found = try messages(update.bytes(of: table, &sent))
        guard case .update(let hasID, let isTimed, let payload) = found.first, found.count == 1 else {
            return nil
        }
        return try PeerUpdate(
            reading: payload, hasID: hasID, isTimed: isTimed, of: table, &received)
    }

    private var values: [PeerUpdate.Value] {
        let rate = PeerUpdate.Value.rate(PeerUpdate.Rate(age: 70_000, current: 3, previous: 500))
        return [.number(5), rate, .name(Array("s1".utf8)), .number(1), .number(.max), rate, rate, rate]
    }

    @Test(
        "updates come back, with a number and a time or without",
        arguments: [nil, 7, UInt32.max] as [UInt32?], [nil, 0, 90_000] as [UInt32?])
    func updates(id: UInt32?, expiresIn: UInt32?) throws {
        let update = PeerUpdate(id: id, expiresIn: expiresIn, key: Array("abc".utf8), values: values)
        #expect(try again(update, table) == update)
    }

    @Test(
        "keys of every type",
        arguments: [
            (PeerTable.Keys.ip, [127, 0, 0, 1]), (.ipv6, [UInt8](repeating: 9, count: 16)),
            (.integer, [0, 0, 1, 0]), (.string, []), (.string, [0x61, 0x62]), (.binary, [1, 2, 0, 0]),
        ])
    func keys(type: PeerTable.Keys, key: [UInt8]) throws {
        let table = PeerTable(
            id: 1, name: "t", keys: type, keySize: type == .string ? 32 : key.count, data: [], expire: 0)
        let update = PeerUpdate(id: 1, key: key, values: [])
        #expect(try again(update, table) == update)
    }

    @Test("an update that is cut off anywhere is a fault, and never anything else")
    func cutOff() throws {
        var names = PeerNames()
        let whole = PeerUpdate(id: 1, expiresIn: 2, key: Array("abc".utf8), values: values)
        let bytes = whole.bytes(of: table, &names)
        guard case .update(_, _, let payload)? = try messages(bytes).first else {
            Issue.record("no update")
            return
        }
        for count in 0..<payload.count {
            var names = PeerNames()
            #expect(throws: PeerFault.malformed) {
                try PeerUpdate(
                    reading: Array(payload.prefix(count)), hasID: true, isTimed: true, of: table, &names)
            }
        }
    }

    @Test("what follows the values is passed over")
    func longer() throws {
        var names = PeerNames()
        let table = PeerTable(id: 1, name: "t", keys: .integer, keySize: 4, data: [], expire: 0)
        let read = try PeerUpdate(
            reading: [0, 0, 0, 9, 0, 0, 0, 1, 5, 5, 5], hasID: true, isTimed: false, of: table, &names)
        #expect(read == PeerUpdate(id: 9, key: [0, 0, 0, 1], values: []))
    }

    // MARK: Names

    @Test("a name is sent once, and then by its number")
    func names() throws {
        var (sender, receiver) = (PeerNames(), PeerNames())
        let (one, two) = (Array("first".utf8), Array("second".utf8))
        let texts = [one, two, one, two].map { sender.write($0) }
        #expect(texts[2] == [1] && texts[3] == [2])
        for (text, name) in zip(texts, [one, two, one, two]) {
            #expect(try receiver.read(text[...]) == name)
        }
    }

    @Test("numbers are used again when there are too many names")
    func manyNames() throws {
        var (sender, receiver) = (PeerNames(), PeerNames())
        for round in 0..<3 {
            for number in 0..<200 {
                let name = Array("server-\(round)-\(number)".utf8)
                #expect(try receiver.read(sender.write(name)[...]) == name)
                #expect(try receiver.read(sender.write(name)[...]) == name)
            }
        }
    }

    @Test(
        "names without a number, or with one that does not exist, are faults",
        arguments: [[], [0], [129], [1, 5, 0x61]] as [[UInt8]])
    func brokenNames(bytes: [UInt8]) {
        var names = PeerNames()
        #expect(throws: PeerFault.malformed) { try names.read(bytes[...]) }
    }

    @Test("a number that was never told is no name")
    func untoldName() throws {
        var names = PeerNames()
        #expect(try names.read([5]) == nil)
    }
}
