import Basics
import Model
import Wire

/// Clients that have to show certificates: looked at once a connection, asked for with every request.
extension Worker {
    /// Notes what a client has shown under a guarded name; false if the connection must end.
    func noteCertificate(_ client: Ref<ClientConnection>) -> Bool {
        guard let host = client[].transport.tls?.verification?.tag as? ClientGuard else {
            return !isSessionOfBrokenHost(client)
        }
        let verdict = client[].transport.tls?.verdict ?? PeerCertificate.Verdict.none
        let certificate = client[].transport.tls?.peerCertificate
        let isTolerated = client[].transport.tls?.isTolerated ?? false
        let shown = ShownCertificate(host, verdict, certificate, isTolerated: isTolerated)
        // One that can not be told of can not be let in either.
        guard !shown.isRefused, verdict == .none || certificate != nil else { return false }
        // A session has no requests that could be refused.
        let mode = frontends[Int(client[].frontend)]._withUnsafeGuaranteedRef { $0.mode }
        guard mode != .tcp || ClientGuard.judge(host, shown) == .told else { return false }
        detail(client)[].shown = shown
        return true
    }

    /// Whether this is a session, which has no requests that could be refused, under a name whose clients nobody can verify.
    private func isSessionOfBrokenHost(_ client: Ref<ClientConnection>) -> Bool {
        let mode = frontends[Int(client[].frontend)]._withUnsafeGuaranteedRef { $0.mode }
        guard hasGuards, mode == .tcp else { return false }
        let name = client[].transport.tls?.serverName ?? .empty
        let host = snapshot.guards?.host(for: ClientGuard.withoutTrailingDot(name))
        return host?._withUnsafeGuaranteedRef { $0.clientGuard?.isBroken } ?? false
    }

    /// Whether the request's host lets its client in; answered if not. Removes what only we may say, whatever the host: servers
    /// may stand behind several.
    func admits(_ exchange: Ref<Exchange>) -> Bool {
        removeClaims(exchange)
        let shown = exchange[].client[].details?[].shown
        let host = hostGuard(of: exchange)
        switch ClientGuard.judge(host, shown, isPlain: !isSecure(exchange[].client)) {
        case .pass: return true
        case .told, .toldNothing:
            exchange[].headNeeds.insert(.certificate)
            return true
        case .refused(400) where host.map({ $0.errorPages.count > 0 }) ?? false:
            if let host { answer(exchange, OwnAnswer(host.errorPages.reference(0)), as: .badRequest) }
            return false
        case .refused(let status):
            refuse(exchange, status: status, as: .badRequest)
            return false
        }
    }

    private func hostGuard(of exchange: Ref<Exchange>) -> ClientGuard? {
        let authority = head(of: exchange)[exchange[].request.host.indices]
        let name = ClientGuard.withoutTrailingDot(HostSyntax.withoutPort(authority))
        return snapshot.guards?.host(for: name)?._withUnsafeGuaranteedRef { $0.clientGuard }
    }

    private func removeClaims(_ exchange: Ref<Exchange>) {
        let head = head(of: exchange)
        for i in 0..<exchange[].request.fields.count where exchange[].request.fields[i].name == .other {
            let field = exchange[].request.fields[i]
            let name = field.name(in: head)
            guard snapshot.guardedFields.contains(name) else { continue }
            exchange[].request.fields[i].isRemoved = true
        }
    }

    /// What the server is told of the client's certificate.
    func writeCertificate(_ exchange: Ref<Exchange>, to output: inout ByteWriter) {
        if let shown = exchange[].client[].details?[].shown {
            output.append(shown.lines.view)
        } else if let host = hostGuard(of: exchange) {
            output.append(host.noCertificate.view)
        }
    }
}
