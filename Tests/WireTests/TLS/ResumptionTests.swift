import COpenSSL
import Testing

@testable import Wire

@Suite("TLS resumption")
struct ResumptionTests: Sendable {
    private let ticketKeys: TicketKeys
    private let table: CertificateTable

    init() throws {
        ticketKeys = try TicketKeys(now: 0)
        var table = CertificateTable(defaultKeys: [try Keys.ecdsa("default.example")])
        table.setKeys([try Keys.ecdsa("a.example")], for: "a.example")
        table.setKeys([try Keys.ecdsa("b.example")], for: "b.example")
        self.table = table
    }

    /// A worker.
    private func context() throws -> TLSContext {
        try TLSContext(certificates: table, ticketKeys: ticketKeys)
    }

    private func options(_ name: String?, _ version: Int32, _ session: ClientSession? = nil) -> ClientOptions
    {
        ClientOptions(serverName: name, versions: version...version, session: session)
    }

    /// A finished connection's session.
    private func session(
        _ context: TLSContext, _ name: String?, _ version: Int32, _ earlier: ClientSession? = nil
    ) throws -> ClientSession {
        let pair = try TLSPair(context, options(name, version, earlier))
        try #require(pair.handshake() == .done)
        let session = try #require(pair.clientSession())
        pair.server.shutdown()
        SSL_shutdown(pair.client)
        return session
    }

    private func isResumed(
        _ context: TLSContext, _ name: String?, _ version: Int32, _ session: ClientSession
    ) throws -> Bool {
        let pair = try TLSPair(context, options(name, version, session))
        try #require(pair.handshake() == .done)
        #expect(pair.isResumed == (SSL_session_reused(pair.client) == 1))
        #expect(pair.reportedName.lowercased() == name?.lowercased() ?? "")
        // Else OpenSSL's client takes the session for cut and never offers it again.
        pair.server.shutdown()
        SSL_shutdown(pair.client)
        return pair.isResumed
    }

    @Test(
        "a ticket of one worker resumes at another", arguments: [TLS1_2_VERSION, TLS1_3_VERSION],
        ["a.example", nil])
    func acrossWorkers(version: Int32, name: String?) throws {
        let session = try session(context(), name, version)
        #expect(try isResumed(context(), name, version, session))
    }

    @Test("a resumed connection gets a ticket for the next one", arguments: [TLS1_2_VERSION, TLS1_3_VERSION])
    func renewal(version: Int32) throws {
        let context = try context()
        let first = try session(context, "a.example", version)
        let second = try session(context, "a.example", version, first)
        #expect(try isResumed(context, "a.example", version, second))
    }

    @Test(
        "a ticket is good for the server name it was made for only; case does not matter",
        arguments: [TLS1_2_VERSION, TLS1_3_VERSION])
    func serverNames(version: Int32) throws {
        let context = try context()
        let session = try session(context, "a.example", version)
        #expect(try !isResumed(context, "b.example", version, session))
        #expect(try !isResumed(context, nil, version, session))
        #expect(try isResumed(context, "A.Example", version, session))
    }

    @Test(
        "server names of more than 32 bytes are told apart too", arguments: [TLS1_2_VERSION, TLS1_3_VERSION])
    func longServerNames(version: Int32) throws {
        let context = try context()
        let prefix = String(repeating: "x", count: 40)
        let session = try session(context, "\(prefix).a.example", version)
        #expect(try isResumed(context, "\(prefix).a.example", version, session))
        #expect(try !isResumed(context, "\(prefix).b.example", version, session))
    }

    @Test(
        "a ticket made without a server name does not resume with one",
        arguments: [TLS1_2_VERSION, TLS1_3_VERSION])
    func withoutServerName(version: Int32) throws {
        let context = try context()
        let session = try session(context, nil, version)
        #expect(try !isResumed(context, "a.example", version, session))
    }

    @Test(
        "tickets live through two rotations of the keys and end with the third",
        arguments: [
            TLS1_2_VERSION, TLS1_3_VERSION,
        ])
    func rotation(version: Int32) throws {
        let context = try context()
        let session = try session(context, "a.example", version)
        #expect(ticketKeys.rotate(now: TicketKeys.sealingPeriod))
        #expect(try isResumed(context, "a.example", version, session))
        #expect(ticketKeys.rotate(now: 2 * TicketKeys.sealingPeriod))
        #expect(try isResumed(context, "a.example", version, session))
        #expect(ticketKeys.rotate(now: 3 * TicketKeys.sealingPeriod))
        #expect(try !isResumed(context, "a.example", version, session))
    }

    @Test("an old key's ticket is renewed with the new key", arguments: [TLS1_2_VERSION, TLS1_3_VERSION])
    func renewalAfterRotation(version: Int32) throws {
        let context = try context()
        let first = try session(context, "a.example", version)
        ticketKeys.rotate(now: TicketKeys.sealingPeriod)
        let second = try session(context, "a.example", version, first)
        ticketKeys.rotate(now: 2 * TicketKeys.sealingPeriod)
        ticketKeys.rotate(now: 3 * TicketKeys.sealingPeriod)
        #expect(try !isResumed(context, "a.example", version, first))
        #expect(try isResumed(context, "a.example", version, second))
    }

    @Test("keys rotate when they are due, and after a long sleep all old ones go")
    func due() throws {
        func count() -> Int {
            var copy = TicketKeys.Copy()
            ticketKeys.refresh(&copy)
            return copy.keys.count
        }
        #expect(!ticketKeys.rotate(now: TicketKeys.sealingPeriod - 1))
        #expect(count() == 1)
        for i: UInt64 in 1...4 { #expect(ticketKeys.rotate(now: i * TicketKeys.sealingPeriod)) }
        #expect(count() == 3)
        #expect(!ticketKeys.rotate(now: 0))
        #expect(ticketKeys.rotate(now: 100 * TicketKeys.sealingPeriod))
        #expect(count() == 1)
        #expect(ticketKeys.rotate(now: .max))
    }

    @Test(
        "tickets of another process are met with a full handshake",
        arguments: [TLS1_2_VERSION, TLS1_3_VERSION])
    func foreignKeys(version: Int32) throws {
        let session = try session(context(), "a.example", version)
        let stranger = try TLSContext(certificates: table, ticketKeys: TicketKeys(now: 0))
        #expect(try !isResumed(stranger, "a.example", version, session))
    }

    @Test("workers resume each other's sessions while keys rotate and certificates change")
    func manyWorkers() async throws {
        let first = try session(context(), "a.example", TLS1_3_VERSION)
        let resumed = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    let context = try context()
                    var resumed = 0
                    for i in 0..<30 {
                        context.certificates.setKeys([table.defaultKeys[0]], for: "host-\(i).example")
                        if try isResumed(context, "a.example", TLS1_3_VERSION, first) { resumed += 1 }
                    }
                    return resumed
                }
            }
            ticketKeys.rotate(now: TicketKeys.sealingPeriod)
            ticketKeys.rotate(now: 2 * TicketKeys.sealingPeriod)
            return try await group.reduce(0, +)
        }
        #expect(resumed == 120)
    }

    @Test("one ticket is sent per full handshake of TLS 1.3")
    func oneTicket() throws {
        let pair = try TLSPair(context(), options("a.example", TLS1_3_VERSION))
        pair.handshake()
        let count = SSL_get_num_tickets(pair.server.ssl)
        #expect(count == 1)
    }
}
