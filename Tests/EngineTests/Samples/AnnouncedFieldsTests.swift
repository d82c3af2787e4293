import Basics
import Testing
import Wire

@testable import Engine

@Suite("Fields of PROXY headers as samples")
struct AnnouncedFieldsTests {
    @Test("conditions look at each field of a type, in order, and then at no more")
    func each() {
        let bytes: [UInt8] = [0xE1, 0, 1, 0x61, 2, 0, 1, 0x62, 0xE1, 0, 0, 0xE1, 0, 1, 0x63]
        bytes.withView { bytes in
            var cursor = SampleCursor.each
            var found: [String] = []
            while let value = cursor.nextField(ProxyFields(bytes), ofType: 0xE1) {
                found.append(value.string)
                #expect(cursor.hasMore)
            }
            #expect(found == ["a", "", "c"])
            #expect(!cursor.hasMore)
        }
    }
}
