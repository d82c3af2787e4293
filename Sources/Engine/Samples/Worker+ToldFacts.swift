import Basics
import Model
import Wire

/// What servers are told of requests and their clients, as expressions read it.
extension Worker {
    /// The request's own number, drawn if it has none yet.
    @inline(__always)
    func drawnID(of exchange: Ref<Exchange>) -> RequestID {
        if exchange[].drawnID.isNone { exchange[].drawnID = RequestID(&random) }
        return exchange[].drawnID
    }

    /// The number that a server is told of a request without one; none where they are not named.
    @inline(__always)
    func toldID(of exchange: Ref<Exchange>, _ settings: Unmanaged<FrontendSettings>) -> RequestID {
        settings._withUnsafeGuaranteedRef { $0.namesRequests } ? drawnID(of: exchange) : RequestID()
    }

    /// What a fact is; nil if there is nothing to tell.
    func told(_ fact: ToldFact, of exchange: Ref<Exchange>, _ workspace: inout SampleWorkspace) -> Sample? {
        switch fact {
        case .drawnID: return written(drawnID(of: exchange), &workspace)
        case .requestID:
            if let given = givenID(of: exchange, &workspace) { return given }
            let id = toldID(of: exchange, frontends[Int(exchange[].client[].frontend)])
            return id.isNone ? nil : written(id, &workspace)
        case .priorityClass: return .integer(Int64(exchange[].ruling?[].priority.level ?? 0))
        case .priorityOffset: return .integer(Int64(exchange[].ruling?[].priority.offset ?? 0))
        case .retries: return .integer(Int64(exchange[].retries))
        case .serverTimeout(let isCurrent):
            return .integer(Int64(limits(of: exchange, isCurrent: isCurrent).server))
        // HAProxy has one only where a rule has set it.
        case .tunnelTimeout(isCurrent: true):
            return .integer(Int64(exchange[].ruling?[].timeouts.tunnel ?? 0))
        case .tunnelTimeout:
            return .integer(Int64(limits(of: exchange, isCurrent: false).tunnel))
        case .verification:
            guard carrier(of: exchange[].client)[].transport.tls != nil else { return nil }
            let word = ShownCertificate.word(exchange[].client[].details?[].shown?.verdict ?? .none)
            return workspace.write { writer in word.withView { writer.append($0) } }.map { .string($0) }
        case .clientAddress, .forwardedFor: return source(fact, of: exchange, &workspace)
        case .certificate:
            guard let certificate = carrier(of: exchange[].client)[].transport.tls?.peerCertificate else {
                return nil
            }
            let text = ShownCertificate.percentEncoded(certificate.pem)
            return workspace.write { writer in text.withView { writer.append($0) } }.map { .string($0) }
        }
    }

    /// What servers would be told of the client's address.
    private func source(
        _ fact: ToldFact, of exchange: Ref<Exchange>, _ workspace: inout SampleWorkspace
    ) -> Sample? {
        let client = exchange[].client
        guard exchange[].request.count > 0, exchange[].savedLine == nil, !client[].address.isLocal else {
            return nil
        }
        let headers = ForwardedHeaders(
            settings: frontends[Int(client[].frontend)], client: client[].address,
            text: client[].addressText, isSecure: isSecure(client))
        let head = head(of: exchange)
        return workspace.write {
            if fact == .clientAddress {
                headers.writeAddress(to: &$0, request: exchange[].request, head: head)
            } else {
                headers.writeWay(to: &$0, request: exchange[].request, head: head)
            }
        }.map { .string($0) }
    }

    private func limits(of exchange: Ref<Exchange>, isCurrent: Bool) -> ServerTimeouts {
        guard let servers = exchange[].servers else { return ServerTimeouts.none }
        return isCurrent ? timeouts(of: exchange) : servers._withUnsafeGuaranteedRef { $0.settings.timeouts }
    }

    private func written(_ id: RequestID, _ workspace: inout SampleWorkspace) -> Sample? {
        workspace.write { id.write(to: &$0) }.map { .string($0) }
    }

    /// The number that the request has come with.
    private func givenID(of exchange: Ref<Exchange>, _ workspace: inout SampleWorkspace) -> Sample? {
        guard exchange[].request.count > 0, exchange[].savedLine == nil else { return nil }
        let head = head(of: exchange)
        var given = ByteView.empty
        exchange[].request.fields.forEach { field in
            guard field.name == .xRequestID, !field.isRemoved else { return }
            given = field.value(in: head)
        }
        return given.isEmpty ? nil : workspace.write { $0.append(given) }.map { .string($0) }
    }
}

extension ServerTimeouts {
    /// Of a request that has no backend.
    fileprivate static var none: ServerTimeouts {
        var times = ServerTimeouts()
        (times.server, times.tunnel) = (0, 0)
        return times
    }
}
