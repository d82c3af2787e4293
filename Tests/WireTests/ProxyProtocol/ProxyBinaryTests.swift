import Testing

@testable import Wire

@Suite("PROXY version 2")
struct ProxyBinaryTests {
    @Test("reads addresses of both families")
    func addresses() {
        let four = ProxyReading(ProxyBytes.header(ProxyBytes.v4) + [1, 2, 3])
        #expect(four.progress == .complete(count: 28))
        #expect((four.version, four.command.rawValue) == (2, 1))
        #expect(four.source == "192.0.2.1:56324")
        #expect(four.destination == "198.51.100.2:443")
        let six = ProxyReading(ProxyBytes.header(family: 0x21, ProxyBytes.v6))
        #expect(six.progress == .complete(count: 52))
        #expect(six.source == "[2001:db8::1]:56324")
        #expect(six.destination == "[2001:db8::2]:443")
    }

    @Test("an IPv4 address that travels mapped is an IPv4 address")
    func mapped() {
        let zeros = [UInt8](repeating: 0, count: 10)
        let block = zeros + [255, 255, 192, 0, 2, 1] + zeros + [255, 255, 192, 0, 2, 2] + [0, 1, 0, 2]
        let reading = ProxyReading(ProxyBytes.header(family: 0x21, block))
        #expect(reading.source == "192.0.2.1:1")
        #expect(reading.destination == "192.0.2.2:2")
    }

    @Test(
        "keeps the connection's own addresses for what is no TCP connection",
        arguments: [
            (0x00, 0), (0x00, 12), (0x01, 0), (0x02, 5), (0x10, 12), (0x20, 36), (0x30, 216), (0x12, 12),
            (0x22, 36), (0x31, 216), (0x32, 216),
        ] as [(UInt8, Int)])
    func otherFamilies(family: UInt8, count: Int) {
        let bytes = ProxyBytes.header(family: family, [UInt8](repeating: 1, count: count))
        let reading = ProxyReading(bytes)
        #expect(reading.progress == .complete(count: 16 + count))
        #expect(reading.source == nil)
        #expect(reading.command == .proxy)
    }

    @Test("reads the fields behind the addresses of a local socket")
    func localSocket() {
        let block = [UInt8](repeating: 0, count: 216) + ProxyBytes.field(.authority, "a.example")
        #expect(ProxyReading(ProxyBytes.header(family: 0x31, block))[.authority] == "a.example")
    }

    @Test(
        "the sender's own connection is taken whatever family and block it announces",
        arguments: [
            (0x00, []), (0x11, ProxyBytes.v4), (0x11, [1, 2, 3]), (0xFF, [1]), (0x21, []), (0x00, [1, 2]),
            (0x00, [0x20, 0, 1, 9]),
        ] as [(UInt8, [UInt8])])
    func local(family: UInt8, block: [UInt8]) {
        let reading = ProxyReading(ProxyBytes.header(command: 0x20, family: family, block))
        #expect(reading.progress == .complete(count: 16 + block.count))
        #expect(reading.command == .local)
        #expect(reading.source == nil)
        #expect(reading.values.isEmpty)
    }

    @Test("reads the fields of the sender's own connection, as HAProxy writes them")
    func localFields() {
        let bytes = ProxyBytes.checked(command: 0x20, family: 0, ProxyBytes.field(.uniqueID, "id"))
        #expect(ProxyReading(bytes)[.uniqueID] == "id")
    }

