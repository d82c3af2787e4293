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
        guard let address = SocketAddress(server.address, port: server.port) else { return nil }
        var tls: UpstreamTLS?
        if var settings = server.tls {
            settings.protocols = server.speaks.offered(of: settings.protocols)
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
            speaks: server.speaks)
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
        let problem = Diagnostic(
            .error, kind: "Service", object: backend.origin, field: "tls", reason: "ServerTLSRefused",
            message: "\(error); servers that had usable settings keep them, the others take no requests")
        if !problems.contains(problem) { problems.append(problem) }
    }
}

extension ServerProtocol {
    /// What a handshake offers of the protocols that are named.
    func offered(of names: [String]) -> [String] {
        switch self {
        case .negotiated: names
        case .http1: names.filter { $0 != ApplicationProtocol.http2.rawValue }
        case .http2: [ApplicationProtocol.http2.rawValue]
        }
    }
}

extension ServerState {
    /// Whether this is the same server with earlier settings of TLS, which stay if the new ones can not be used.
    fileprivate func isPredecessor(of server: Server) -> Bool {
        tls != nil && server.tls != nil && identity == server.identity
            && address == SocketAddress(server.address, port: server.port)
            && proxyHeader == server.sentProxyHeader.map { ProxyHeaderWriter($0) }
    }
}
