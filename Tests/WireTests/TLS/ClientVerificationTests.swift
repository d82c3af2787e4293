import COpenSSL
import Testing

@testable import Wire

/// Certificates of clients, demanded by server name.
@Suite("Certificates of clients")
struct ClientVerificationTests {
    private let authority: TestAuthority
    private let stranger: TestAuthority
    private let keys: TicketKeys

    init() throws {
        authority = try TestAuthority()
        stranger = try TestAuthority("Stranger")
        keys = try TicketKeys(now: 0)
    }

    private func verification(
        _ demand: ClientVerification.Demand, by issuer: TestAuthority? = nil, revoked: [UInt8] = [],
        depth: Int? = nil
    ) throws -> ClientVerification {
        let issuer = issuer ?? authority
        return ClientVerification(
            demand, authorities: try issuer.store(revoked: revoked), depth: depth,
            identity: issuer.pem + revoked)
    }

    /// A context that demands it under `a.example`; certificates are served for every name.
    private func context(_ verification: ClientVerification?, at pattern: String = "a.example") throws
        -> TLSContext
    {
        var table = CertificateTable(defaultKeys: [try Keys.ecdsa("default")])
        table.setVerification(verification, for: pattern)
        return try TLSContext(certificates: table, ticketKeys: keys)
    }

    private func sessions(_ shown: CertifiedKey?, _ version: TLSVersion = .tls13) throws
        -> TLSClientSessions
    {
        var settings = TLSClientContext.Settings()
        settings.certificate = shown
        settings.policy = TLSPolicy(oldest: version, newest: version)
        return TLSClientSessions(context: try TLSClientContext(settings))
    }

    private func client(from: Int64 = -3_600, until: Int64 = 86_400, of issuer: TestAuthority? = nil) throws
        -> CertifiedKey
    {
        try (issuer ?? authority).issue("client", isForClients: true, from: from, until: until)
    }

    private func outcome(
        _ context: TLSContext, _ shown: CertifiedKey?, name: String = "a.example",
        version: TLSVersion = .tls13
    ) throws -> TLSSession.Handshake {
        let pair = try SessionPair(sessions(shown, version), context, name: name)
        pair.handshake()
        return pair.serverState
    }

    @Test("a required certificate must be there and good", arguments: TLSVersion.allCases)
    func required(version: TLSVersion) throws {
        let context = try context(verification(.required))
        #expect(try outcome(context, client(), version: version) == .done)
        #expect(try outcome(context, nil, version: version) == .failed(.peerHasNone))
        #expect(try outcome(context, client(of: stranger), version: version) == .failed(.peerUntrusted))
        let old = try client(from: -7_200, until: -3_600)
        #expect(try outcome(context, old, version: version) == .failed(.peerExpired))
        let server = try authority.issue("client")
        #expect(try outcome(context, server, version: version) == .failed(.peerRefused), "no client's")
    }

    @Test("an optional one may be missing but not be bad; a noted one may be anything")
    func optional() throws {
        let optional = try context(verification(.optional))
        #expect(try outcome(optional, nil) == .done)
        #expect(try outcome(optional, client()) == .done)
        #expect(try outcome(optional, client(of: stranger)) == .failed(.peerUntrusted))
        let noted = try context(verification(.noted))
        for shown in [nil, try client(), try client(of: stranger), try client(from: -7_200, until: -3_600)] {
            #expect(try outcome(noted, shown) == .done)
        }
    }

