import Glibc
import Model
import Testing
import Wire

@testable import Engine

/// Engines that share a table over real connections.
@Suite("Peers in the whole engine", .serialized)
struct PeersTests {
    private let one: TestEngine
    private let two: TestEngine
    private let ports: (UInt16, UInt16)
    private let name = TableName("t")

    init() throws {
        one = try TestEngine(workers: 2)
        two = try TestEngine()
        ports = try (TestPeer.closedPort(), TestPeer.closedPort())
    }

    private func section(_ local: String, knows remote: String = "two") -> PeerSection {
        var section = PeerSection("p", localName: local)
        let isOne = local == "one"
        section.binds = [PeerSection.Listening("127.0.0.1", port: isOne ? ports.0 : ports.1)]
        section.peers = [
            PeerSection.Peer(local, address: nil, port: 0),
            PeerSection.Peer(isOne ? remote : "one", address: "127.0.0.1", port: isOne ? ports.1 : ports.0),
        ]
        return section
    }

    private var table: StickTable {
        var table = StickTable(type: .string(length: 20), size: 1_000, stored: [StoredData(.gpc0)])
        table.peers = "p"
        return table
    }

    private func share(_ section: PeerSection, on engine: TestEngine) -> Bool {
        var change = Change()
        change.tables = [name: table]
        change.peers = [section]
        return engine.publish(change)
    }

    private func set(_ key: String, _ number: UInt64, on engine: TestEngine) -> Bool {
        engine.engine.stickTables().first?.set(key, to: [(.gpc0, 0, number)]) == true
    }

    private func value(_ key: String, on engine: TestEngine) -> UInt64? {
        engine.engine.stickTables().first?.entry(key)?.values.first?.numbers.first
    }

    @Test("what one engine stores the other one knows, both ways, also what was there before")
    func bothWays() throws {
        #expect(share(section("one"), on: one))
        #expect(set("before", 3, on: one))
        #expect(share(section("two"), on: two))
        #expect(eventually { value("before", on: two) == 3 })
        #expect(set("a", 1, on: one) && set("b", 2, on: two))
        #expect(eventually { value("a", on: two) == 1 && value("b", on: one) == 2 })
        #expect(eventually { one.engine.peerSections().first?.peers.first?.isConnected == true })
    }

