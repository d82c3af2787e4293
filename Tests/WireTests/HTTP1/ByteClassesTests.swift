import Basics
import CSystem
import Testing

@testable import Wire

/// The block-wise scanners against a definition byte by byte: every byte at every place of a run.
@Suite("ByteClasses")
struct ByteClassesTests {
    private typealias End = (UnsafePointer<UInt8>, Int) -> Int

    /// Where a scanner stops in `filler` repeated, with `byte` at `place`; at most the count.
    private func end(_ filler: UInt8, count: Int, _ byte: UInt8, at place: Int, _ end: End) -> Int {
        var bytes = [UInt8](repeating: filler, count: count)
        bytes[place] = byte
        let received = ReceivedBytes(bytes)
        return received.prefix(count).withPointer { start, count in min(count, end(start, count)) }
    }

    private static let places = [0, 1, 7, 8, 14, 15, 16, 17, 31, 32, 33, 46, 47, 48]

    @Test("a name ends at the first byte that is no tchar", arguments: places)
    func names(place: Int) {
        let specials = Set("!#$%&'*+-.^_`|~".utf8)
        for byte in UInt8.min...UInt8.max {
            let isAllowed =
                byte < 128
                && (specials.contains(byte) || Character(Unicode.Scalar(byte)).isLetter
                    || Character(Unicode.Scalar(byte)).isNumber)
            let found = end(UInt8(ascii: "n"), count: 49, byte, at: place) {
                ByteClasses.endOfName($0, from: 0, count: $1, before: UInt8(ascii: ":"))
            }
            #expect(found == (isAllowed ? 49 : place), "byte \(byte)")
        }
    }

    @Test("a value ends at the first control but for tab", arguments: places)
    func values(place: Int) {
        for byte in UInt8.min...UInt8.max {
            let isAllowed = byte >= 0x20 && byte != 0x7F || byte == 0x09
            let found = end(UInt8(ascii: "v"), count: 49, byte, at: place) {
                ByteClasses.endOfValue($0, from: 0, count: $1)
            }
            #expect(found == (isAllowed ? 49 : place), "byte \(byte)")
        }
    }

    @Test("a target ends at a control, a space, a hash or a byte beyond ASCII", arguments: places)
    func targets(place: Int) {
        for byte in UInt8.min...UInt8.max {
            let isAllowed = byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: "#")
            let found = end(UInt8(ascii: "/"), count: 49, byte, at: place) {
                ByteClasses.endOfTarget($0, from: 0, count: $1)
            }
            #expect(found == (isAllowed ? 49 : place), "byte \(byte)")
        }
    }

    @Test(
        "a host's name is letters, digits, hyphens, dots and underscores, whatever its length",
        arguments: 1...40)
    func hosts(count: Int) {
        for byte in UInt8.min...UInt8.max {
            let scalar = Character(Unicode.Scalar(byte))
            let isAllowed = byte < 128 && (scalar.isLetter || scalar.isNumber || "-._".contains(scalar))
            for place in Set([0, count / 2, count - 1]) {
                var bytes = [UInt8](repeating: UInt8(ascii: "h"), count: count)
                bytes[place] = byte
                let areAllowed = bytes.withView { $0.withPointer { csystem_are_host_bytes($0, $1) != 0 } }
                #expect(areAllowed == isAllowed, "byte \(byte) at \(place) of \(count)")
            }
        }
    }
}
