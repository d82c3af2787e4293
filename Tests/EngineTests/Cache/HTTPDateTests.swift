import Basics
import Testing

@testable import Engine

@Suite("Dates of HTTP")
struct HTTPDateTests {
    private func seconds(_ text: String) -> Int64? { text.withView { HTTPDate.seconds($0) } }

    @Test(
        "dates are seconds since 1970",
        arguments: [
            ("Thu, 01 Jan 1970 00:00:00 GMT", 0), ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777),
            ("Tue, 29 Feb 2000 23:59:59 GMT", 951_868_799), ("Wed, 01 Mar 2000 00:00:00 GMT", 951_868_800),
            ("Tue, 19 Jan 2038 03:14:08 GMT", 2_147_483_648),
            ("Fri, 31 Dec 9999 23:59:59 GMT", 253_402_300_799),
            ("Sunday, 06-Nov-94 08:49:37 GMT", 784_111_777),
            ("Friday, 01-Jan-38 00:00:00 GMT", 2_145_916_800),
            ("Wednesday, 01-Mar-00 00:00:00 GMT", 951_868_800),
            ("Sun Nov  6 08:49:37 1994", 784_111_777), ("Wed Nov 16 08:49:37 1994", 784_975_777),
        ] as [(String, Int64)])
    func dates(text: String, expected: Int64) { #expect(seconds(text) == expected) }

    @Test(
        "anything else is none",
        arguments: [
            "", "0", "-1", ",", "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 Nov 1994 24:49:37 GMT",
            "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1969 08:49:37 GMT", "Sun, 06 nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 19x4 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:3", "Sun, 06 Nov 1994 08-49-37 GMT",
            "Sun, 32 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:60:37 GMT", "Sun,  6 Nov 1994 08:49:37 GMT",
            "Sunday, 06 Nov 94 08:49:37 GMT", "Sunday, 06-Nov-1994 08:49:37 GMT", "Sun Nov 6 08:49:37 1994",
            "Sun Nov  6 08:49:37 1994 GMT", "Sun Nov    08:49:37 1994", "Abcdefghijk, 06-Nov-94 08:49:37 GMT",
        ])
    func wrong(text: String) { #expect(seconds(text) == nil) }

    @Test("no bytes trap, however a date is cut or spoilt")
    func spoilt() {
        for text in [
            "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
        ] {
            let bytes = Array(text.utf8)
            for cut in 0...bytes.count { _ = Array(bytes[..<cut]).withView { HTTPDate.seconds($0) } }
            for i in bytes.indices {
                for byte in [0, 32, 44, 45, 57, 255] as [UInt8] {
                    var spoilt = bytes
                    spoilt[i] = byte
                    let seconds = spoilt.withView { HTTPDate.seconds($0) }
                    #expect(seconds.map { $0 >= 0 } ?? true)
                }
            }
        }
    }
}
