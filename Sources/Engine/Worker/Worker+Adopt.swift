import Basics
import Synchronization
import Wire

/// Taking over configuration between two events. Nothing here closes a client's connection.
extension Worker {
    func handle(_ message: WorkerMessage) {
        switch message {
        case .adopt(let adoption): adopt(adoption)
        case .placeGranted(let grant): takeGranted(grant)
        case .mayAccept(let turn): take(turn)
        case .limitsChanged: serveWaiting()
        // Between two events nobody stands at it any more.
        case .forget: break
        case .clearCounters(let things): clearCounters(of: things)
        case .resolved(let token, let address): resolved(token, address)
        case .sessions(let question): answer(question)
        case .drain: drain()
        case .stop: isStopping = true
        }
    }

    private func adopt(_ adoption: Adoption) {
        for (backend, servers) in adoption.pools { adopt(servers, of: backend) }
        for server in adoption.retired { retire(server) }
        for effect in adoption.health { take(effect) }
        for backend in adoption.removed { garbage.add(backend, epoch: epoch) }
        if let next = adoption.snapshot {
            garbage.add(snapshot, epoch: epoch)
            snapshot = next
            router = Router(hosts: next.hosts)
            frontends = Worker.frontends(of: next)
            frontendTraffic = Worker.traffic(of: next, in: published) { garbage.add($0, epoch: epoch) }
            hasGuards = next.guards != nil
            log.adopt(next.logWriter, asksFrontends: next.hasLogging)
        }
        if let tables = adoption.tables {
            garbage.add(tableDirectory, epoch: epoch)
            tableDirectory = tables
        }
        if let lists = adoption.patterns {
            garbage.add(patterns, epoch: epoch)
            patterns = lists
        }
        for change in adoption.listeners { adopt(change) }
        if let certificates = adoption.certificates { tls?.certificates = certificates }
        if !isListening {
            isListening = true
            if acceptsAgainAt == 0 { for i in 0..<listeners.count { listen(at: i) } }
        }
        epoch += 1
        published.adopted.store(adoption.sequence, ordering: .releasing)
        adoption.onAdopted()
        // Requests that waited for a place may find new servers.
        for (backend, _) in adoption.pools { reassignWaiting(of: Unmanaged.passUnretained(backend)) }
        for server in adoption.retired { redial(insteadOf: server) }
    }

    private func adopt(_ servers: ServerSet, of backend: BackendState) {
        let place = backend.perWorker.reference(index)
        garbage.add(place[].servers.takeRetainedValue(), epoch: epoch)
        place[].servers = Unmanaged.passRetained(servers)
    }

    /// A server that is gone: nothing new goes to it, idle connections are closed, running requests finish.
    private func retire(_ server: ServerState) {
        stopKeeping(server)
        garbage.add(server, epoch: epoch)
    }

    /// Connections close with their next answer. A request may be on its way to an idle one: it is given a moment.
    private func drain() {
        isDraining = true
        var client = firstClient
        while let current = client {
            client = current[].next
            if current[].phase == .request, current[].exchange == nil {
                setTimer(current, Worker.farewell)
            }
            if current[].phase == .http2 { drainHTTP2(current) }
        }
    }
}
