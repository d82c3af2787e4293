import COpenSSL
import Glibc
import Testing

@testable import Wire

@Suite("Failing handshakes")
struct HandshakeFailureTests {
    private let context: TLSContext

    init() throws {
        context = try TLSContext(
            certificates: CertificateTable(defaultKeys: [Keys.ecdsa("a.example")]),
            ticketKeys: TicketKeys(now: 0))
    }

    private func answer(to bytes: [UInt8]) throws -> TLSSession.Handshake {
        let pair = try TLSPair(context)
        send(pair.clientSocket, bytes, bytes.count, 0)
        return pair.server.handshake()
    }

    @Test(
        "plain HTTP on the TLS port is called so",
        arguments: [
            "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "POST /x HTTP/1.0\r\n\r\n", "CONNECT a:443 HTTP/1.1\r\n\r\n",
        ])
    func plainHTTP(request: String) throws {
        #expect(try answer(to: Array(request.utf8)) == .failed(.httpRequest))
    }

    @Test("what is not TLS is called so", arguments: ["SSH-2.0-OpenSSH_9.2\r\n", "\0\0\0\0\0\0\0\0\0\0\0\0"])
    func notTLS(greeting: String) throws {
        #expect(try answer(to: Array(greeting.utf8)) == .failed(.notTLS))
    }

    @Test("TLS 1.1 and 1.0 are refused", arguments: [TLS1_VERSION, TLS1_1_VERSION])
    func oldVersions(version: Int32) throws {
        let pair = try TLSPair(context, ClientOptions(versions: version...version))
        #expect(pair.handshake() == .failed(.unsupportedProtocol))
    }

    @Test("nothing in common is told apart")
    func nothingInCommon() throws {
        let tls12 = TLS1_2_VERSION...TLS1_2_VERSION
        let cipher = try TLSPair(context, ClientOptions(versions: tls12, ciphers12: "AES128-SHA:@SECLEVEL=0"))
        #expect(cipher.handshake() == .failed(.noSharedCipher))
        let group = try TLSPair(
            context, ClientOptions(versions: TLS1_3_VERSION...TLS1_3_VERSION, groups: "X448:P-521"))
        #expect(group.handshake() == .failed(.noSharedGroup))
        let signature = try TLSPair(
            context, ClientOptions(versions: TLS1_3_VERSION...TLS1_3_VERSION, signatures: "RSA-PSS+SHA256"))
        #expect(signature.handshake() == .failed(.noSharedSignature))
    }

    @Test("without a certificate there is no shared cipher", arguments: [TLS1_2_VERSION, TLS1_3_VERSION])
    func noCertificate(version: Int32) throws {
        context.certificates = CertificateTable()
        let pair = try TLSPair(context, ClientOptions(serverName: "a", versions: version...version))
        let outcome = pair.handshake()
        #expect(outcome == .failed(.noSharedCipher) || outcome == .failed(.noSharedSignature))
    }

    @Test("a client that does not trust the certificate is heard")
    func unknownCA() throws {
        let key = try GeneratedAuthority(commonName: "Nobody's CA", now: Keys.now)
        let leaf = try key.issue(names: ["a.example"], now: Keys.now)
        context.certificates = CertificateTable(
            defaultKeys: [try CertifiedKey(chainPEM: leaf.chainPEM, keyPEM: leaf.keyPEM)])
        let pair = try TLSPair(
            context, ClientOptions(versions: TLS1_2_VERSION...TLS1_2_VERSION, trustsNobody: true))
        #expect(pair.handshake() == .failed(.unknownCA))
    }

    @Test("a client that goes away in the middle is called closed, one that resets reset")
    func goneAway() throws {
        let pair = try TLSPair(context)
        #expect(pair.server.handshake() == .wantRead)
        shutdown(pair.clientSocket, Int32(SHUT_WR))
        #expect(pair.server.handshake() == .failed(.closed))
        let other = try TLSPair(context)
        SSL_do_handshake(other.client)
        #expect(other.server.handshake() == .wantRead)
        other.clientCloses()
        #expect(other.server.handshake() == .failed(.reset))
    }

    @Test("after a failure the session only fails, and says no good-bye")
    func afterFailure() throws {
        let pair = try TLSPair(context)
        send(pair.clientSocket, "GET / HTTP/1.1\r\n\r\n", 18, 0)
        #expect(pair.server.handshake() == .failed(.httpRequest))
        #expect(pair.serverWrites("x".utf8) == .failed(EPIPE))
        #expect(pair.serverReads().0 == .failed(EPIPE))
        #expect(pair.serverShutsDown() == .closed)
    }

    @Test("garbage in a handshake never ends the process")
    func garbage() throws {
        var random = SplitMix(state: 3)
        for round in 0..<300 {
            let count = Int.random(in: 1...600, using: &random)
            var bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            // A plausible record header lets the garbage reach the handshake parser.
            let header: [UInt8] = [22, 3, 1, UInt8(count >> 8), UInt8(count & 255), 1, 0]
            if round % 2 == 0 { bytes = header + bytes }
            let outcome = try answer(to: bytes)
            #expect(outcome != .done)
        }
        #expect(ERR_peek_error() == 0)
    }

    @Test("every reason OpenSSL gives for a refused certificate has a name of ours")
    func alerts() {
        func name(_ reason: Int32) -> HandshakeFailure {
            ERR_clear_error()
            ERR_new()
            raise(reason)
            return HandshakeFailure.takeFromQueue()
        }
        #expect(name(SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED) == .certificateExpired)
        #expect(name(SSL_R_SSLV3_ALERT_BAD_CERTIFICATE) == .certificateRefused)
        #expect(name(SSL_R_TLSV1_ALERT_UNKNOWN_CA) == .unknownCA)
        #expect(name(SSL_R_TLSV1_ALERT_NO_APPLICATION_PROTOCOL) == .noSharedProtocol)
        #expect(name(SSL_R_TLSV1_ALERT_USER_CANCELLED) == .alert)
        #expect(name(SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC) == .protocolError)
        #expect(ERR_peek_error() == 0)
    }

    private func raise(_ reason: Int32) {
        withVaList([]) { ERR_vset_error(ERR_LIB_SSL, reason, nil, $0) }
    }
}