    @Test(
        "errors that do not count are let pass, by depth, and a session says so",
        arguments: TLSVersion.allCases)
    func tolerated(version: TLSVersion) throws {
        let old = try client(from: -7_200, until: -3_600)
        func pair(_ tolerance: ClientVerification.Tolerance, _ shown: CertifiedKey) throws -> SessionPair {
            let demand = ClientVerification(
                .required, authorities: try authority.store(), identity: authority.pem, tolerance: tolerance)
            let pair = try SessionPair(sessions(shown, version), context(demand), name: "a.example")
            pair.handshake()
            return pair
        }
        let expired = ClientVerification.Tolerance(client: .only([X509_V_ERR_CERT_HAS_EXPIRED]))
        let late = try pair(expired, old)
        #expect(late.serverState == .done)
        #expect(late.isTolerated)
        #expect(try pair(expired, client(of: stranger)).serverState == .failed(.peerUntrusted))
        #expect(try pair(.init(client: .all), client(of: stranger)).serverState == .done)
        #expect(try pair(.init(authorities: .all), old).serverState == .failed(.peerExpired))
        #expect(try pair(expired, client()).isTolerated == false)
    }

    @Test("revoked ones are refused, and so is everyone without a current list")
    func revoked() throws {
        let (good, bad) = (try client(), try client())
        let list = try context(verification(.required, revoked: authority.revocations(of: [bad])))
        #expect(try outcome(list, good) == .done)
        #expect(try outcome(list, bad) == .failed(.peerRevoked))
        let stale = try context(verification(.required, revoked: authority.revocations(of: [], until: -60)))
        #expect(try outcome(stale, good) == .failed(.peerUnlisted))
    }

