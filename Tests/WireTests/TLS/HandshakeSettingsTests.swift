import COpenSSL
import Testing

@testable import Wire

@Suite("Settings of listeners")
struct HandshakeSettingsTests {
    private let context: TLSContext

    init() throws {
        var table = CertificateTable(defaultKeys: [try Keys.ecdsa("default")])
        table.setKeys([try Keys.ecdsa("a.example")], for: "a.example")
        table.setKeys([try Keys.ecdsa("*.b.example")], for: "*.b.example")
        context = try TLSContext(certificates: table, ticketKeys: TicketKeys(now: 0))
    }

    private func pair(_ settings: HandshakeSettings?, _ options: ClientOptions) throws -> TLSPair {
        let pair = try TLSPair(context, options, settings)
        pair.handshake()
        return pair
    }

    @Test("strict names: those without a certificate of their own are refused with the alert for it")
    func strict() throws {
        let strict = try HandshakeSettings(TLSPolicy(), isStrict: true)
        for name in ["a.example", "A.example.", "x.b.example"] {
            #expect(try pair(strict, ClientOptions(serverName: name)).serverState == .done, "\(name)")
        }
        for name in ["c.example", "b.example", "x.x.b.example", nil] {
            let refused = try pair(strict, ClientOptions(serverName: name))
            #expect(refused.serverState == .failed(.unknownName), "\(name ?? "-")")
            #expect(refused.clientFailure == SSL_R_TLSV1_UNRECOGNIZED_NAME)
            #expect(try pair(nil, ClientOptions(serverName: name)).serverState == .done)
        }
    }

    @Test("versions are kept to")
    func versions() throws {
        let new = try HandshakeSettings(TLSPolicy(oldest: .tls13), isStrict: false)
        let old = try HandshakeSettings(TLSPolicy(newest: .tls12), isStrict: false)
        let tls12 = ClientOptions(versions: TLS1_2_VERSION...TLS1_2_VERSION)
        let tls13 = ClientOptions(versions: TLS1_3_VERSION...TLS1_3_VERSION)
        #expect(try pair(new, tls13).serverState == .done)
        #expect(try pair(new, tls12).serverState == .failed(.unsupportedProtocol))
        #expect(try pair(old, tls12).serverState == .done)
        #expect(try pair(old, tls13).serverState == .failed(.unsupportedProtocol))
        #expect(try pair(old, ClientOptions()).version == .tls12)
    }

    @Test("ciphers, suites and groups are kept to")
    func ciphers() throws {
        let settings = try HandshakeSettings(
            TLSPolicy(
                ciphers: "ECDHE-ECDSA-CHACHA20-POLY1305", suites: "TLS_CHACHA20_POLY1305_SHA256",
                groups: "P-384"), isStrict: false)
        let tls12 = try pair(settings, ClientOptions(versions: TLS1_2_VERSION...TLS1_2_VERSION))
        #expect(tls12.cipherNumber == 0xCCA9)
        let tls13 = try pair(settings, ClientOptions(versions: TLS1_3_VERSION...TLS1_3_VERSION))
        #expect(tls13.cipherNumber == 0x1303)
        let other = try pair(
            settings, ClientOptions(versions: TLS1_3_VERSION...TLS1_3_VERSION, groups: "X25519"))
        #expect(other.serverState == .failed(.noSharedGroup))
    }

    @Test("a listener's protocols are what ALPN may choose, best first; without any nothing is chosen")
    func protocols() throws {
        func chosen(_ listed: [String], _ offered: [String]) throws -> String? {
            let settings = try HandshakeSettings(TLSPolicy(), isStrict: false, protocols: listed)
            var options = ClientOptions(serverName: "a.example")
            options.protocols = offered.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
            let pair = try pair(settings, options)
            #expect(pair.serverState == .done)
            var name: UnsafePointer<UInt8>?
            var count: UInt32 = 0
            SSL_get0_alpn_selected(pair.client, &name, &count)
            return name.map {
                String(decoding: UnsafeBufferPointer(start: $0, count: Int(count)), as: UTF8.self)
            }
        }
        #expect(try chosen(["imap", "postgresql"], ["http/1.1", "postgresql", "imap"]) == "imap")
        #expect(try chosen(["h2"], ["h2", "http/1.1"]) == "h2")
        #expect(try chosen(["imap"], ["http/1.1"]) == nil)
        #expect(try chosen([], ["h2", "http/1.1"]) == nil)
        #expect(throws: TLSSettingsError.applicationProtocol("")) {
            try HandshakeSettings(TLSPolicy(), isStrict: false, protocols: [""])
        }
    }

    @Test("what OpenSSL does not know is refused by name")
    func refused() {
        func failure(_ policy: TLSPolicy) -> TLSSettingsError? {
            do throws(TLSSettingsError) {
                _ = try HandshakeSettings(policy, isStrict: false)
                return nil
            } catch {
                return error
            }
        }
        #expect(failure(TLSPolicy(oldest: .tls13, newest: .tls12)) == .versions)
        #expect(failure(TLSPolicy(ciphers: "NONE-SUCH")) == .ciphers("NONE-SUCH"))
        #expect(failure(TLSPolicy(suites: "NONE")) == .suites("NONE"))
        #expect(failure(TLSPolicy(groups: "NONE")) == .groups("NONE"))
        #expect(failure(TLSPolicy(signatures: "NONE")) == .signatures("NONE"))
        #expect(failure(TLSPolicy(clientSignatures: "NONE")) == .signatures("NONE"))
        #expect(failure(TLSPolicy(signatures: "ECDSA+SHA256", clientSignatures: "RSA+SHA256")) == nil)
        #expect(failure(TLSPolicy()) == nil)
    }
}
