import Basics
import Testing

@testable import Wire

@Suite("ProxyHeaderWriter")
struct ProxyHeaderWriterTests {
    private static func addresses(_ source: String, _ destination: String) throws -> ProxyAddresses {
        ProxyAddresses(
            source: try #require(SocketAddress(source, port: 56324)),
            destination: try #require(SocketAddress(destination, port: 443)))
    }

    private func written(_ writer: ProxyHeaderWriter, _ facts: ProxyFacts, room: Int = 4_096) -> [UInt8]? {
        var buffer = Buffer(capacity: room)
        let isWritten = writer.append(facts, to: &buffer)
        let bytes = buffer.view.bytes
        if !isWritten { #expect(bytes == []) }
        return isWritten ? bytes : nil
    }

    /// Facts of which every one is known.
    private func allFacts() throws -> ProxyFacts {
        var facts = ProxyFacts(addresses: try Self.addresses("192.0.2.1", "198.51.100.2"))
        facts.alpn = ("h2" as StaticString).view
        facts.authority = ("a.example" as StaticString).view
        facts.uniqueID = ("id-1" as StaticString).view
        var tls = ProxyFacts.TLS(version: ("TLSv1.3" as StaticString).view)
        tls.cipher = ("TLS_AES_128_GCM_SHA256" as StaticString).view
        (tls.hasCertificate, tls.sentCertificate, tls.verifyResult) = (true, true, 18)
        tls.commonName = ("client" as StaticString).view
        tls.signature = ("RSA-SHA256" as StaticString).view
        tls.key = ("RSA2048" as StaticString).view
        facts.tls = tls
        return facts
    }

    @Test(
        "writes lines",
        arguments: [
            ("192.0.2.1", "198.51.100.2", "PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\r\n"),
            ("2001:db8::1", "2001:db8::2", "PROXY TCP6 2001:db8::1 2001:db8::2 56324 443\r\n"),
            ("192.0.2.1", "2001:db8::2", "PROXY TCP6 ::ffff:192.0.2.1 2001:db8::2 56324 443\r\n"),
            ("2001:db8::1", "192.0.2.2", "PROXY TCP6 2001:db8::1 ::ffff:192.0.2.2 56324 443\r\n"),
        ])
    func lines(source: String, destination: String, line: String) throws {
        let facts = ProxyFacts(addresses: try Self.addresses(source, destination))
        #expect(written(ProxyHeaderWriter(.text), facts) == Array(line.utf8))
    }

    @Test("a connection of our own is unknown in version 1 and local in version 2")
    func ownConnection() {
        #expect(written(ProxyHeaderWriter(.text), ProxyFacts()) == Array("PROXY UNKNOWN\r\n".utf8))
        let binary = ProxyBytes.signature + [0x20, 0x00, 0x00, 0x00]
        #expect(written(ProxyHeaderWriter(.binary), ProxyFacts()) == binary)
    }

    @Test("writes addresses of both families, mapped if they differ")
    func addresses() throws {
        let four = ProxyFacts(addresses: try Self.addresses("192.0.2.1", "198.51.100.2"))
        #expect(written(ProxyHeaderWriter(.binary), four) == ProxyBytes.header(ProxyBytes.v4))
        let six = ProxyFacts(addresses: try Self.addresses("2001:db8::1", "2001:db8::2"))
        #expect(written(ProxyHeaderWriter(.binary), six) == ProxyBytes.header(family: 0x21, ProxyBytes.v6))
        let mixed = ProxyFacts(addresses: try Self.addresses("192.0.2.1", "2001:db8::2"))
        let block =
            [UInt8](repeating: 0, count: 10) + [255, 255, 192, 0, 2, 1] + ProxyBytes.v6[16...]
        #expect(written(ProxyHeaderWriter(.binary), mixed) == ProxyBytes.header(family: 0x21, block))
    }

    @Test("always tells what ALPN agreed on, and the rest only if asked to")
    func defaults() throws {
        let bytes = try #require(written(ProxyHeaderWriter(.binary), try allFacts()))
        #expect(bytes == ProxyBytes.header(ProxyBytes.v4 + ProxyBytes.field(.alpn, "h2")))
    }

    @Test("writes the fields in HAProxy's order")
    func order() throws {
        let all: ProxyHeaderWriter.Options = [
            .commonName, .cipher, .signature, .key, .authority, .checksum, .uniqueID,
        ]
        let bytes = try #require(written(ProxyHeaderWriter(.binary, options: all), try allFacts()))
        let sub =
            ProxyBytes.field(.tlsVersion, "TLSv1.3") + ProxyBytes.field(.commonName, "client")
            + ProxyBytes.field(.key, "RSA2048") + ProxyBytes.field(.signature, "RSA-SHA256")
            + ProxyBytes.field(.cipher, "TLS_AES_128_GCM_SHA256")
        let crc = Array(bytes[31..<35])
        let block =
            ProxyBytes.v4 + ProxyBytes.field(0x03, crc) + ProxyBytes.field(.alpn, "h2")
            + ProxyBytes.field(.authority, "a.example") + ProxyBytes.field(.uniqueID, "id-1")
            + ProxyBytes.field(0x20, [0x07, 0, 0, 0, 18] + sub)
        #expect(bytes == ProxyBytes.header(block))
        #expect(ProxyReading(bytes).progress == .complete(count: bytes.count))
    }

    @Test(
        "each option adds its own field",
        arguments: [
            (.tls, [.tls, .tlsVersion]), (.commonName, [.tls, .tlsVersion, .commonName]),
            (.cipher, [.tls, .tlsVersion, .cipher]), (.signature, [.tls, .tlsVersion, .signature]),
            (.key, [.tls, .tlsVersion, .key]), (.authority, [.authority]), (.checksum, [.checksum]),
            (.uniqueID, [.uniqueID]),
        ] as [(ProxyHeaderWriter.Options, Set<ProxyFieldType>)])
    func options(options: ProxyHeaderWriter.Options, fields: Set<ProxyFieldType>) throws {
        let bytes = try #require(written(ProxyHeaderWriter(.binary, options: options), try allFacts()))
        let found = ProxyReading(bytes).values.keys.compactMap(ProxyFieldType.init(rawValue:))
        #expect(Set(found) == fields.union([.alpn]))
    }

    @Test("says that a client speaks no TLS")
    func withoutTLS() throws {
        let facts = ProxyFacts(addresses: try Self.addresses("192.0.2.1", "198.51.100.2"))
        let bytes = written(ProxyHeaderWriter(.binary, options: .commonName), facts)
        #expect(bytes == ProxyBytes.header(ProxyBytes.v4 + ProxyBytes.field(0x20, [0, 0, 0, 0, 0])))
    }

    @Test("of a client without certificate it says no verify result, of a resumed one that it has one")
    func certificates() throws {
        var facts = try allFacts()
        facts.alpn = nil
        facts.tls?.hasCertificate = false
        let without = try #require(written(ProxyHeaderWriter(.binary, options: .tls), facts))
        #expect(Array(without[28..<36]) == [0x20, 0, 15, 0x01, 0, 0, 0, 0])
        facts.tls?.hasCertificate = true
        facts.tls?.sentCertificate = false
        let resumed = try #require(written(ProxyHeaderWriter(.binary, options: .tls), facts))
        #expect(Array(resumed[28..<36]) == [0x20, 0, 15, 0x05, 0, 0, 0, 18])
    }

    @Test("fields of the user's choice come first, and under the checksum")
    func ownFields() throws {
        var own = Buffer(capacity: 16)
        #expect(ProxyFields.append(0xE1, ("x" as StaticString).view, to: &own))
        var facts = ProxyFacts(addresses: try Self.addresses("192.0.2.1", "198.51.100.2"))
        facts.ownFields = own.view
        let bytes = try #require(written(ProxyHeaderWriter(.binary, options: .checksum), facts))
        #expect(Array(bytes[28..<33]) == [0xE1, 0, 1, 0x78, 0x03])
        #expect(ProxyReading(bytes).values[0xE1] == [0x78])
    }

    @Test("writes behind what is already there, checksum included")
    func behind() throws {
        var buffer = Buffer(capacity: 200)
        buffer.append("before")
        let writer = ProxyHeaderWriter(.binary, options: [.checksum, .tls])
        #expect(writer.append(try allFacts(), to: &buffer))
        let bytes = buffer.view.bytes
        #expect(bytes.starts(with: Array("before".utf8)))
        #expect(ProxyReading(Array(bytes.dropFirst(6))).count == bytes.count - 6)
    }

    @Test("writes all of a header or nothing, whatever room there is")
    func room() throws {
        let writers = [
            ProxyHeaderWriter(.text), ProxyHeaderWriter(.binary),
            ProxyHeaderWriter(.binary, options: [.commonName, .cipher, .authority, .checksum, .uniqueID]),
        ]
        for writer in writers {
            let whole = try #require(written(writer, try allFacts()))
            for room in 0..<whole.count { #expect(written(writer, try allFacts(), room: room) == nil) }
        }
    }

    @Test("writes no header with a value its field can not hold")
    func tooLong() throws {
        let long = ReceivedBytes([UInt8](repeating: 0x61, count: 300))
        var facts = try allFacts()
        facts.uniqueID = long.prefix(129)
        #expect(written(ProxyHeaderWriter(.binary, options: .uniqueID), facts) == nil)
        facts.uniqueID = long.prefix(128)
        #expect(written(ProxyHeaderWriter(.binary, options: .uniqueID), facts) != nil)
        facts.authority = long.prefix(256)
        #expect(written(ProxyHeaderWriter(.binary, options: .authority), facts) == nil)
    }

    /// With `proxy-v2-options ssl,cert-cn,ssl-cipher,cert-sig,cert-key,authority,crc32c,unique-id`.
    @Test("writes what Debian's haproxy 2.6.12 was seen to write")
    func seen() throws {
        let all: ProxyHeaderWriter.Options = [
            .commonName, .cipher, .signature, .key, .authority, .checksum, .uniqueID,
        ]
        var plain = ProxyFacts(
            addresses: ProxyAddresses(
                source: try #require(SocketAddress("::1", port: 0xC8E6)),
                destination: try #require(SocketAddress("::1", port: 0x471A))))
        plain.uniqueID = ("id-1" as StaticString).view
        #expect(
            written(ProxyHeaderWriter(.binary, options: all), plain).map(hex)
                == "0d0a0d0a000d0a515549540a2121003a000000000000000000000000000000010000000000000000000000000000"
                + "0001c8e6471a03000486e5aa6a05000469642d312000050000000000")
        var facts = ProxyFacts(
            addresses: ProxyAddresses(
                source: try #require(SocketAddress("127.0.0.1", port: 59828)),
                destination: try #require(SocketAddress("127.0.0.1", port: 18200))))
        let known = try allFacts()
        (facts.alpn, facts.authority, facts.uniqueID, facts.tls) = (
            known.alpn, known.authority, known.uniqueID, known.tls
        )
        facts.tls?.verifyResult = 0
        facts.tls?.commonName = ("client.example" as StaticString).view
        facts.tls?.cipher = ("TLS_AES_256_GCM_SHA384" as StaticString).view
        #expect(
            written(ProxyHeaderWriter(.binary, options: all), facts).map(hex)
                == "0d0a0d0a000d0a515549540a2111007e7f0000017f000001e9b44718030004a9bb568a0100026832020009612e65"
                + "78616d706c6505000469642d312000500700000000210007544c5376312e3322000e636c69656e742e6578616d70"
                + "6c652500075253413230343824000a5253412d534841323536230016544c535f4145535f3235365f47434d5f5348"
                + "41333834")
    }

    private func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    @Test("what it writes is read back", arguments: [ProxyHeaderWriter.Version.text, .binary])
    func roundTrip(version: ProxyHeaderWriter.Version) throws {
        for (source, destination) in [("192.0.2.1", "192.0.2.2"), ("::1", "::2"), ("192.0.2.1", "::2")] {
            let facts = ProxyFacts(addresses: try Self.addresses(source, destination))
            let bytes = try #require(written(ProxyHeaderWriter(version, options: .checksum), facts))
            let received = ReceivedBytes(bytes)
            var header = ProxyHeader()
            #expect(header.parse(received.prefix(bytes.count)) == .complete(count: bytes.count))
            #expect(header.addresses == facts.addresses)
        }
    }
}
