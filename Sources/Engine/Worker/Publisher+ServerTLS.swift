import Basics
import Model
import Wire

/// Servers as the engine knows them, with the TLS they are spoken to.
extension Publisher {
    /// nil for a server whose address can not be used, and for one whose TLS can not be and that had none before: it takes no
    /// requests.
    func makeState(
        of server: Server, in backend: Backend, known: some Collection<ServerState>
    ) -> ServerState? {
        // One that is nowhere yet is known all the same, so that operators see it.
        let nowhere = server.isWithoutAddress ? SocketAddress(v4: 0) : nil
        guard let address = nowhere ?? SocketAddress(of: server) else { return nil }
        var tls: UpstreamTLS?
        if var settings = server.tls {
            settings.protocols = server.spoken.offered(of: settings.protocols)
            do throws(TLSSettingsError) {
                let context = try serverTLS.context(for: settings)
                tls = UpstreamTLS(settings, context: context, address: address)
            } catch {
                note(error, of: backend)
                return known.first { $0.isPredecessor(of: server) }
            }
        }
        return ServerState(
            address: address, name: server.name, identity: server.identity, workers: workers,
            proxyHeader: server.sentProxyHeader.map { ProxyHeaderWriter($0) }, tls: tls,
            speaks: server.spoken, relay: server.relay, hasAddress: nowhere == nil,
            followsDestination: server.followsDestination, origin: ServerOrigin(server.source),
            webSockets: server.webSockets, proxyFields: OwnProxyFields(server.ownProxyFields))
    }

    /// What a check speaks, by the server's own context where the settings can not be used but it had others before.
    func tls(of plan: CheckPlan, with server: ServerState, in backend: Backend) -> UpstreamTLS? {
        guard let settings = plan.tls else { return nil }
        do throws(TLSSettingsError) {
            let context = try serverTLS.context(for: settings)
            return UpstreamTLS(settings, context: context, address: plan.address)
        } catch {
            note(error, of: backend)
            return server.tls.map { UpstreamTLS(settings, context: $0.context, address: plan.address) }
        }
    }

    /// Once for all servers of a backend.
    private func note(_ error: TLSSettingsError, of backend: Backend) {
        let problem = ServerTLSStore.problem(error, of: backend)
        if !problems.contains(problem) { problems.append(problem) }
    }
}

extension ServerTLSStore {
    /// What is told of settings that can not be used.
    static func problem(_ error: TLSSettingsError, of backend: Backend) -> Diagnostic {
        Diagnostic(
            .error, kind: "Service", object: backend.origin, field: "tls", reason: "ServerTLSRefused",
            message: "\(error); servers that had usable settings keep them, the others take no requests")
    }
}

extension Server {
    /// What is spoken to it: heads for relays are those of HTTP/1.1.
    fileprivate var spoken: ServerProtocol { self.relay == nil ? speaks : .http1 }
}

extension ServerProtocol {
    /// What a handshake offers of the protocols that are named.
    func offered(of names: [String]) -> [String] {
        switch self {
        case .negotiated: names
        case .http1, .fastCGI: names.filter { $0 != ApplicationProtocol.http2.rawValue }
        case .http2: [ApplicationProtocol.http2.rawValue]
        }
    }
}

extension SocketAddress {
    /// Where a server is; nil if its address is none.
    init?(of server: Server) {
        if server.isLocal {
            self.init(local: server.address)
        } else {
            self.init(server.address, port: server.port)
        }
    }
}

extension ServerState {
    /// Whether this is the same server with earlier settings of TLS, which stay if the new ones can not be used.
    fileprivate func isPredecessor(of server: Server) -> Bool {
        tls != nil && server.tls != nil && identity == server.identity
            && address == SocketAddress(of: server)
            && origin == ServerOrigin(server.source) && webSockets == server.webSockets
            && proxyHeader == server.sentProxyHeader.map { ProxyHeaderWriter($0) }
    }
}
