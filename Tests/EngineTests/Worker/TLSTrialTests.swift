import Model
import Testing
import Wire

@testable import Engine

@Suite("TLS that is tried and not served")
struct TLSTrialTests {
    private static let now: Int64 = 1_750_000_000

    @Test("what can not be used is found, and of the rest is known when it ends")
    func certificates() throws {
        let authority = try GeneratedAuthority(commonName: "tests", now: Self.now)
        let leaf = try authority.issue(names: ["a.test"], now: Self.now)
        var configuration = Configuration()
        let good = Certificate(chainPEM: leaf.chainPEM, keyPEM: leaf.keyPEM)
        configuration.certificates[CertificateName("shop/good")] = good
        configuration.certificates[CertificateName("shop/bad")] = Certificate(chainPEM: [1], keyPEM: [2])
        let trial = TLSTrial(of: configuration)
        #expect(trial.findings.map(\.reason) == ["CertificateRefused"])
        #expect(trial.findings.first?.object == Origin(namespace: "shop", name: "bad"))
        #expect(trial.ends.keys.map(\.description) == ["shop/good"])
    }

    @Test("so is what servers can not be spoken to with, once for a backend")
    func servers() throws {
        var tls = ServerTLS()
        tls.parameters.ciphers = "nothing"
        var backend = Backend(servers: [], origin: Origin(namespace: "shop", name: "b"))
        for port in [1, 2] as [UInt16] {
            var server = Server(address: "127.0.0.1", port: port)
            server.tls = tls
            backend.servers.append(server)
        }
        var configuration = Configuration()
        configuration.backends[BackendName("b")] = backend
        #expect(TLSTrial(of: configuration).findings.map(\.reason) == ["ServerTLSRefused"])
        #expect(TLSTrial(of: Configuration()).findings.isEmpty)
    }
}
