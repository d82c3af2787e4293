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

    @Test(
        "decimal numbers are digits only, up to the largest",
        arguments: [
            ("0", 0), ("007", 7), ("9223372036854775807", .max), ("0000000000000000005", 5), ("", nil),
            ("-1", nil),
            ("+1", nil), (" 1", nil), ("1 ", nil), ("1a", nil), ("9223372036854775808", nil),
            ("9999999999999999999", nil),
            ("18446744073709551617", nil), ("/", nil), (":", nil), ("\u{B2}", nil), ("1.0", nil),
            ("1_0", nil),
        ] as [(String, Int64?)])
    func decimals(text: String, expected: Int64?) {
        #expect(text.withView { $0.decimal } == expected)
    }

    @Test(
        "blanks are taken off both ends only",
        arguments: [
            ("", ""), (" ", ""), ("\t \t", ""), ("a", "a"), (" a\t", "a"), ("  a b ", "a b"),
            ("\ra\n", "\ra\n"),
        ])
    func trimmed(text: String, expected: String) {
        #expect(text.withView { $0.trimmed.string } == expected)
    }

    @Test("finds the first and the last of a byte, from anywhere")
    func finding() {
        "abcabc".withView { view in
            #expect(view.firstIndex(of: UInt8(ascii: "b")) == 1)
            #expect(view.firstIndex(of: UInt8(ascii: "b"), from: 1) == 1)
            #expect(view.firstIndex(of: UInt8(ascii: "b"), from: 2) == 4)
            #expect(view.firstIndex(of: UInt8(ascii: "b"), from: 5) == nil)
            #expect(view.firstIndex(of: UInt8(ascii: "a"), from: 6) == nil)
            #expect(view.firstIndex(of: UInt8(ascii: "a"), from: -1) == nil)
            #expect(view.lastIndex(of: UInt8(ascii: "b")) == 4)
            #expect(view.lastIndex(of: UInt8(ascii: "x")) == nil)
            // What lies behind the view is not looked at.
            #expect(view[0..<2].firstIndex(of: UInt8(ascii: "c")) == nil)
        }
        #expect(ByteView.empty.firstIndex(of: 0) == nil && ByteView.empty.lastIndex(of: 0) == nil)
    }

    @Test("compares whole views, prefixes and literals")
    func comparing() {
        "Host".withView { view in
            #expect(
                view.equals("Host") && !view.equals("host") && !view.equals("Hos") && !view.equals("Hosts"))
            #expect(view.equals(view[0..<4]) && !view.equals(view[0..<3]))
            #expect(view.equalsIgnoringCase("hOST") && !view.equalsIgnoringCase("post"))
            #expect(view.hasPrefix(view[0..<2]) && view.hasPrefix(.empty) && !view[0..<2].hasPrefix(view))
            #expect(view[2..<2].isEmpty && view[1..<3].bytes == Array("os".utf8))
        }
        #expect(ByteView.empty.equals("") && ByteView.empty.equalsIgnoringCase(""))
    }

    @Test("words are eight bytes as they stand in memory")
    func words() {
        let bytes = (0..<12).map { UInt8($0) }
        bytes.withView { view in
            for at in 0...4 {
                let expected = (0..<8).reduce(0 as UInt64) { $0 | UInt64(at + $1) << UInt64(8 * $1) }
                #expect(UInt64(littleEndian: view.word(at: at)) == expected)
            }
        }
    }

    @Test(
        "the rest from an index on is the same bytes, eight at most, and zeros behind the last",
        arguments: 0...12)
    func rests(count: Int) {
        let bytes = (0..<count).map { UInt8(0xF0 + $0) }
        bytes.withView { view in
            for at in 0...count {
                var expected: UInt64 = 0
                for i in at..<min(count, at + 8) { expected |= UInt64(bytes[i]) << UInt64(8 * (i - at)) }
                #expect(UInt64(littleEndian: view.rest(at: at)) == expected)
            }
        }
    }

    @Test("an empty array and an empty text give empty views")
    func empty() {
        #expect(([] as [UInt8]).withView { $0.isEmpty && $0.bytes == [] && $0.string.isEmpty })
        #expect("".withView { $0.count == 0 && $0.decimal == nil && $0.trimmed.isEmpty })
    }

    @Test("a letter of upper case is found wherever it stands, and nothing else is taken for one")
    func uppercase() {
        var wrong: [[UInt8]] = []
        for count in 0...20 {
            for place in 0..<count {
                for byte in UInt8.min...UInt8.max {
                    var bytes = [UInt8](repeating: UInt8(ascii: "z"), count: count)
                    bytes[place] = byte
                    let isFound = bytes.withView { $0.hasUppercase }
                    if isFound != (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) {
                        wrong.append(bytes)
                    }
                }
            }
        }
        #expect(wrong == [] && !ByteView.empty.hasUppercase)
    }
}
