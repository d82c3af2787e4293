import COpenSSL
import Testing

@testable import Wire

/// Our side of TLS with servers.
@Suite("TLS with servers")
struct TLSClientTests {
    private let authority: TestAuthority

    init() throws { authority = try TestAuthority() }

    private func server(_ key: CertifiedKey, protocols: [ApplicationProtocol] = [.http11]) throws
        -> TLSContext
    {
        try TLSContext(
            certificates: CertificateTable(defaultKeys: [key]), ticketKeys: TicketKeys(now: 0),
            protocols: protocols)
    }

    private func sessions(
        trusting store: TrustStore? = nil, unnamed: String? = nil,
        _ configure: (inout TLSClientContext.Settings) -> Void = { _ in }
    ) throws -> TLSClientSessions {
        var settings = TLSClientContext.Settings()
        settings.authorities = store.map { TrustSource($0) }
        configure(&settings)
        return TLSClientSessions(context: try TLSClientContext(settings), nameWithoutSNI: unnamed)
    }

    private func outcome(
        _ key: CertifiedKey, trusting store: TrustStore?, name: String = "", unnamed: String? = nil
    ) throws -> TLSSession.Handshake {
        try SessionPair(sessions(trusting: store, unnamed: unnamed), server(key), name: name).handshake()
    }

    @Test("a certificate of the authority for the name is accepted, whatever its case or wildcard")
    func accepted() throws {
        let store = try authority.store()
        #expect(try outcome(authority.issue("a.example"), trusting: store, name: "a.example") == .done)
        #expect(try outcome(authority.issue("A.example"), trusting: store, name: "a.EXAMPLE") == .done)
        #expect(try outcome(authority.issue("*.b.example"), trusting: store, name: "a.b.example") == .done)
        #expect(try outcome(authority.issue("other"), trusting: store) == .done, "nobody was asked for")
        #expect(try outcome(authority.issue("10.0.0.1"), trusting: store, unnamed: "10.0.0.1") == .done)
    }

    @Test("another name is refused, sent or not")
    func otherName() throws {
        let store = try authority.store()
        let key = try authority.issue("b.example", "10.0.0.2")
        for name in ["a.example", "b.b.example", "example", "b.example.org"] {
            #expect(try outcome(key, trusting: store, name: name) == .failed(.peerOtherName), "\(name)")
            #expect(try outcome(key, trusting: store, unnamed: name) == .failed(.peerOtherName), "\(name)")
        }
        #expect(try outcome(key, trusting: store, unnamed: "10.0.0.1") == .failed(.peerOtherName))
        #expect(try outcome(key, trusting: store, unnamed: "10.0.0.2") == .done)
        let wild = try authority.issue("*.b.example", "c*.c.example")
        for name in ["b.example", "a.a.b.example", "cc.c.example"] {
            #expect(try outcome(wild, trusting: store, name: name) == .failed(.peerOtherName), "\(name)")
        }
    }

