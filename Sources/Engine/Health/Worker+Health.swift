import Basics
import Synchronization
import Wire

/// What a worker does about a server whose health has changed, beside balancing over the new set.
enum HealthEffect: Sendable {
    /// Nothing new goes there: idle connections are closed, running exchanges finish, or end if that is wanted.
    case down(ServerState, endsSessions: Bool)
    /// Its connections may be kept again.
    case up(ServerState)
    /// Its exchanges end: a better server is back.
    case endSessions(ServerState)
    /// The same because an operator says so.
    case end(ServerState)
    /// Whether its traffic counts.
    case observe(ServerState, Bool)
}

extension Worker {
    func take(_ effect: HealthEffect) {
        switch effect {
        case .down(let server, let endsSessions):
            stopKeeping(server)
            if endsSessions { self.endSessions(with: server, for: .serverDown) }
        case .up(let server):
            server.perWorker.reference(index)[].isRetired = server.followsDestination
        case .observe(let server, let isObserved):
            server.perWorker.reference(index)[].isObserved = isObserved
        case .end(let server): endSessions(with: server, for: .killed)
        case .endSessions(let server): endSessions(with: server, for: .betterServerUp)
        }
    }

    /// Closes idle connections, and the others when their exchange is over.
    func stopKeeping(_ server: ServerState) {
        let place = server.perWorker.reference(index)
        place[].isRetired = true
        while let connection = place[].idle { close(connection) }
        while let connection = place[].ownIdle { close(connection) }
        retireCarriers(at: place)
    }

    /// Something has happened to an exchange's traffic with an observed server.
    func observe(_ event: TrafficEvent, _ exchange: Ref<Exchange>) {
        exchange[].server?._withUnsafeGuaranteedRef { $0.health.load()?.note(event, of: $0) }
    }

    /// The same, where it is not known yet whether anybody looks.
    func noteTraffic(_ event: TrafficEvent, _ exchange: Ref<Exchange>?) {
        guard let exchange, exchange[].serverPlace?[].isObserved == true else { return }
        observe(event, exchange)
    }

    private func endSessions(with server: ServerState, for reason: Termination.Reason) {
        let wanted = Unmanaged.passUnretained(server).toOpaque()
        var client = firstClient
        while let current = client {
            client = current[].next
            guard let exchange = current[].exchange, exchange[].serverPlace != nil,
                exchange[].server?.toOpaque() == wanted
            else { continue }
            abort(current, exchange[].termination(for: reason))
        }
    }
}
