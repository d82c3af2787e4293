import Basics
import Testing

@Suite("Buffer")
struct BufferTests {
    @Test("every octet is written as its number")
    func octets() {
        for value in UInt8.min...UInt8.max {
            var buffer = Buffer(capacity: 8)
            let hasRoom = buffer.append(octet: value)
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
}