    @Test(
        "refuses versions and commands that do not exist, at the thirteenth byte",
        arguments: [0x00, 0x01, 0x11, 0x22, 0x2F, 0x31, 0xFF] as [UInt8])
    func badCommand(byte: UInt8) {
        #expect(
            ProxyReading(ProxyBytes.header(command: byte, ProxyBytes.v4)).progress == .refused(.badCommand))
        #expect(ProxyReading(ProxyBytes.signature + [byte]).progress == .refused(.badCommand))
    }

    @Test(
        "refuses families and protocols that do not exist, at the fourteenth byte",
        arguments: [0x03, 0x0F, 0x13, 0x1F, 0x23, 0x40, 0x41, 0xF1, 0xFF] as [UInt8])
    func badFamily(byte: UInt8) {
        let bytes = ProxyBytes.header(family: byte, ProxyBytes.v4)
        #expect(ProxyReading(bytes).progress == .refused(.badFamily))
        #expect(ProxyReading(Array(bytes.prefix(14))).progress == .refused(.badFamily))
    }

    @Test(
        "refuses a block that is shorter than its addresses",
        arguments: [(0x11, 0), (0x11, 11), (0x12, 11), (0x21, 12), (0x21, 35), (0x31, 36), (0x32, 215)]
            as [(UInt8, Int)])
    func badLength(family: UInt8, count: Int) {
        let bytes = ProxyBytes.header(family: family, [UInt8](repeating: 0, count: count))
        #expect(ProxyReading(bytes).progress == .refused(.badLength))
    }

    @Test("refuses a longer header than we accept once its length is known, without waiting for it")
    func tooLong() {
        let start = ProxyBytes.signature + [0x21, 0x11]
        let most = ProxyHeader.binaryLimit - 16
        #expect(ProxyReading(start + [UInt8(most >> 8), UInt8(most & 255)]).progress == .incomplete)
        #expect(
            ProxyReading(start + [UInt8((most + 1) >> 8), UInt8((most + 1) & 255)]).progress
                == .refused(.tooLong))
        #expect(ProxyReading(start + [0xFF, 0xFF]).progress == .refused(.tooLong))
        let padding = ProxyBytes.field(.padding, String(repeating: "x", count: most - 12 - 3))
        #expect(ProxyReading(ProxyBytes.header(ProxyBytes.v4 + padding)).count == ProxyHeader.binaryLimit)
    }

    @Test("reads every field there is")
    func fields() {
        let block =
            ProxyBytes.v4 + ProxyBytes.field(.padding, "...") + ProxyBytes.field(.alpn, "h2")
            + ProxyBytes.field(.authority, "a.example") + ProxyBytes.field(.uniqueID, "id-1")
            + ProxyBytes.field(.namespace, "blue") + ProxyBytes.field(0xE0, [9, 8, 7])
        let reading = ProxyReading(ProxyBytes.checked(block))
        #expect(reading.source == "192.0.2.1:56324")
        #expect(reading[.padding] == "...")
        #expect(reading[.alpn] == "h2")
        #expect(reading[.authority] == "a.example")
        #expect(reading[.uniqueID] == "id-1")
        #expect(reading[.namespace] == "blue")
        #expect(reading.values[0xE0] == [9, 8, 7])
        #expect(reading.values[0x03]?.count == 4)
        #expect(reading.tls == nil)
    }

    @Test("reads what is said of the client's TLS")
    func tls() throws {
        let sub =
            ProxyBytes.field(.tlsVersion, "TLSv1.3") + ProxyBytes.field(.commonName, "client")
            + ProxyBytes.field(.cipher, "C") + ProxyBytes.field(.signature, "S") + ProxyBytes.field(.key, "K")
        let field = ProxyBytes.field(0x20, [0x05, 0, 0, 0, 18] + sub)
        let reading = ProxyReading(ProxyBytes.header(ProxyBytes.v4 + field))
        let tls = try #require(reading.tls)
        #expect(tls.isUsed && tls.hasCertificate && !tls.sentCertificate)
        #expect(tls.verifyResult == 18)
        #expect(reading[.tlsVersion] == "TLSv1.3")
        #expect(reading[.commonName] == "client")
        #expect(reading[.cipher] == "C")
        #expect(reading[.signature] == "S")
        #expect(reading[.key] == "K")
    }

    @Test("the first of several fields of a type counts")
    func duplicates() {
        let block = ProxyBytes.v4 + ProxyBytes.field(.authority, "one") + ProxyBytes.field(.authority, "two")
        #expect(ProxyReading(ProxyBytes.header(block))[.authority] == "one")
    }

    @Test(
        "refuses fields that are cut or can not be",
        arguments: [
            [1], [1, 0], [1, 0, 1], [1, 255, 255, 0], ProxyBytes.field(0x03, []),
            ProxyBytes.field(0x03, [1, 2, 3]),
            ProxyBytes.field(0x03, [1, 2, 3, 4, 5]), ProxyBytes.field(0x20, [1, 0, 0, 0]),
            ProxyBytes.field(0x20, [1, 0, 0, 0, 0, 0x21]),
            ProxyBytes.field(0x20, [1, 0, 0, 0, 0, 0x21, 0, 2, 0]),
            ProxyBytes.field(0x05, [UInt8](repeating: 1, count: 129)),
            ProxyBytes.field(0x02, [UInt8](repeating: 1, count: 256)),
            ProxyBytes.field(0x03, [0, 0, 0, 0]) + ProxyBytes.field(0x03, [0, 0, 0, 0]),
        ] as [[UInt8]])
    func badFields(block: [UInt8]) {
        #expect(ProxyReading(ProxyBytes.header(ProxyBytes.v4 + block)).progress == .refused(.badField))
    }

    @Test("takes the longest unique ID and host name there may be")
    func longest() {
        let id = ProxyBytes.field(0x05, [UInt8](repeating: 1, count: 128))
        let name = ProxyBytes.field(0x02, [UInt8](repeating: 1, count: 255))
        #expect(ProxyReading(ProxyBytes.header(ProxyBytes.v4 + id + name)).values[0x02]?.count == 255)
    }

    @Test("refuses a header of which any one bit was changed under its checksum")
    func checksum() {
        let bytes = ProxyBytes.checked(ProxyBytes.v4 + ProxyBytes.field(.authority, "a.example"))
        #expect(ProxyReading(bytes).count == bytes.count)
        for i in 16..<bytes.count {
            for bit in 0..<8 {
                var changed = bytes
                changed[i] ^= 1 << UInt8(bit)
                // Where the checksum's own type or a length is hit there is no checksum left to compare with.
                let isFieldHead = [28, 29, 30, bytes.count - 7, bytes.count - 6, bytes.count - 5].contains(i)
                if !isFieldHead { #expect(ProxyReading(changed).progress == .refused(.badChecksum)) }
            }
        }
        var local = ProxyBytes.checked(command: 0x20, family: 0, [])
        local[local.count - 1] ^= 1
        #expect(ProxyReading(local).progress == .refused(.badChecksum))
    }

    @Test("waits for more wherever the header is cut, and reads it as if it had come at once")
    func cuts() {
        let bytes = ProxyBytes.checked(family: 0x21, ProxyBytes.v6 + ProxyBytes.field(.alpn, "h2"))
        for cut in 0..<bytes.count {
            #expect(ProxyReading(Array(bytes.prefix(cut))).progress == .incomplete)
        }
        #expect(ProxyReading(bytes, cuts: Array(0..<bytes.count)) == ProxyReading(bytes))
    }

    @Test("knows at the first byte that differs from the signature that it is none")
    func other() {
        for i in 0..<12 {
            var bytes = Array(ProxyBytes.signature.prefix(i + 1))
            bytes[i] ^= 0x80
            #expect(ProxyReading(bytes).progress == .notProxy)
        }
    }
}