    @Test("certificates nobody trusts, out of their time or revoked are refused by name")
    func refused() throws {
        let store = try authority.store()
        let stranger = try TestAuthority("Stranger").issue("a.example")
        #expect(try outcome(stranger, trusting: store, name: "a.example") == .failed(.peerUntrusted))
        #expect(try outcome(Keys.ecdsa("a"), trusting: store) == .failed(.peerUntrusted), "self-signed")
        let old = try authority.issue("a.example", from: -7_200, until: -3_600)
        #expect(try outcome(old, trusting: store, name: "a.example") == .failed(.peerExpired))
        let young = try authority.issue("a.example", from: 3_600)
        #expect(try outcome(young, trusting: store, name: "a.example") == .failed(.peerNotYetValid))
        let purpose = try authority.issue("a.example", isForClients: true)
        #expect(try outcome(purpose, trusting: store, name: "a.example") == .failed(.peerRefused))
        let (good, bad) = (try authority.issue("a.example"), try authority.issue("a.example"))
        let strict = try authority.store(revoked: authority.revocations(of: [bad]))
        #expect(try outcome(good, trusting: strict, name: "a.example") == .done)
        #expect(try outcome(bad, trusting: strict, name: "a.example") == .failed(.peerRevoked))
        let stale = try authority.store(revoked: authority.revocations(of: [], until: -60))
        #expect(try outcome(good, trusting: stale, name: "a.example") == .failed(.peerUnlisted))
        for key in [stranger, old, young, purpose, bad] { #expect(try outcome(key, trusting: nil) == .done) }
    }

    @Test("a chain may be as long as the depth allows")
    func depth() throws {
        let middle = try TestAuthority("Middle", under: authority)
        let key = try middle.issue("a.example")
        for (depth, expected) in [
            (nil, TLSSession.Handshake.done), (1, .done), (0, .failed(.peerChainTooLong)),
        ] as [(Int?, TLSSession.Handshake)] {
            let sessions = try sessions(trusting: authority.store()) { $0.verifyDepth = depth }
            #expect(try SessionPair(sessions, server(key)).handshake() == expected, "\(depth ?? -1)")
        }
    }

    @Test("the name is sent in lower case and remembered; none is sent for none")
    func names() throws {
        let context = try server(authority.issue("a.example"))
        let pair = try SessionPair(sessions(), context, name: "Shop.Example")
        #expect(pair.handshake() == .done)
        #expect(pair.toldName == "shop.example")
        #expect(pair.wasTold("SHOP.example"))
        #expect(!pair.wasTold("shop.exampl"))
        #expect(!pair.wasTold(""))
        let unnamed = try SessionPair(sessions(), context)
        #expect(unnamed.handshake() == .done)
        #expect(unnamed.toldName.isEmpty)
        #expect(unnamed.wasTold(""))
        #expect(!unnamed.wasTold("a"))
    }

    @Test(
        "a name that can be nobody's makes no session",
        arguments: ["a\0b", String(repeating: "x", count: 256)])
    func badNames(name: String) throws {
        #expect(throws: TLSSetupError.self) {
            try SessionPair(sessions(), server(authority.issue("a")), name: name)
        }
    }

    @Test("ALPN is offered as configured, and what was agreed on can be read")
    func protocols() throws {
        let context = try server(authority.issue("a"), protocols: [.http2, .http11])
        for (offer, agreed) in [
            ([.http2, .http11], .http2), ([.http11], .http11), ([], nil),
        ] as [([ApplicationProtocol], ApplicationProtocol?)] {
            let pair = try SessionPair(sessions { $0.protocols = offer }, context)
            #expect(pair.handshake() == .done)
            #expect(pair.agreed == agreed)
        }
    }

    // MARK: Resumption

    @Test("the next connection resumes the session", arguments: [TLSVersion.tls12, .tls13])
    func resumes(version: TLSVersion) throws {
        let context = try server(authority.issue("a.example"))
        let sessions = try sessions(trusting: authority.store()) {
            $0.policy = TLSPolicy(oldest: version, newest: version)
        }
        for round in 0..<3 {
            let pair = try SessionPair(sessions, context, name: "a.example")
            #expect(pair.handshake() == .done)
            #expect(pair.version == version)
            #expect(pair.isResumed == (round > 0))
            pair.exchangeAndClose()
            #expect(sessions.count == 1)
        }
    }

    @Test("a session is never resumed under another name, and never where that is off")
    func neverUnderAnotherName() throws {
        var table = CertificateTable()
        for name in ["a.example", "b.example"] { table.setKeys([try authority.issue(name)], for: name) }
        let context = try TLSContext(certificates: table, ticketKeys: TicketKeys(now: 0))
        let kept = try sessions(trusting: authority.store())
        for (name, isResumed) in [
            ("a.example", false), ("b.example", false), ("a.example", true), ("b.example", true),
        ] {
            let pair = try SessionPair(kept, context, name: name)
            #expect(pair.handshake() == .done)
            #expect(pair.isResumed == isResumed)
            pair.exchangeAndClose()
        }
        let off = try sessions(trusting: authority.store()) { $0.resumes = false }
        for _ in 0..<2 {
            let pair = try SessionPair(off, context, name: "a.example")
            #expect(pair.handshake() == .done)
            #expect(!pair.isResumed)
            pair.exchangeAndClose()
        }
        #expect(off.count == 0)
    }

