import Basics

/// Whose counters are to be forgotten: the most there was of anything, or with `all` everything that statistics show.
struct CountedThings: Sendable {
    let backends: [BackendState]
    let servers: [ServerState]
    let all: Bool

    /// Everything that is published.
    init(_ publisher: Publisher, all: Bool) {
        backends = publisher.backendStates
        servers = publisher.serverStates.map(\.server)
        self.all = all
    }
}

extension Worker {
    /// Counters have one writer, who forgets them too.
    func clearCounters(of things: CountedThings) {
        for i in 0..<frontendTraffic.count {
            frontendTraffic[i]._withUnsafeGuaranteedRef { traffic in
                traffic.arriving.mostConnections.reset()
                guard things.all else { return }
                traffic.counters.reset()
                traffic.arriving.reset()
            }
        }
        for backend in things.backends {
            let place = backend.perWorker.reference(index)
            place[].load.forgetMost()
            guard things.all else { continue }
            place[].load.forgetTotal()
            place[].ownTraffic?._withUnsafeGuaranteedRef { $0.counters.reset() }
        }
        for server in things.servers {
            let place = server.perWorker.reference(index)
            place[].load.forgetMost()
            place[].ownTraffic?._withUnsafeGuaranteedRef { $0.times.forgetLongest() }
            guard things.all else { continue }
            place[].load.forgetTotal()
            place[].ownTraffic?._withUnsafeGuaranteedRef { traffic in
                traffic.counters.reset()
                traffic.times.reset()
            }
        }
    }
}
