import Basics
import Testing

@testable import Wire

@Suite("CRC32C")
struct CRC32CTests {
    private func checksum(_ bytes: [UInt8]) -> UInt32 {
        var crc = CRC32C()
        bytes.withView { crc.take($0) }
        return crc.value
    }

    /// RFC 3720 B.4, whose values are printed in the order they travel.
    @Test(
        "equals the examples of RFC 3720",
        arguments: [
            ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
            ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
            ([UInt8](0..<32), 0x46DD_794E),
            ([UInt8]((0..<32).reversed()), 0x113F_DB5C),
            (
                [0x01, 0xC0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x14, 0, 0, 0, 0, 0, 0x04, 0]
                    + [0, 0, 0, 0x14, 0, 0, 0, 0x18, 0x28, 0, 0, 0, 0, 0, 0, 0, 0x02, 0, 0, 0, 0, 0, 0, 0],
                0xD996_3A56
            ),
        ] as [([UInt8], UInt32)])
    func examples(bytes: [UInt8], expected: UInt32) {
        #expect(checksum(bytes) == expected)
    }

    @Test("equals the check value of the catalogue, and of nothing is zero")
    func checkValue() {
        #expect(checksum(Array("123456789".utf8)) == 0xE306_9283)
        #expect(checksum([]) == 0)
    }

    @Test("does not depend on how the bytes are cut")
    func cuts() {
        let bytes = (0..<100).map { UInt8($0) &* 37 }
        for cut in 0...bytes.count {
            var crc = CRC32C()
            Array(bytes[..<cut]).withView { crc.take($0) }
            Array(bytes[cut...]).withView { crc.take($0) }
            #expect(crc.value == checksum(bytes))
        }
    }
}
