import Basics
import Testing

@Suite("Buffer")
struct BufferTests {
    @Test("every octet is written as its number")
    func octets() {
        for value in UInt8.min...UInt8.max {
            var buffer = Buffer(capacity: 8)
            let hasRoom = buffer.append(decimal: Int64(value))
            let text = buffer.view.string
            #expect(hasRoom && text == "\(value)")
        }
    }

    @Test(
        "numbers are written in full, to both ends of their range",
        arguments: [0, 9, 10, 99, 100, 999_999_999, -1, -10, .max, .min] as [Int64])
    func decimals(value: Int64) {
        var buffer = Buffer(capacity: 32)
        buffer.append(decimal: value)
        let text = buffer.view.string
        #expect(text == "\(value)")
    }

    @Test("what does not fit is refused whole", arguments: 1...8)
    func noRoom(capacity: Int) {
        var buffer = Buffer(capacity: capacity)
        let fits = buffer.append("123456789")
        let isEmpty = buffer.isEmpty
        #expect(!fits && isEmpty)
    }

    private func written(room: Int, _ body: (inout Buffer) -> Bool) -> String? {
        var buffer = Buffer(capacity: room)
        let fits = body(&buffer)
        let text = buffer.view.string
        #expect(fits || text.isEmpty, "refused, and yet something was written")
        return fits ? text : nil
    }

    @Test(
        "a number needs just the room of its digits",
        arguments: [0, 7, 10, -1, 99, 100, -100, 12345, .max, .min])
    func decimalRoom(value: Int64) {
        let text = String(value)
        #expect(written(room: text.utf8.count) { $0.append(decimal: value) } == text)
        #expect(written(room: text.utf8.count - 1) { $0.append(decimal: value) } == nil)
    }

    @Test("every power of ten and its neighbours are written in full")
    func powersOfTen() {
        var power: Int64 = 1
        while true {
            for value in [power - 1, power, power + 1, -power] {
                #expect(written(room: 32) { $0.append(decimal: value) } == String(value))
            }
            let (next, overflow) = power.multipliedReportingOverflow(by: 10)
            if overflow { break }
            power = next
        }
    }

    @Test(
        "hexadecimal numbers are written without leading zeros, in just their room",
        arguments: [0, 1, 9, 10, 15, 16, 255, 256, 0xFFFF, 0x1_0000, 0xABCDEF, .max, .max >> 1, 1 << 60]
            as [UInt64])
    func hexadecimal(value: UInt64) {
        let text = String(value, radix: 16)
        #expect(written(room: text.utf8.count) { $0.append(hex: value) } == text)
        #expect(written(room: text.utf8.count - 1) { $0.append(hex: value) } == nil)
        let padded = String(repeating: "0", count: 16 - text.utf8.count) + text
        #expect(written(room: 16) { $0.write { $0.append(hexDigits: value) } } == padded)
        #expect(written(room: 15) { $0.write { $0.append(hexDigits: value) } } == nil)
    }

    @Test("pieces of every length arrive whole", arguments: 0...80)
    func lengths(count: Int) {
        let bytes = (0..<count).map { UInt8($0 + 1) }
        var buffer = Buffer(capacity: count + 2)
        buffer.append(0xFE)
        let fits = bytes.withView { buffer.append($0) }
        buffer.append(0xFF)
        let isFull = !buffer.append(0)
        let all = buffer.view.bytes
        #expect(fits && isFull && all == [0xFE] + bytes + [0xFF])
        if count > 0 {
            var small = Buffer(capacity: count - 1)
            let fitsSmall = bytes.withView { small.append($0) }
            let left = small.count
            #expect(!fitsSmall && left == 0)
        }
    }

    @Test("without memory it holds nothing and takes nothing")
    func noMemory() {
        var buffer = Buffer()
        let refused = [
            buffer.append(1), buffer.append("a"), buffer.append(decimal: 1), buffer.append(decimal: 100),
            buffer.append(hex: 1), buffer.write { _ in },
            "a".withView { buffer.append($0) }, "a".withView { buffer.prepend($0) },
        ]
        let empty = buffer.append("")
        buffer.compact()
        buffer.reset()
        let isEmpty =
            buffer.isEmpty && buffer.view.isEmpty && buffer.viewFromBase.isEmpty && !buffer.hasMemory
        let hasRoom =
            buffer.withRoom { _, _ in true } != nil || buffer.withMutableBytes { _, _ in true } != nil
        #expect(!refused.contains(true) && empty && isEmpty && !hasRoom)
    }

    @Test("head room is for what comes in front")
    func prepending() {
        var buffer = Buffer(capacity: 16)
        buffer.reset(headRoom: 4)
        buffer.append("body")
        let fits = [
            "cd".withView { buffer.prepend($0) }, "ab".withView { buffer.prepend($0) },
            "x".withView { buffer.prepend($0) }, "".withView { buffer.prepend($0) },
        ]
        let (text, room) = (buffer.view.string, buffer.room)
        #expect(fits == [true, true, false, true])
        #expect(text == "abcdbody" && room == 8)
    }

    @Test("what is consumed makes room when it is compacted")
    func compacting() {
        var buffer = Buffer(capacity: 8)
        buffer.append("abcdefgh")
        buffer.consume(5)
        let before = (buffer.room, buffer.view.string, buffer.viewFromBase.string)
        buffer.compact()
        let after = (buffer.room, buffer.view.string, buffer.viewFromBase.string)
        buffer.append("ij")
        buffer.truncate(to: 4)
        let text = buffer.view.string
        buffer.consume(4)
        buffer.compact()
        let end = (buffer.room, buffer.count)
        #expect(before == (0, "fgh", "abcdefgh"))
        #expect(after == (5, "fgh", "fgh"))
        #expect(text == "fghi")
        #expect(end == (8, 0))
    }

    @Test("bytes read by other means are counted when they are told of")
    func filling() {
        var buffer = Buffer(capacity: 4)
        buffer.append("a")
        let room = buffer.withRoom { start, room -> Int in
            start[0] = UInt8(ascii: "b")
            return room
        }
        buffer.filled(1)
        let changed = buffer.withMutableBytes { bytes, count -> Int in
            bytes[0] = UInt8(ascii: "A")
            return count
        }
        let text = buffer.view.string
        #expect(room == 3 && changed == 2 && text == "Ab")
    }

    @Test("random use keeps the bytes that an array would", arguments: 0..<10)
    func random(seed: UInt64) {
        var random = SeededNumbers(seed: seed)
        var buffer = Buffer(capacity: 200)
        var model: [UInt8] = []
        var faults: [Int] = []
        for step in 0..<2000 {
            let bytes = (0..<Int.random(in: 0...50, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            switch Int.random(in: 0..<6, using: &random) {
            case 0, 1: if bytes.withView({ buffer.append($0) }) { model += bytes }
            case 2: if bytes.withView({ buffer.prepend($0) }) { model = bytes + model }
            case 3:
                let count = Int.random(in: 0...model.count, using: &random)
                buffer.consume(count)
                model.removeFirst(count)
            case 4: buffer.compact()
            default:
                let count = Int.random(in: 0...model.count, using: &random)
                buffer.truncate(to: count)
                model.removeLast(model.count - count)
            }
            if buffer.view.bytes != model || buffer.count != model.count { faults.append(step) }
        }
        #expect(faults == [])
    }
}
