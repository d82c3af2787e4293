import Basics
import Model
import Wire

/// How TLS is spoken among the peers of a section: settings that OpenSSL has taken.
struct PeerSecurity: Sendable {
    /// What callers are met with; nil is without TLS.
    private let listening: Listening?
    /// How peers are called, by their names; who is missing is called without.
    private let calling: [String: UpstreamTLS]

    fileprivate struct Listening: Sendable {
        let certificates: CertificateTable
        let settings: HandshakeSettings
    }

    /// No TLS at all.
    init() { (listening, calling) = (nil, [:]) }

    /// Says what can not be used.
    init(_ section: PeerSection, _ authorities: AuthorityStore) throws(PeerSecurityError) {
        do throws(TLSSettingsError) {
            listening = try section.binds.first?.tls.map { tls throws(TLSSettingsError) in
                try Listening(tls, authorities)
            }
        } catch {
            throw PeerSecurityError(message: "'bind': \(PeerSecurityError.words(of: error))")
        }
        var calling: [String: UpstreamTLS] = [:]
        for peer in section.remotes {
            guard let settings = peer.tls else { continue }
            do throws(TLSSettingsError) {
                calling[peer.name] = try PeerSecurity.calling(settings, peer, authorities)
            } catch {
                throw PeerSecurityError(message: "'\(peer.name)': \(PeerSecurityError.words(of: error))")
            }
        }
        self.calling = calling
    }

    private static func calling(
        _ settings: ServerTLS, _ peer: PeerSection.Peer, _ authorities: AuthorityStore
    ) throws(TLSSettingsError)
        -> UpstreamTLS
    {
        // Connections are few and live long: there is nothing to be resumed.
        var settings = settings
        settings.reusesSessions = false
        settings.protocols = []
        let context = try TLSClientContext(TLSClientContext.Settings(settings, authorities))
        let address = SocketAddress(peer.address ?? "", port: peer.port) ?? SocketAddress()
        return UpstreamTLS(settings, context: context, address: address)
    }

    /// Whether callers have to speak TLS.
    var isListening: Bool { listening != nil }

    /// Whether this peer is called with TLS.
    func isSpoken(with name: String) -> Bool { calling[name] != nil }

    /// What sessions of callers are made of, for one thread; nil without TLS.
    func context(now: UInt64) throws(PeerSecurityError) -> TLSContext? {
        guard let listening else { return nil }
        do {
            return try TLSContext(
                certificates: listening.certificates, ticketKeys: TicketKeys(now: now / 1_000), protocols: [])
        } catch {
            throw PeerSecurityError(message: "cannot set TLS up: \(error)")
        }
    }

    /// A session with somebody who calls; nil without memory.
    func session(_ context: TLSContext, _ descriptor: Int32) -> TLSSession? {
        TLSSession(context: context, fd: descriptor, settings: listening?.settings)
    }

    /// A session with a peer that is called; nil without memory, and without TLS.
    func session(with name: String, _ descriptor: Int32) -> TLSSession? {
        guard let tls = calling[name] else { return nil }
        let sessions = TLSClientSessions(context: tls.context, nameWithoutSNI: tls.nameWithoutSNI)
        return TLSSession(resuming: sessions, fd: descriptor, serverName: tls.sentName.view)
    }
}

/// Why peers can not be spoken with as a section says.
struct PeerSecurityError: Error {
    let message: String

    fileprivate static func words(of error: TLSSettingsError) -> String {
        if case .certificate(let error) = error { return "the certificate: \(error)" }
        return "\(error)"
    }
}

extension PeerSecurity.Listening {
    fileprivate init(
        _ tls: PeerSection.ListeningTLS, _ authorities: AuthorityStore
    ) throws(TLSSettingsError) {
        var keys: [CertifiedKey] = []
        for certificate in tls.certificates {
            do throws(CertificateError) {
                keys.append(
                    try CertifiedKey(
                        chainPEM: certificate.chainPEM, keyPEM: certificate.keyPEM,
                        stapling: certificate.ocspResponse))
            } catch {
                throw .certificate(error)
            }
        }
        var table = CertificateTable(defaultKeys: Array(keys.prefix(1)))
        for name in Set(keys.flatMap(\.subjectNames)) {
            table.setKeys(keys.filter { $0.subjectNames.contains(name) }, for: name)
        }
        certificates = table
        var policy = TLSPolicy(tls.parameters ?? TLSParameters())
        policy.usesTickets = false
        settings = try HandshakeSettings(
            policy, isStrict: tls.isStrict,
            verification: try tls.clientAuthentication.map { demand throws(TLSSettingsError) in
                try ClientVerification(ofHandshakes: demand, authorities)
            })
    }
}