    @Test("chains may be as long as the depth allows")
    func depth() throws {
        let middle = try TestAuthority("Middle", under: authority)
        let shown = try client(of: middle)
        #expect(try outcome(context(verification(.required, depth: 1)), shown) == .done)
        #expect(
            try outcome(context(verification(.required, depth: 0)), shown) == .failed(.peerChainTooLong))
    }

    @Test("the name decides: exact, wildcard, every other and none")
    func names() throws {
        let exact = try context(verification(.required))
        for name in ["a.example", "A.EXAMPLE", "a.example."] {
            #expect(try outcome(exact, nil, name: name) == .failed(.peerHasNone), "\(name)")
        }
        for name in ["b.example", "x.a.example", ""] { #expect(try outcome(exact, nil, name: name) == .done) }
        let wildcard = try context(verification(.required), at: "*.example")
        #expect(try outcome(wildcard, nil, name: "b.example") == .failed(.peerHasNone))
        #expect(try outcome(wildcard, nil, name: "example") == .done)
        let every = try context(verification(.required), at: "")
        for name in ["b.example", ""] {
            #expect(try outcome(every, nil, name: name) == .failed(.peerHasNone))
        }
    }

    @Test("certificates and demands of a name change apart")
    func apart() throws {
        var table = CertificateTable(defaultKeys: [try Keys.ecdsa("default")])
        let key = try Keys.ecdsa("a.example")
        func shown(_ name: String) -> [String] { table.keys(forServerName: name).flatMap(\.subjectNames) }
        func demands(_ name: String) -> Bool {
            Array(name.utf8).withUnsafeBytes { table.verification(forServerName: $0) != nil }
        }
        table.setVerification(try verification(.required), for: "a.example")
        #expect(shown("a.example") == ["default"])
        table.setKeys([key], for: "*.example")
        #expect(shown("a.example") == ["a.example"], "the wildcard's")
        table.setKeys([key], for: "a.example")
        #expect(demands("a.example"))
        table.setKeys([], for: "a.example")
        #expect(demands("a.example"))
        table.setVerification(nil, for: "a.example")
        #expect(!demands("a.example"))
        #expect(table.count == 1)
        table.setVerification(try verification(.required), for: "*.b.example")
        table.setKeys([key], for: "c.b.example")
        #expect(demands("c.b.example"), "the wildcard's, though the name has certificates of its own")
    }

    // MARK: Resumption

    @Test("a session is resumed under the same demand, and tells the same", arguments: TLSVersion.allCases)
    func resumed(version: TLSVersion) throws {
        let context = try context(verification(.required))
        let sessions = try sessions(client(), version)
        for round in 0..<3 {
            let pair = try SessionPair(sessions, context, name: "a.example")
            #expect(pair.handshake() == .done)
            #expect(pair.isResumed == (round > 0))
            #expect(pair.verdict == .good)
            #expect(pair.shown?.subject == "CN=client")
            pair.exchangeAndClose()
        }
    }

    @Test("another authority, list or name is not got around by a session", arguments: TLSVersion.allCases)
    func notResumed(version: TLSVersion) throws {
        let shown = try client()
        let before = try context(verification(.required))
        let none = try context(nil)
        for (first, second, expected) in [
            (before, try context(verification(.required, by: stranger)), .failed(.peerUntrusted)),
            (
                before, try context(verification(.required, revoked: authority.revocations(of: [shown]))),
                .failed(.peerRevoked)
            ),
            (none, before, .done),
        ] as [(TLSContext, TLSContext, TLSSession.Handshake)] {
            let sessions = try sessions(shown, version)
            let one = try SessionPair(sessions, first, name: "a.example")
            #expect(one.handshake() == .done)
            one.exchangeAndClose()
            #expect(sessions.count == 1)
            let two = try SessionPair(sessions, second, name: "a.example")
            two.handshake()
            #expect(two.serverState == expected)
            #expect(!two.isResumed)
        }
    }

    // MARK: What is told

    @Test("what a certificate says is told in ASCII without control characters")
    func told() throws {
        let context = try context(verification(.noted))
        for (name, subject) in [
            ("client", "CN=client"), ("a,b=c", "CN=a\\,b=c"), ("é\r\nx: y", "CN=\\C3\\A9\\0D\\0Ax: y"),
        ] {
            let shown = try authority.issue(name, isForClients: true)
            let pair = try SessionPair(sessions(shown), context, name: "a.example")
            #expect(pair.handshake() == .done)
            let told = try #require(pair.shown)
            #expect(told.subject == subject)
            #expect(told.issuer == "CN=Test Authority")
            #expect(told.fingerprint.utf8.count == 40)
            #expect(told.fingerprint.utf8.allSatisfy { "0123456789abcdef".utf8.contains($0) })
            #expect(!told.serial.isEmpty)
            #expect(String(decoding: told.pem, as: UTF8.self).hasPrefix("-----BEGIN CERTIFICATE-----\n"))
        }
    }

    @Test("the verdict tells why")
    func verdicts() throws {
        let context = try context(verification(.noted))
        for (shown, expected) in [
            (nil, .none), (try client(), .good),
            (
                try client(of: stranger),
                .bad(.peerUntrusted, reason: "unable to verify the first certificate")
            ),
            (
                try client(from: -7_200, until: -3_600),
                .bad(.peerExpired, reason: "certificate has expired")
            ),
        ] as [(CertifiedKey?, PeerCertificate.Verdict)] {
            let pair = try SessionPair(sessions(shown), context, name: "a.example")
            #expect(pair.handshake() == .done)
            #expect(pair.verdict == expected)
        }
    }

    @Test(
        "authorities that are replaced count from the next handshake on, whatever was resumed before",
        arguments: TLSVersion.allCases)
    func replaced(version: TLSVersion) throws {
        let trust = TrustSource(try authority.store())
        let context = try context(ClientVerification(.required, trust: trust, identity: authority.pem))
        let (own, others) = (try sessions(client(), version), try sessions(client(of: stranger), version))
        let open = try SessionPair(own, context, name: "a.example")
        #expect(open.handshake() == .done)
        open.exchangeAndClose()
        #expect(own.count == 1)
        func outcome(_ sessions: TLSClientSessions) throws -> TLSSession.Handshake {
            let pair = try SessionPair(sessions, context, name: "a.example")
            pair.handshake()
            return pair.serverState
        }
        #expect(try outcome(others) == .failed(.peerUntrusted))
        trust.replace(by: try stranger.store())
        #expect(try outcome(own) == .failed(.peerUntrusted))
        #expect(try outcome(others) == .done)
        trust.replace(by: try authority.store())
        #expect(try outcome(own) == .done)
    }
}