    @Test("a section that goes takes its connections with it, and the table stays")
    func gone() throws {
        #expect(share(section("one"), on: one) && share(section("two"), on: two))
        #expect(
            eventually { two.engine.peerSections().first?.peers.first?.isConnected == true })
        #expect(set("a", 1, on: one))
        #expect(eventually { value("a", on: two) == 1 })
        var change = Change()
        change.peers = []
        #expect(one.publish(change))
        #expect(eventually { two.engine.peerSections().first?.peers.first?.isConnected == false })
        #expect(eventually { one.engine.peerSections().isEmpty })
        #expect(value("a", on: one) == 1)
    }

    @Test("a peer by another name is not spoken with")
    func otherName() throws {
        #expect(share(section("one", knows: "three"), on: one) && share(section("two"), on: two))
        #expect(
            eventually {
                one.engine.peerSections().first?.peers.first?.status == .localMismatch
                    && two.engine.peerSections().first?.peers.first?.status == .remoteMismatch
            })
        #expect(set("a", 1, on: one))
        #expect(value("a", on: two) == nil)
    }

    @Test("who refuses and then agrees has refused, and is called again")
    func refusedTwice() throws {
        let other = try TestPeer()
        var section = section("one")
        section.peers[1].port = other.port
        #expect(share(section, on: one))
        for _ in 0..<2 {
            let connection = try #require(other.accept())
            #expect(connection.read(through: " 1\n") != nil)
            connection.send("501\n200\n")
            connection.close()
        }
        #expect(one.engine.peerSections().first?.peers.first?.isConnected == false)
    }

    // MARK: TLS

    /// Both sides speak TLS; each shows the other what it has, and demands what `demand` says.
    private func secured(
        _ local: String, _ authority: GeneratedAuthority, shownBy issuer: GeneratedAuthority? = nil
    ) throws -> PeerSection {
        var section = section(local)
        let now = Int64(time(nil))
        let bundle = AuthorityBundle(certificatesPEM: authority.certificatePEM)
        let server = try authority.issue(names: ["\(local).example"], now: now)
        let client = try (issuer ?? authority).issue(names: [local], now: now, isForClients: true)
        var listening = PeerSection.ListeningTLS([
            Certificate(chainPEM: server.chainPEM, keyPEM: server.keyPEM)
        ])
        listening.clientAuthentication = ClientAuthentication(authorities: bundle)
        section.binds[0].tls = listening
        var calling = ServerTLS(trusting: bundle)
        calling.serverName = .fixed(local == "one" ? "two.example" : "one.example")
        calling.clientCertificate = Certificate(chainPEM: client.chainPEM, keyPEM: client.keyPEM)
        section.peers[1].tls = calling
        return section
    }

    @Test("engines share a table over TLS in which each proves who it is")
    func overTLS() throws {
        let authority = try GeneratedAuthority(commonName: "authority", now: Int64(time(nil)))
        #expect(try share(secured("one", authority), on: one) && share(secured("two", authority), on: two))
        #expect(set("a", 1, on: one) && set("b", 2, on: two))
        #expect(eventually { value("a", on: two) == 1 && value("b", on: one) == 2 })
        let report = { one.engine.peerSections().first?.peers.first }
        #expect(eventually { report()?.isConnected == true && report()?.trouble == "" })
    }

    @Test("a caller with a stranger's certificate is refused, and both say why")
    func stranger() throws {
        let now = Int64(time(nil))
        let authority = try GeneratedAuthority(commonName: "authority", now: now)
        let other = try GeneratedAuthority(commonName: "other", now: now)
        // One is not called: it would be refused by nobody.
        var section = try secured("one", authority)
        section.peers[1].port = try TestPeer.closedPort()
        #expect(share(section, on: one))
        #expect(try share(secured("two", authority, shownBy: other), on: two))
        let refusing = { one.engine.peerSections().first }
        #expect(eventually { refusing()?.trouble == "a caller was refused: TLS: peer certificate untrusted" })
        let refused = { two.engine.peerSections().first?.peers.first }
        #expect(eventually { refused()?.trouble == "TLS: our certificate is refused, or one is missing" })
        #expect(refusing()?.peers.first?.isConnected == false && refused()?.isConnected == false)
        #expect(set("a", 1, on: two))
        // The right certificate is all that was missing.
        #expect(try share(secured("two", authority), on: two))
        #expect(eventually { value("a", on: one) == 1 })
    }

    @Test("a peer whose certificate is for another name, and one without TLS, are not spoken with")
    func otherCertificate() throws {
        let authority = try GeneratedAuthority(commonName: "authority", now: Int64(time(nil)))
        var section = try secured("one", authority)
        section.peers[1].tls?.serverName = .fixed("three.example")
        section.binds[0].tls = nil
        #expect(share(section, on: one))
        #expect(try share(secured("two", authority), on: two))
        let (first, second) = (
            { one.engine.peerSections().first?.peers.first }, { two.engine.peerSections().first?.peers.first }
        )
        #expect(eventually { first()?.trouble == "TLS: peer certificate for another name" })
        #expect(eventually { second()?.trouble.isEmpty == false })
        #expect(first()?.isConnected == false && second()?.isConnected == false)
    }

    @Test("those who say nothing do not keep a peer out")
    func silence() throws {
        #expect(share(section("one"), on: one))
        let port = ports.0
        // What it says of itself comes behind listening.
        #expect(eventually { !one.engine.peerSections().isEmpty })
        let silent = (0..<40).map { _ in TestConnection(port: port) }
        #expect(share(section("two"), on: two))
        #expect(set("a", 1, on: two))
        #expect(eventually { value("a", on: one) == 1 })
        #expect(eventually { one.engine.peerSections().first?.trouble.contains("say nothing") == true })
        for connection in silent { connection.close() }
    }
}
