import COpenSSL
import Testing

@testable import Wire

@Suite("TLS handshakes")
struct HandshakeTests {
    private func context(_ table: CertificateTable, _ protocols: [ApplicationProtocol] = [.http11]) throws
        -> TLSContext
    {
        try TLSContext(certificates: table, ticketKeys: TicketKeys(now: 0), protocols: protocols)
    }

    private func namedTable() throws -> CertificateTable {
        var table = CertificateTable(defaultKeys: [try Keys.ecdsa("default.example")])
        table.setKeys([try Keys.ecdsa("shop.example")], for: "shop.example")
        table.setKeys([try Keys.ecdsa("wild.example")], for: "*.shop.example")
        return table
    }

    @Test(
        "the server name chooses the certificate: exact, then wildcard, then default",
        arguments: [
            ("shop.example", "shop.example"), ("SHOP.Example", "shop.example"),
            ("a.shop.example", "wild.example"),
            ("a.b.shop.example", "default.example"), ("other.example", "default.example"),
            (nil, "default.example"),
        ], [TLS1_2_VERSION, TLS1_3_VERSION])
    func serverNameChooses(_ row: (asked: String?, served: String), version: Int32) throws {
        let pair = try TLSPair(
            context(namedTable()), ClientOptions(serverName: row.asked, versions: version...version))
        #expect(pair.handshake() == .done)
        #expect(pair.servedName == row.served)
        #expect(pair.reportedName == row.asked ?? "")
        #expect(pair.version == (version == TLS1_3_VERSION ? .tls13 : .tls12))
        #expect(pair.cipherNumber == (version == TLS1_3_VERSION ? 0x1301 : 0xC02B))
        #expect(!pair.isResumed)
    }

    @Test(
        "a name with an RSA and an ECDSA certificate, and every other name with two defaults, is served as the client can verify, ECDSA first",
        arguments: [
            ("ECDSA+SHA256:RSA-PSS+SHA256:RSA+SHA256", EVP_PKEY_EC), ("ECDSA+SHA256", EVP_PKEY_EC),
            ("RSA-PSS+SHA256:RSA+SHA256", EVP_PKEY_RSA), ("RSA-PSS+SHA256:ECDSA+SHA256", EVP_PKEY_EC),
        ], [TLS1_2_VERSION, TLS1_3_VERSION])
    func bothKeyTypes(_ row: (signatures: String, served: Int32), version: Int32) throws {
        var table = CertificateTable()
        table.setKeys([try Keys.rsa("a.example"), try Keys.ecdsa("a.example")], for: "a.example")
        table.setDefaultKeys([try Keys.rsa("b.example"), try Keys.ecdsa("b.example")])
        for name in ["a.example", "b.example"] {
            let pair = try TLSPair(
                context(table),
                ClientOptions(serverName: name, versions: version...version, signatures: row.signatures))
            #expect(pair.handshake() == .done)
            #expect(pair.servedType == row.served)
        }
    }

    @Test("an Ed25519 certificate is served")
    func ed25519() throws {
        let pem = try Keys.pem(key: Keys.plainKey(EVP_PKEY_ED25519), digest: nil)
        let key = try CertifiedKey(chainPEM: pem.chain, keyPEM: pem.key)
        #expect(key.keyType == .ed25519)
        let pair = try TLSPair(context(CertificateTable(defaultKeys: [key])))
        #expect(pair.handshake() == .done)
        #expect(pair.servedType == EVP_PKEY_ED25519)
    }

    @Test("a changed table serves the next handshake; connections made before live on")
    func swap() throws {
        let context = try context(CertificateTable(defaultKeys: [Keys.ecdsa("old.example")]))
        let before = try TLSPair(context)
        #expect(before.handshake() == .done)
        let halfWay = try TLSPair(context)
        context.certificates = CertificateTable(defaultKeys: [try Keys.ecdsa("new.example")])
        let after = try TLSPair(context)
        #expect(halfWay.handshake() == .done)
        #expect(after.handshake() == .done)
        #expect(
            [before.servedName, halfWay.servedName, after.servedName] == [
                "old.example", "new.example", "new.example",
            ])
        try before.clientSends("still here")
        #expect(before.serverReads().1 == Array("still here".utf8))
        #expect(before.serverWrites("yes".utf8) == .bytes(3))
        #expect(before.clientReads() == Array("yes".utf8))
    }

    @Test("the intermediates are sent with the leaf")
    func chain() throws {
        let authority = try GeneratedAuthority(commonName: "Test CA", now: Keys.now)
        let leaf = try authority.issue(names: ["a.example"], now: Keys.now)
        let key = try CertifiedKey(chainPEM: leaf.chainPEM, keyPEM: leaf.keyPEM)
        let pair = try TLSPair(context(CertificateTable(defaultKeys: [key])))
        #expect(pair.handshake() == .done)
        #expect(OPENSSL_sk_num(SSL_get_peer_cert_chain(pair.client)) == 2)
    }

    @Test(
        "ALPN answers with our first protocol the client offers, and not at all if there is none",
        arguments: [
            (["http/1.1"], [ApplicationProtocol.http11], ApplicationProtocol.http11),
            (["h2", "http/1.1"], [.http11], .http11),
            (["http/1.1", "h2"], [.http2, .http11], .http2),
            (["spdy/3", "http/1.1"], [.http2, .http11], .http11),
            (["h2"], [.http11], nil),
            ([], [.http11], nil),
        ])
    func alpn(offered: [String], ours: [ApplicationProtocol], agreed: ApplicationProtocol?) throws {
        let wire = offered.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
        let pair = try TLSPair(
            context(CertificateTable(defaultKeys: [Keys.ecdsa("a.example")]), ours),
            ClientOptions(protocols: wire))
        #expect(pair.handshake() == .done)
        #expect(pair.applicationProtocol == agreed)
    }
}
