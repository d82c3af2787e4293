import Basics
import COpenSSL
import Testing

@testable import Wire

@Suite("What TLS clients offer")
struct HelloOfferTests {
    /// A ClientHello with these suites and extensions.
    private func hello(_ suites: [UInt8], _ extensions: [(kind: UInt16, body: [UInt8])]) -> [UInt8] {
        var list: [UInt8] = []
        for part in extensions {
            list += number(Int(part.kind))
            list += number(part.body.count)
            list += part.body
        }
        var body: [UInt8] = [3, 3]
        body += [UInt8](repeating: 7, count: 32)
        body += [2, 9, 9]
        body += number(suites.count) + suites
        body += [1, 0]
        body += number(list.count) + list
        return [1, 0] + number(body.count) + body
    }

    private func number(_ value: Int) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 0xFF)] }

    private let rich: [(kind: UInt16, body: [UInt8])] = [
        (0x2A2A, []), (10, [0, 4, 0, 29, 0, 23]), (11, [1, 0]), (13, [0, 2, 4, 3]), (43, [2, 3, 4]), (23, []),
    ]

    private func offer(_ bytes: [UInt8], room: Int = 1_000) -> HelloOffer? {
        bytes.withView { HelloOffer($0, room: room) }
    }

    @Test("suites, kinds of extensions and their lists are kept, the last one too")
    func whole() throws {
        let suites: [UInt8] = [0x4A, 0x4A, 0x13, 0x01]
        let found = try #require(offer(hello(suites, rich)))
        #expect(found.version == 0x0303 && found.ciphers == suites)
        #expect(found.hash == suites.withView { XXHash64.hash($0) })
        #expect(found.extensions == [0x2A, 0x2A, 0, 10, 0, 11, 0, 13, 0, 43, 0, 23])
        #expect(found.groups == [0, 29, 0, 23] && found.pointFormats == [0])
        #expect(found.signatures == [4, 3] && found.versions == [3, 4])
    }

    @Test(
        "all share the room, one behind the other; the hash is of everything",
        arguments: [
            (0, 0, 0, 0, 0), (3, 3, 0, 0, 0), (5, 4, 0, 0, 0), (6, 4, 2, 0, 0), (16, 4, 12, 0, 0),
            (19, 4, 12, 3, 0), (20, 4, 12, 4, 0), (21, 4, 12, 4, 1),
        ])
    func room(room: Int, suites: Int, kinds: Int, groups: Int, formats: Int) throws {
        let found = try #require(offer(hello([0x13, 1, 0x13, 2], rich), room: room))
        #expect([found.ciphers.count, found.extensions.count] == [suites, kinds])
        // Where there was no room for all kinds, later ones are not looked at.
        #expect(kinds < 12 || [found.groups.count, found.pointFormats.count] == [groups, formats])
        #expect(found.hash == offer(hello([0x13, 1, 0x13, 2], []))?.hash)
    }

    @Test("what is cut anywhere is kept as far as it goes, and nothing is read behind the end")
    func cut() {
        let bytes = hello([0x13, 1], rich)
        for count in 0..<bytes.count {
            let found = offer(Array(bytes[..<count]))
            #expect((found != nil) == (count >= 4 + 2 + 32 + 3 + 4), "\(count)")
        }
        for place in bytes.indices {
            for value in [UInt8(0), 1, 0x7F, 0xFF] {
                var broken = bytes
                broken[place] = value
                let found = offer(broken, room: 64)
                #expect((found?.ciphers.count ?? 0) + (found?.extensions.count ?? 0) <= 64)
            }
        }
        #expect(offer([2] + bytes.dropFirst()) == nil)
    }

    @Test("a session keeps it where its listener says so", arguments: [TLS1_2_VERSION, TLS1_3_VERSION])
    func session(version: Int32) throws {
        let table = CertificateTable(defaultKeys: [try Keys.ecdsa("a.example")])
        let context = try TLSContext(certificates: table, ticketKeys: TicketKeys(now: 0))
        let keeping = try HandshakeSettings(TLSPolicy(), isStrict: false, offerRoom: 500)
        let pair = try TLSPair(
            context, ClientOptions(serverName: "a.example", versions: version...version), keeping)
        #expect(pair.handshake() == .done)
        let kept = pair.server.offer
        let offer = try #require(kept)
        #expect(offer.version == 0x0303 && !offer.ciphers.isEmpty && !offer.groups.isEmpty)
        #expect(offer.versions.isEmpty == (version == TLS1_2_VERSION))
        #expect(pair.server.cipherName(of: 0x1301)?.string == "TLS_AES_128_GCM_SHA256")
        #expect(pair.server.cipherName(of: 0xFFFE) == nil)
        let plain = try TLSPair(context, ClientOptions(serverName: "a.example"))
        #expect(plain.handshake() == .done && plain.server.offer == nil)
    }

    @Test("what a handshake leaves behind", arguments: [TLS1_2_VERSION, TLS1_3_VERSION])
    func facts(version: Int32) throws {
        let table = CertificateTable(defaultKeys: [try Keys.ecdsa("a.example")])
        let context = try TLSContext(certificates: table, ticketKeys: TicketKeys(now: 0))
        let pair = try TLSPair(context, ClientOptions(versions: version...version))
        #expect(pair.handshake() == .done)
        #expect(pair.server.groupName?.string == "X25519")
        #expect(pair.server.clientRandom.count == 32 && pair.server.serverRandom.count == 32)
        #expect(pair.server.clientRandom != pair.server.serverRandom)
        #expect(pair.server.unique.count == (version == TLS1_2_VERSION ? 12 : 32))
        #expect(pair.server.sentChain.isEmpty && pair.server.verifiedRoot == nil)
        #expect(pair.server.verificationFaults == VerificationFaults())
    }

    @Test("the first thing that is wrong counts, of the certificate and of those above it apart")
    func faults() {
        var faults = VerificationFaults()
        faults.note(20, depth: 2)
        faults.note(19, depth: 1)
        #expect(faults.client == 0 && faults.authority == 20 && faults.depth == 2)
        faults.note(10, depth: 0)
        faults.note(23, depth: 0)
        #expect(faults.client == 10)
    }
}
