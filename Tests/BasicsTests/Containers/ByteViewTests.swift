import Basics
import Testing

@Suite("Byte view")
struct ByteViewTests {
    @Test("names of any length are equal whatever their case", arguments: 0...40)
    func equalWithoutCase(length: Int) {
        let alphabet = Array("aB-c_D9.zZ[@`{~^".utf8)
        let lower = (0..<length).map { foldCase(alphabet[$0 % alphabet.count]) }
        let mixed = (0..<length).map { alphabet[$0 % alphabet.count] }
        let isEqual = lower.withView { lower in mixed.withView { lower.equalsIgnoringCase($0) } }
        #expect(isEqual)
    }

    @Test("one other byte anywhere makes names differ", arguments: 1...24)
    func differentAnywhere(length: Int) {
        let name = [UInt8](repeating: UInt8(ascii: "k"), count: length)
        for i in 0..<length {
            var other = name
            other[i] = UInt8(ascii: "l")
            let isEqual = name.withView { name in other.withView { name.equalsIgnoringCase($0) } }
            #expect(!isEqual)
        }
    }

    @Test("only letters have a case, in words as in single bytes")
    func everyPairOfBytes() {
        for byte in UInt8.min...UInt8.max {
            let pattern = [UInt8](repeating: byte, count: 9)
            let flipped = [UInt8](repeating: byte ^ 0x20, count: 9)
            let isEqual = pattern.withView { pattern in flipped.withView { pattern.equalsIgnoringCase($0) } }
            #expect(isEqual == (foldCase(byte) == foldCase(byte ^ 0x20)), "byte \(byte)")
        }
    }
}
