import Basics
import COpenSSL
import Testing

@testable import Wire

@Suite("ClientHello")
struct ClientHelloTests {
    private let full = HelloBytes(
        HelloBytes.field(0x0A0A, []), HelloBytes.name("www.example.org"), HelloBytes.field(23, []),
        HelloBytes.protocols("h2", "http/1.1"), HelloBytes.versions(0x3A3A, 0x0304, 0x0303))

    @Test("finds host, protocols and versions")
    func everything() {
        let reading = HelloReading(full.record)
        #expect(reading.progress == .complete)
        #expect(reading.serverName == "www.example.org")
        #expect(reading.protocols == ["h2", "http/1.1"])
        #expect(reading.newestVersion == 0x0304)
        #expect(reading.legacyVersion == 0x0303)
    }

    @Test("finds what is only told: suites, groups, signatures, shares of keys and tickets")
    func told() {
        let shares = HelloBytes.list([0, 29] + HelloBytes.list([1, 2, 3]) + [0, 23] + HelloBytes.list([]))
        let bytes = HelloBytes(
            HelloBytes.field(10, HelloBytes.list([0, 29, 0, 23])),
            HelloBytes.field(13, HelloBytes.list([4, 3])),
            HelloBytes.field(35, []), HelloBytes.field(51, shares)
        ).record
        var hello = ClientHello()
        var message = Buffer(capacity: ClientHello.limit)
        let progress = hello.parse(ReceivedBytes(bytes).prefix(bytes.count), message: &message)
        #expect(progress == .complete)
        let found = [hello.ciphers, hello.groups, hello.signatures].map { $0.map { message.view[$0].bytes } }
        #expect(found == [[0x13, 0x01, 0xC0, 0x2B], [0, 29, 0, 23], [4, 3]])
        let groups = hello.keyShareGroups(in: message.view)
        #expect(groups == [0, 29, 0, 23])
        #expect(hello.namesGroups && hello.hasTicket == false)
    }

    @Test(
        "what is only told and makes no sense is not there, and is no reason to refuse anybody",
        arguments: [10, 13, 51] as [UInt16])
    func senseless(type: UInt16) {
        for body in [[], [0], [0, 9, 1], [0xFF, 0xFF]] as [[UInt8]] {
            let bytes = HelloBytes(HelloBytes.field(type, body), HelloBytes.name("a.test")).record
            var hello = ClientHello()
            var message = Buffer(capacity: ClientHello.limit)
            let progress = hello.parse(ReceivedBytes(bytes).prefix(bytes.count), message: &message)
            #expect(progress == .complete && hello.serverName != nil)
            #expect(hello.groups == nil && hello.signatures == nil && hello.keyShares == nil)
            #expect(hello.namesGroups == (type == 10) && hello.hasTicket == nil)
        }
    }

    @Test("a client may say nothing of all that")
    func nothing() {
        var bare = HelloBytes()
        for extensions in [[], nil] as [[UInt8]?] {
            bare.extensions = extensions
            bare.version = [3, 1]
            let reading = HelloReading(bare.record)
            #expect(reading.progress == .complete)
            #expect(reading.serverName == nil)
            #expect(reading.protocols == [])
            #expect(reading.newestVersion == 0x0301)
        }
    }

