import Testing

@testable import Basics

@Suite("ByteWriter")
struct ByteWriterTests {
    /// What `body` writes into `room` bytes behind `front`; nil if it was refused, and then nothing may have changed.
    private func written(room: Int, behind front: String = "", _ body: (inout ByteWriter) -> Void) -> String?
    {
        var buffer = Buffer(capacity: room + front.utf8.count)
        front.withView { _ = buffer.append($0) }
        let fits = buffer.write(body)
        let text = buffer.view.string
        #expect(text.hasPrefix(front))
        if !fits { #expect(text == front, "refused, and yet something was written") }
        return fits ? String(text.dropFirst(front.count)) : nil
    }

    @Test("writes pieces one behind the other, behind what is there")
    func pieces() {
        let text = written(room: 64, behind: "a: ") { writer in
            writer.append("text ")
            writer.append(UInt8(ascii: "b"))
            "view".withView { writer.append($0) }
            writer.append(decimal: -42, then: UInt8(ascii: "/"))
            writer.append(decimal: 7, then: UInt8(ascii: "/"))
            writer.append(decimal: 1234)
            writer.append(0x0000_0000_0065_6463, 0, count: 3)
        }
        #expect(text == "text bview-42/7/1234cde")
    }

    @Test("one piece too long makes nothing of all, also if a shorter one follows", arguments: 0..<12)
    func overflow(room: Int) {
        let text = written(room: room, behind: "x") { writer in
            writer.append("12345")
            writer.append("67890a")
            writer.append("b")
        }
        #expect(text == nil)
        #expect(written(room: 12) { $0.append("123456789012") } == "123456789012")
    }

    @Test(
        "numbers are as long as their digits, and need no more room",
        arguments: [
            0, 7, 9, 10, 42, 99, 100, 101, 999, 1000, 1001, 9999, 10_000, 10_001, 65_535, 99_999, 100_000,
            12_345_678,
            99_999_999, 100_000_000, 100_000_001, 1_000_000_000_000, -1, -9, -10, -12_345, .max, .min,
        ] as [Int64])
    func decimals(value: Int64) {
        let text = String(value)
        #expect(written(room: text.count) { $0.append(decimal: value) } == text)
        #expect(written(room: text.count - 1) { $0.append(decimal: value) } == nil)
        let slash = UInt8(ascii: "/")
        #expect(written(room: text.count + 1) { $0.append(decimal: value, then: slash) } == text + "/")
        #expect(written(room: text.count) { $0.append(decimal: value, then: slash) } == nil)
    }

    @Test("all numbers of up to five digits")
    func allShort() {
        for value in Int64(0)...99_999 {
            let isSame = written(room: 8) { $0.append(decimal: value) } == String(value)
            if !isSame { Issue.record("\(value) is written otherwise") }
        }
    }

    @Test("views of every length arrive whole and fit exactly", arguments: 0...140)
    func lengths(count: Int) {
        let text = String((0..<count).map { Character(Unicode.Scalar(UInt8(33 + $0 % 90))) })
        #expect(text.withView { view in written(room: count) { $0.append(view) } } == text)
        guard count > 0 else { return }
        #expect(text.withView { view in written(room: count - 1) { $0.append(view) } } == nil)
    }

    @Test("a buffer without memory takes nothing")
    func noMemory() {
        var buffer = Buffer()
        let fits = buffer.write { $0.append("a") }
        #expect(!fits)
    }
}
