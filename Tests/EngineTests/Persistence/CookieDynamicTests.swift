import Basics
import Testing
import Wire

@testable import Engine

@Suite("Dynamic cookies")
struct CookieDynamicTests {
    @Test(
        "equal those of Debian's haproxy 2.6.12",
        arguments: [
            ("secret", "127.0.0.1", 18101, "3b12fdbe79df73bb"),
            ("secret", "127.0.0.1", 18102, "27174ba7beb163c5"),
            ("0123456789012345678901234567890123456789", "127.0.0.1", 18101, "d22424ca089b2ad1"),
        ] as [(String, String, UInt16, String)])
    func seen(key: String, address: String, port: UInt16, value: String) throws {
        let address = try #require(SocketAddress(address, port: port))
        #expect(DynamicCookie.value(key: key, address: address) == value)
    }

    @Test("always have sixteen digits and tell IPv6 addresses, ports and keys apart")
    func distinct() throws {
        var values: Set<String> = []
        for host in ["::1", "::2", "2001:db8::1", "192.0.2.1"] {
            for port in [80, 8080] as [UInt16] {
                for key in ["", "a", "b"] {
                    let address = try #require(SocketAddress(host, port: port))
                    let value = DynamicCookie.value(key: key, address: address)
                    #expect(value.utf8.count == 16)
                    values.insert(value)
                }
            }
        }
        #expect(values.count == 24)
    }

    @Test(
        "rest on XXH64 as it is published",
        arguments: [
            ("", 0xEF46_DB37_51D8_E999), ("a", 0xD24E_C4F1_A98C_6E5B), ("abc", 0x44BC_2CF5_AD77_0999),
            ("message digest", 0x066E_D728_FCEE_B3BE),
            ("abcdefghijklmnopqrstuvwxyz", 0xCFE1_F278_FA89_835C),
            ("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 0xAAA4_6907_D304_7814),
        ] as [(String, UInt64)])
    func published(text: String, hash: UInt64) { #expect(text.withView { XXHash64.hash($0) } == hash) }
}
