import COpenSSL
import Testing

@testable import Wire

@Suite("Settings of server names")
struct NamedHandshakeTests {
    private static let tls12 = TLS1_2_VERSION...TLS1_2_VERSION
    private static let tls13 = TLS1_3_VERSION...TLS1_3_VERSION

    /// A session of a client that asks for `name`, where these settings are those of names.
    private func pair(
        _ named: [String: NamedHandshake], _ name: String?, versions: ClosedRange<Int32>? = nil,
        protocols: [UInt8] = [], _ listener: HandshakeSettings? = nil
    ) throws -> TLSPair {
        var table = CertificateTable(defaultKeys: [try Keys.ecdsa("default")])
        for (pattern, settings) in named { table.setHandshake(settings, for: pattern) }
        let context = try TLSContext(
            certificates: table, ticketKeys: TicketKeys(now: 0), protocols: [.http2, .http11])
        var options = ClientOptions(serverName: name)
        if let versions { options.versions = versions }
        options.protocols = protocols
        let pair = try TLSPair(context, options, listener)
        pair.handshake()
        return pair
    }

    private func outcome(
        _ named: [String: NamedHandshake], _ name: String?, _ versions: ClosedRange<Int32>,
        _ listener: HandshakeSettings? = nil
    ) throws -> TLSSession.Handshake {
        try pair(named, name, versions: versions, listener).serverState
    }

    @Test("a name's versions hold for it, its wildcard's for others, and nobody else's")
    func versions() throws {
        let named = [
            "a.example": try NamedHandshake(TLSPolicy(oldest: .tls13)),
            "*.b.example": try NamedHandshake(TLSPolicy(newest: .tls12)),
        ]
        #expect(try outcome(named, "a.example", Self.tls13) == .done)
        #expect(try outcome(named, "A.EXAMPLE.", Self.tls12) == .failed(.unsupportedProtocol))
        #expect(try outcome(named, "x.b.example", Self.tls12) == .done)
        #expect(try outcome(named, "x.b.example", Self.tls13) == .failed(.unsupportedProtocol))
        for name in ["b.example", "c.example", nil] {
            #expect(try outcome(named, name, Self.tls12) == .done)
            #expect(try outcome(named, name, Self.tls13) == .done)
        }
    }

    @Test("the empty pattern is every other name and none")
    func everyOther() throws {
        let named = [
            "": try NamedHandshake(TLSPolicy(oldest: .tls13)), "a.example": try NamedHandshake(TLSPolicy()),
        ]
        #expect(try outcome(named, "a.example", Self.tls12) == .done)
        #expect(try outcome(named, "b.example", Self.tls12) == .failed(.unsupportedProtocol))
        #expect(try outcome(named, nil, Self.tls12) == .failed(.unsupportedProtocol))
    }

    @Test("a name's settings go before the listener's, in both directions")
    func beforeListener() throws {
        let listener = try HandshakeSettings(TLSPolicy(oldest: .tls13), isStrict: false)
        let named = ["a.example": try NamedHandshake(TLSPolicy(newest: .tls12))]
        #expect(try outcome(named, "a.example", Self.tls12, listener) == .done)
        #expect(try outcome(named, "b.example", Self.tls12, listener) == .failed(.unsupportedProtocol))
    }

    @Test("ciphers, suites and groups of a name")
    func ciphers() throws {
        let named = [
            "a.example": try NamedHandshake(
                TLSPolicy(
                    ciphers: "ECDHE-ECDSA-CHACHA20-POLY1305", suites: "TLS_CHACHA20_POLY1305_SHA256",
                    groups: "P-384"))
        ]
        #expect(try pair(named, "a.example", versions: Self.tls12).cipherNumber == 0xCCA9)
        // A client that guesses another group begins again.
        #expect(try pair(named, "a.example", versions: Self.tls13).cipherNumber == 0x1303)
        #expect(try pair(named, "b.example", versions: Self.tls13).cipherNumber != 0x1303)
    }

    @Test("a name may leave HTTP/2 out")
    func protocols() throws {
        let named = ["a.example": try NamedHandshake(nil, offersHTTP2: false)]
        let offer = ApplicationProtocol.wireFormat(of: [.http2, .http11])
        #expect(try pair(named, "a.example", protocols: offer).applicationProtocol == .http11)
        #expect(try pair(named, "b.example", protocols: offer).applicationProtocol == .http2)
    }

    @Test("what a listener demands, a name may demand otherwise, or not at all")
    func demands() throws {
        func demand(_ authority: TestAuthority) throws -> ClientVerification {
            ClientVerification(.required, authorities: try authority.store(), identity: authority.pem)
        }
        let (ours, theirs) = (try TestAuthority(), try TestAuthority("Other"))
        let listener = try HandshakeSettings(TLSPolicy(), isStrict: false, verification: demand(ours))
        let named = [
            "open.example": try NamedHandshake(nil, demand: .nothing),
            "same.example": try NamedHandshake(TLSPolicy()),
            "own.example": try NamedHandshake(nil, demand: .own(demand(theirs))),
        ]
        #expect(try outcome(named, "open.example", Self.tls12, listener) == .done)
        for name in ["same.example", "own.example", "x.example", nil] {
            #expect(try outcome(named, name, Self.tls12, listener) == .failed(.peerHasNone))
        }
        #expect(try outcome(named, "own.example", Self.tls12) == .failed(.peerHasNone))
        #expect(try outcome(named, "same.example", Self.tls12) == .done)
    }

    @Test("settings, certificates and demands of a name change apart")
    func apart() throws {
        var table = CertificateTable(defaultKeys: [try Keys.ecdsa("default")])
        func isHeld(_ name: String) -> Bool {
            Array(name.utf8).withUnsafeBytes { table.handshake(forServerName: $0) != nil }
        }
        table.setHandshake(try NamedHandshake(nil), for: "a.example")
        table.setKeys([try Keys.ecdsa("a.example")], for: "a.example")
        table.setKeys([], for: "a.example")
        #expect(isHeld("a.example"))
        #expect(table.count == 1)
        table.setHandshake(nil, for: "a.example")
        #expect(!isHeld("a.example"))
        #expect(table.count == 0)
        table.setHandshake(try NamedHandshake(nil), for: "*.a.example")
        #expect(isHeld("b.a.example"))
        #expect(!isHeld("a.example"))
    }

    @Test("what OpenSSL does not know is refused")
    func refused() {
        #expect(throws: TLSSettingsError.ciphers("NONE")) { try NamedHandshake(TLSPolicy(ciphers: "NONE")) }
        #expect(throws: TLSSettingsError.groups("X")) { try NamedHandshake(TLSPolicy(groups: "X")) }
    }
}
