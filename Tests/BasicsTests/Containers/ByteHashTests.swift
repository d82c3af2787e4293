import Basics
import Testing

@Suite("ByteHash")
struct ByteHashTests {
    private func hash(_ bytes: [UInt8], foldingCase: Bool = false) -> UInt64 {
        bytes.withView { ByteHash.hash($0, foldingCase: foldingCase) }
    }

    @Test("equal bytes hash alike wherever they stand", arguments: 0...40)
    func places(length: Int) {
        let bytes = (0..<length).map { UInt8($0 * 7 % 256) }
        for shift in 0..<9 {
            let shifted = [UInt8](repeating: 0xAA, count: shift) + bytes + [0xBB]
            let found = shifted.withView { ByteHash.hash($0[shift..<shift + length]) }
            #expect(found == hash(bytes))
        }
    }

    @Test("texts that differ in case only hash alike when case is folded", arguments: 0...40)
    func folded(length: Int) {
        let alphabet = Array("example.COM-09_xyzXYZ/".utf8)
        let bytes = (0..<length).map { alphabet[$0 % alphabet.count] }
        let upper = Array(String(decoding: bytes, as: UTF8.self).uppercased().utf8)
        #expect(hash(bytes, foldingCase: true) == hash(upper, foldingCase: true))
        if bytes != upper { #expect(hash(bytes) != hash(upper)) }
    }

    @Test("any byte changed, any length, changes it", arguments: 1...40)
    func everyByte(length: Int) {
        let bytes = [UInt8](repeating: UInt8(ascii: "a"), count: length)
        var seen: Set<UInt64> = [hash(bytes)]
        for at in 0..<length {
            for other in UInt8(ascii: "b")...UInt8(ascii: "z") {
                var changed = bytes
                changed[at] = other
                seen.insert(hash(changed, foldingCase: true))
            }
        }
        #expect(seen.count == 1 + 25 * length)
    }

    @Test("10,000 hosts fall into 16,384 places about as evenly as chance would have it")
    func spread() {
        let hosts = (0..<10_000).map { Array("host-\($0).example.com".utf8) }
        for shift in [0, 16, 50] as [UInt64] {
            let places = Set(hosts.map { hash($0, foldingCase: true) >> shift & 16_383 })
            #expect(places.count > 7000, "bits from \(shift)")
        }
    }
}