    @Test("only so many names are remembered")
    func bounded() throws {
        let context = try server(authority.issue("a.example"))
        let sessions = try sessions()
        for i in 0..<TLSClientSessions.most + 6 {
            let pair = try SessionPair(sessions, context, name: "h\(i).example")
            #expect(pair.handshake() == .done)
            pair.exchangeAndClose()
        }
        #expect(sessions.count == TLSClientSessions.most)
    }

    @Test("a ticket that comes while nothing is read is no answer")
    func lateTicket() throws {
        let pair = try SessionPair(sessions(), server(authority.issue("a")))
        #expect(pair.handshake() == .done)
        #expect(pair.clientReads() == .wouldBlock)
    }

    // MARK: Settings

    @Test("settings that can not be used are refused by name")
    func badSettings() throws {
        func failure(_ configure: (inout TLSClientContext.Settings) -> Void) -> TLSSettingsError? {
            do {
                _ = try sessions(configure)
                return nil
            } catch {
                return error as? TLSSettingsError
            }
        }
        #expect(failure { $0.policy = TLSPolicy(oldest: .tls13, newest: .tls12) } == .versions)
        #expect(failure { $0.policy.ciphers = "NOT-A-CIPHER" } == .ciphers("NOT-A-CIPHER"))
        #expect(failure { $0.policy.suites = "TLS_NOTHING" } == .suites("TLS_NOTHING"))
        #expect(failure { $0.policy.groups = "P-1" } == .groups("P-1"))
        #expect(
            failure {
                $0.policy.ciphers = "ECDHE+AESGCM"
                $0.policy.groups = "P-256:X25519"
            } == nil)
    }

    @Test("versions and ciphers are kept to")
    func policy() throws {
        let context = try server(authority.issue("a"))
        let old = try SessionPair(sessions { $0.policy = TLSPolicy(newest: .tls12) }, context)
        #expect(old.handshake() == .done)
        #expect(old.version == .tls12)
        let cipher = try SessionPair(
            sessions { $0.policy = TLSPolicy(newest: .tls12, ciphers: "ECDHE-ECDSA-AES256-GCM-SHA384") },
            context)
        #expect(cipher.handshake() == .done)
        #expect(cipher.server.cipherNumber == 0xC02C)
    }

    @Test(
        "authorities that are replaced count from the next connection on, and nothing is resumed of the earlier ones"
    )
    func replaced() throws {
        let stranger = try TestAuthority("Stranger")
        let trust = TrustSource(try authority.store())
        let sessions = try sessions { $0.authorities = trust }
        let (own, others) = (
            try server(authority.issue("a.example")), try server(stranger.issue("a.example"))
        )
        let late = try SessionPair(sessions, own, name: "a.example")
        #expect(late.handshake() == .done)
        let first = try SessionPair(sessions, own, name: "a.example")
        #expect(first.handshake() == .done)
        first.exchangeAndClose()
        #expect(sessions.count == 1)
        trust.replace(by: try stranger.store())
        // A session that is told now was vouched for by who counts no more.
        let new = try SessionPair(sessions, others, name: "a.example")
        #expect(new.handshake() == .done && !new.isResumed)
        #expect(try SessionPair(sessions, own, name: "a.example").handshake() == .failed(.peerUntrusted))
        #expect(sessions.count == 0)
        late.exchangeAndClose()
        #expect(sessions.count == 0)
        let again = try SessionPair(sessions, others, name: "a.example")
        #expect(again.handshake() == .done)
        again.exchangeAndClose()
        #expect(sessions.count == 1)
        let resumed = try SessionPair(sessions, others, name: "a.example")
        #expect(resumed.handshake() == .done && resumed.isResumed)
    }
}