    @Test(
        "the newest version is the highest of the list, made-up values left out",
        arguments: [
            ([0x0303, 0x0304], 0x0304), ([0x0304], 0x0304), ([0x0303, 0x0302], 0x0303),
            ([0xFAFA, 0x0303], 0x0303), ([0x7F1C], 0x0303),
        ] as [([UInt16], UInt16)])
    func versions(versions: [UInt16], newest: UInt16) {
        let list = versions.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }
        let field = HelloBytes.field(43, HelloBytes.list(list, lengthBytes: 1))
        #expect(HelloReading(HelloBytes(field).record).newestVersion == newest)
    }

    @Test("finds a protocol in the list and no part of one")
    func contains() {
        let received = ReceivedBytes([2, 0x68, 0x32, 8] + Array("http/1.1".utf8))
        let names = ProtocolNames(received.prefix(12))
        let found = ["h2", "http/1.1", "http/1", ""].map { name in name.withView { names.contains($0) } }
        #expect(found == [true, true, false, false])
    }

    @Test("waits for more wherever the record is cut, and reads it as if it had come at once")
    func cuts() {
        let bytes = full.record
        for cut in 0..<bytes.count { #expect(HelloReading(Array(bytes.prefix(cut))).progress == .incomplete) }
        #expect(HelloReading(bytes, cuts: Array(0..<bytes.count)) == HelloReading(bytes))
    }

    @Test("does not care into how many records the client cuts the message", arguments: [3, 4, 5, 7, 40, 90])
    func records(size: Int) {
        let bytes = HelloBytes.records(full.message, size: size)
        #expect(HelloReading(bytes) == HelloReading(full.record))
        #expect(HelloReading(bytes, cuts: Array(0..<bytes.count)) == HelloReading(full.record))
        for cut in 0..<bytes.count { #expect(HelloReading(Array(bytes.prefix(cut))).progress == .incomplete) }
    }

    @Test("takes a message in as many records as we accept and in no more")
    func recordLimit() {
        let padded = HelloBytes(
            HelloBytes.name("a.example"), HelloBytes.field(21, [UInt8](repeating: 0, count: 600)))
        let fitting = (padded.message.count + ClientHello.recordLimit - 1) / ClientHello.recordLimit
        #expect(HelloReading(HelloBytes.records(padded.message, size: fitting)).serverName == "a.example")
        #expect(HelloReading(HelloBytes.records(padded.message, size: fitting - 1)).progress == .malformed)
        #expect(HelloReading(HelloBytes.records(padded.message, size: 1)).progress == .malformed)
    }

    @Test("takes the longest message we accept and refuses a longer one before it has come")
    func limit() {
        let rest = ClientHello.limit - HelloBytes(HelloBytes.field(21, [])).message.count
        let most = HelloBytes(HelloBytes.field(21, [UInt8](repeating: 0, count: rest)))
        #expect(most.message.count == ClientHello.limit)
        #expect(HelloReading(most.record).progress == .complete)
        let more = HelloBytes(HelloBytes.field(21, [UInt8](repeating: 0, count: rest + 1))).message
        #expect(HelloReading(HelloBytes.records(Array(more.prefix(4)), size: 100)).progress == .malformed)
        #expect(HelloReading(HelloBytes.records(Array(more.prefix(4)), size: 2)).progress == .malformed)
        #expect(HelloReading([22, 3, 1, 0x40, 0, 1, 0xFF, 0xFF, 0xFF]).progress == .malformed)
    }

    @Test(
        "knows as early as it can what is no TLS",
        arguments: [
            Array("G".utf8), Array("SSH-2.0-x\r\n".utf8), [0x80, 0x2E, 1, 3, 1], [21, 3, 3], [20],
            [23, 3, 3, 0, 5],
            [22, 2], [22, 4], [22, 3, 5], [22, 3, 1, 0, 0], [22, 3, 1, 0x40, 1], [22, 3, 1, 0, 10, 2],
            [22, 3, 1, 0, 10, 0], [13, 10],
        ] as [[UInt8]])
    func other(bytes: [UInt8]) {
        #expect(HelloReading(bytes).progress == .notTLS)
        #expect(HelloReading(bytes, cuts: Array(0..<bytes.count)).progress == .notTLS)
    }

    @Test(
        "refuses what continues as something else",
        arguments: [[21], [23, 3, 1, 0, 1, 0], [22, 2], [22, 3, 1, 0, 0], [22, 3, 1, 0x40, 1]] as [[UInt8]])
    func otherRecords(bytes: [UInt8]) {
        let first = HelloBytes.records(Array(full.message.prefix(20)), size: 20)
        #expect(HelloReading(first).progress == .incomplete)
        #expect(HelloReading(first + bytes).progress == .malformed)
    }

    @Test("refuses a message that is longer or shorter than its records")
    func trailing() {
        #expect(HelloReading(HelloBytes.records(full.message + [0], size: 16_384)).progress == .malformed)
        #expect(
            HelloReading(HelloBytes.records(full.message + full.message, size: 16_384)).progress == .malformed
        )
    }

    @Test("refuses a message of which any length is wrong")
    func lengths() {
        var hello = full
        hello.session = [UInt8](repeating: 1, count: 33)
        #expect(HelloReading(hello.record).progress == .malformed)
        for ciphers in [[], [1], [1, 2, 3]] as [[UInt8]] {
            hello = full
            hello.ciphers = ciphers
            #expect(HelloReading(hello.record).progress == .malformed)
        }
        hello = full
        hello.compressions = []
        #expect(HelloReading(hello.record).progress == .malformed)
        hello = full
        hello.version = [2, 0]
        #expect(HelloReading(hello.record).progress == .malformed)
        for count in 5..<full.message.count {
            let cut = [1] + HelloBytes.list(Array(full.message[4..<count]), lengthBytes: 3)
            let reading = HelloReading(HelloBytes.records(cut, size: 16_384))
            // Cut right before the extensions it is a message without any.
            let isOld = count == 4 + 2 + 32 + 1 + 2 + hello.ciphers.count + 2
            #expect(reading.progress == (isOld ? .complete : .malformed))
        }
    }

    @Test(
        "refuses extensions no TLS would take",
        arguments: [
            [0], [0, 0], [0, 0, 0], [0, 0, 0, 1], [0xAA, 0xAA, 0xFF, 0xFF],
            HelloBytes.field(0, []), HelloBytes.field(0, [0, 0]), HelloBytes.field(0, [0, 3, 0, 0, 0]),
            HelloBytes.field(0, [0, 4, 1, 0, 1, 0x61]), HelloBytes.field(0, [0, 4, 0, 0, 2, 0x61]),
            HelloBytes.field(0, [0, 5, 0, 0, 1, 0x61]), HelloBytes.field(0, [0, 4, 0, 0, 1, 0x61, 0]),
            HelloBytes.field(0, [0, 8, 0, 0, 1, 0x61, 0, 0, 1, 0x62]),
            HelloBytes.name("a.example") + HelloBytes.name("b.example"), HelloBytes.name(""),
            HelloBytes.name("a\u{0}.example"), HelloBytes.name("a b"), HelloBytes.name("\u{E4}.example"),
            HelloBytes.name(String(repeating: "a", count: 256)),
            HelloBytes.field(16, []), HelloBytes.field(16, [0, 0]), HelloBytes.field(16, [0, 1, 0]),
            HelloBytes.field(16, [0, 2, 2, 0x68]), HelloBytes.field(16, [0, 3, 0, 1, 0x68]),
            HelloBytes.protocols("h2") + HelloBytes.protocols("h2"),
            HelloBytes.field(43, []), HelloBytes.field(43, [0]), HelloBytes.field(43, [1, 3]),
            HelloBytes.field(43, [3, 3, 4, 3]), HelloBytes.field(43, [2, 3, 4, 0]),
            HelloBytes.versions(0x0304) + HelloBytes.versions(0x0303),
        ] as [[UInt8]])
    func badExtensions(extensions: [UInt8]) {
        #expect(HelloReading(HelloBytes(extensions).record).progress == .malformed)
    }

    @Test("takes the longest name there can be")
    func longestName() {
        let name = String(repeating: "a", count: 255)
        #expect(HelloReading(HelloBytes(HelloBytes.name(name)).record).serverName == name)
    }

    @Test("any changed byte gives an answer and never a name that is not there")
    func changedBytes() {
        let bytes = full.record
        for i in 0..<bytes.count {
            for change in [0x01, 0x80, 0xFF] as [UInt8] {
                var changed = bytes
                changed[i] ^= change
                let name = HelloReading(changed).serverName
                #expect(name == nil || name?.utf8.count == 15)
            }
        }
    }

    @Test("reads what OpenSSL sends", arguments: [TLS1_2_VERSION, TLS1_3_VERSION])
    func openSSL(version: Int32) throws {
        let context = try #require(SSL_CTX_new(TLS_client_method()))
        defer { SSL_CTX_free(context) }
        let ssl = try #require(SSL_new(context))
        defer { SSL_free(ssl) }
        let (input, output) = (BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()))
        SSL_set_bio(ssl, input, output)
        SSL_ctrl(ssl, SSL_CTRL_SET_MAX_PROTO_VERSION, Int(version), nil)
        var name = Array("host.example".utf8CString)
        SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, Int(TLSEXT_NAMETYPE_host_name), &name)
        SSL_set_alpn_protos(ssl, [2, 0x68, 0x32], 3)
        #expect(SSL_connect(ssl) == -1)
        var bytes = [UInt8](repeating: 0, count: 4_096)
        bytes.removeLast(bytes.count - Int(BIO_read(output, &bytes, Int32(bytes.count))))
        let reading = HelloReading(bytes)
        #expect(reading.progress == .complete)
        #expect(reading.serverName == "host.example")
        #expect(reading.protocols == ["h2"])
        #expect(reading.newestVersion == UInt16(version))
    }
}
