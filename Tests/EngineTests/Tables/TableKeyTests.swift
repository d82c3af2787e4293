import Basics
import Model
import Testing
import Wire

@testable import Engine

@Suite("Table keys")
struct TableKeyTests {
    private func address(_ text: String) throws -> SocketAddress {
        try #require(SocketAddress(text, port: 80))
    }

    private func words(_ key: TableKey?) -> [UInt64]? {
        key.map { key in (0..<key.words).map { key.word($0) } }
    }

    @Test("an IPv4 address is a key of both families, mapped in IPv6")
    func v4() throws {
        let v4 = try address("192.0.2.9")
        #expect(words(TableKey(v4, for: .ip)) == [UInt64(0x0902_00C0).littleEndian])
        let mapped = try #require(words(TableKey(v4, for: .ipv6)))
        #expect(mapped == [0, 0x0902_00C0_FFFF_0000])
        #expect(words(TableKey(try address("::ffff:192.0.2.9"), for: .ipv6)) == mapped)
        #expect(words(TableKey(try address("::ffff:192.0.2.9"), for: .ip)) == words(TableKey(v4, for: .ip)))
    }

    @Test("an IPv6 address is no key of an IPv4 table")
    func v6() throws {
        let v6 = try address("2001:db8::1")
        #expect(TableKey(v6, for: .ip) == nil)
        #expect(words(TableKey(v6, for: .ipv6))?.count == 2)
        #expect(words(TableKey(v6, for: .ipv6)) != words(TableKey(try address("2001:db8::2"), for: .ipv6)))
    }

    @Test(
        "an address is no key of a table of something else",
        arguments: [TableKeyType.integer, .string(length: 9), .binary(length: 4)])
    func others(type: TableKeyType) throws { #expect(TableKey(try address("192.0.2.9"), for: type) == nil) }

    @Test("ports do not count")
    func port() throws {
        let other = try #require(SocketAddress("192.0.2.9", port: 81))
        #expect(TableKey(try address("192.0.2.9"), for: .ip)?.hash == TableKey(other, for: .ip)?.hash)
    }

    @Test("of a number 32 bits count")
    func numbers() {
        #expect(words(TableKey(number: 7)) == [7])
        #expect(words(TableKey(number: 7 + 1 << 32)) == words(TableKey(number: 7)))
        #expect(words(TableKey(number: -1)) == [0xFFFF_FFFF])
    }

    @Test("text is cut at the table's length")
    func text() {
        "abcdefghijk".withView { long in
            "abcdefghi".withView { short in
                let type = TableKeyType.string(length: 9)
                #expect(words(TableKey(long, for: type)) == words(TableKey(short, for: type)))
                #expect(TableKey(long, for: type)?.hash == TableKey(short, for: type)?.hash)
                #expect(
                    words(TableKey(long, for: .string(length: 10)))
                        != words(TableKey(short, for: .string(length: 10))))
            }
        }
    }

    @Test("texts that differ in zeros at their end are two", arguments: [0, 1, 7, 8, 9])
    func zeros(count: Int) {
        let bytes = [UInt8](repeating: 0, count: count)
        bytes.withView { one in
            (bytes + [0]).withView { other in
                let type = TableKeyType.string(length: 32)
                #expect(words(TableKey(one, for: type)) != words(TableKey(other, for: type)))
            }
        }
    }

    @Test("bytes are filled up with zeros, and cut")
    func binary() {
        let type = TableKeyType.binary(length: 4)
        [1, 2].withView { short in
            [1, 2, 0, 0].withView { whole in
                [1, 2, 0, 0, 9].withView { long in
                    #expect(words(TableKey(short, for: type)) == words(TableKey(whole, for: type)))
                    #expect(words(TableKey(long, for: type)) == words(TableKey(whole, for: type)))
                    #expect(TableKey(long, for: type)?.hash == TableKey(short, for: type)?.hash)
                }
            }
        }
    }

    @Test("text is no key of a table of addresses or numbers", arguments: [TableKeyType.ip, .ipv6, .integer])
    func noText(type: TableKeyType) { "192.0.2.9".withView { #expect(TableKey($0, for: type) == nil) } }

    @Test("a key takes no more words than its table keeps", arguments: [1, 7, 8, 9, 32, 100])
    func fits(length: Int) {
        let bytes = [UInt8](repeating: 0x61, count: 200)
        bytes.withView { view in
            for type in [TableKeyType.string(length: length), .binary(length: length)] {
                let layout = TableLayout(type: type, stored: [])
                #expect((TableKey(view, for: type)?.words ?? .max) <= layout.keyWords)
            }
        }
    }
}
