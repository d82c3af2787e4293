import Glibc
import Model
import Testing
import Wire

@testable import Engine

@Suite("Peers: settings of TLS")
struct PeerSecurityTests {
    private func section(_ change: (inout PeerSection) -> Void = { _ in }) throws -> PeerSection {
        let authority = try GeneratedAuthority(commonName: "authority", now: Int64(time(nil)))
        let leaf = try authority.issue(names: ["one.example", "*.two.example"], now: Int64(time(nil)))
        var section = PeerSection("p", localName: "one")
        section.binds = [PeerSection.Listening("127.0.0.1", port: 1)]
        section.binds[0].tls = PeerSection.ListeningTLS([
            Certificate(chainPEM: leaf.chainPEM, keyPEM: leaf.keyPEM)
        ])
        section.peers = [
            PeerSection.Peer("one", address: nil, port: 0),
            PeerSection.Peer("two", address: "127.0.0.1", port: 2),
            PeerSection.Peer("three", address: "127.0.0.1", port: 3),
        ]
        section.peers[1].tls = ServerTLS(trusting: AuthorityBundle(certificatesPEM: authority.certificatePEM))
        change(&section)
        return section
    }

    private func message(_ section: PeerSection) -> String? {
        do throws(PeerSecurityError) {
            _ = try PeerSecurity(section, AuthorityStore())
            return nil
        } catch {
            return error.message
        }
    }

    @Test("each peer is called as its line says")
    func calling() throws {
        let security = try PeerSecurity(section(), AuthorityStore())
        #expect(security.isListening && security.isSpoken(with: "two") && !security.isSpoken(with: "three"))
        #expect(try security.context(now: 1) != nil)
        let none = PeerSecurity()
        #expect(!none.isListening && !none.isSpoken(with: "two"))
        #expect(try none.context(now: 1) == nil)
    }

    @Test("what can not be used is told with where it is")
    func refused() throws {
        let bad = Certificate(chainPEM: Array("x".utf8), keyPEM: [])
        let good = try section()
        let listening = { (change: (inout PeerSection.ListeningTLS) -> Void) in
            var other = good
            var tls = PeerSection.ListeningTLS(good.binds[0].tls?.certificates ?? [])
            change(&tls)
            other.binds[0].tls = tls
            return self.message(other)
        }
        #expect(listening { _ in } == nil)
        #expect(listening { $0.certificates = [bad] }?.hasPrefix("'bind': the certificate: ") == true)
        #expect(
            listening {
                $0.parameters = TLSParameters()
                $0.parameters?.ciphers = "NONSENSE"
            } == "'bind': OpenSSL knows no cipher of \"NONSENSE\"")
        #expect(
            listening {
                $0.clientAuthentication = ClientAuthentication(
                    authorities: AuthorityBundle(certificatesPEM: Array("x".utf8)))
            } == "'bind': the authorities hold no CERTIFICATE block")
        var other = good
        other.peers[1].tls?.clientCertificate = bad
        #expect(message(other)?.hasPrefix("'two': the certificate: ") == true)
        other.peers[1].tls = ServerTLS(trusting: AuthorityBundle(certificatesPEM: Array("x".utf8)))
        #expect(message(other) == "'two': the authorities hold no CERTIFICATE block")
    }

    @Test("a section that can not be used leaves in force what was there before, or nothing")
    func published() throws {
        let publisher = Publisher(workers: 1, frontends: [], selfSigned: nil)
        let good = try section()
        var bad = good
        bad.peers[1].tls = ServerTLS(trusting: AuthorityBundle(certificatesPEM: Array("x".utf8)))
        let first = publisher.setPeers([bad])
        #expect(first.map(\.severity) == [.error] && first[0].message.hasSuffix("; nothing is shared"))
        #expect(publisher.sharedPeers.isEmpty && !publisher.hasPeers)
        #expect(publisher.setPeers([good]).isEmpty)
        #expect(publisher.sharedPeers.map(\.section) == [good])
        let second = publisher.setPeers([bad])
        #expect(second.count == 1 && second[0].message.hasSuffix("; the previous settings stay in force"))
        #expect(publisher.sharedPeers.map(\.section) == [good])
        #expect(publisher.sharedPeers[0].security.isSpoken(with: "two"))
        #expect(publisher.setPeers([]).isEmpty && publisher.sharedPeers.isEmpty)
    }
}
