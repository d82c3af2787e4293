import Basics
import Testing

@Suite("FixedArray")
struct FixedArrayTests {
    @Test("makes each value from its index", arguments: [0, 1, 2, 1000])
    func made(count: Int) {
        let array = FixedArray<Int>(count: count) { $0 * 2 }
        let values = (0..<array.count).map { array[$0] }
        #expect(values == (0..<count).map { $0 * 2 })
    }

    @Test("a reference and an index are the same value")
    func references() {
        let array = FixedArray<Int>(count: 3) { $0 }
        let second = array.reference(1)
        array[1] = 10
        second[] += 1
        let values = (0..<3).map { array[$0] }
        #expect(values == [0, 11, 2] && second == array.reference(1) && second != array.reference(2))
    }

    @Test("ends its values with itself")
    func ended() {
        final class Value {}
        weak var last: Value?
        do {
            let array = FixedArray<Value>(count: 4) { _ in Value() }
            last = array[3]
            #expect(last != nil)
        }
        #expect(last == nil)
    }

    @Test("a text gives its bytes", arguments: ["", "a", "häß\u{0}\u{1F600}"])
    func text(text: String) {
        let bytes = FixedArray<UInt8>(text)
        let found = bytes.view.bytes
        #expect(found == Array(text.utf8))
    }
}
