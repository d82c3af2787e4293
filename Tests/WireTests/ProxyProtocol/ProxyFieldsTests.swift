import Basics
import Testing
import Wire

@Suite("Fields of PROXY headers")
struct ProxyFieldsTests {
    /// 0xE1 twice, something else between, and an empty one.
    private static let bytes: [UInt8] = [
        0xE1, 0, 1, 0x61, 2, 0, 2, 0x62, 0x63, 0xE1, 0, 2, 0x64, 0x65, 4, 0, 0,
    ]

    @Test("those of a type come one after the other, in their order")
    func ofType() {
        ProxyFieldsTests.bytes.withView { bytes in
            var fields = ProxyFields(bytes)
            #expect(fields.next(ofType: 0xE1)?.string == "a")
            #expect(fields.next(ofType: 0xE1)?.string == "de")
            #expect(fields.next(ofType: 0xE1) == nil)
            #expect(!fields.isBroken)
            fields = ProxyFields(bytes)
            #expect(fields.next(ofType: 4)?.count == 0)
            fields = ProxyFields(bytes)
            #expect(fields.next(ofType: 5) == nil)
        }
    }

    @Test("a field that is cut ends the list", arguments: 10..<14)
    func cut(count: Int) {
        Array(ProxyFieldsTests.bytes.prefix(count)).withView { bytes in
            var fields = ProxyFields(bytes)
            #expect(fields.next(ofType: 0xE1)?.string == "a")
            #expect(fields.next(ofType: 0xE1) == nil)
            #expect(fields.isBroken)
        }
    }
}
