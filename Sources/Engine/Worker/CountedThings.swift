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

extension FrontendTraffic {
    /// Forgets the most there was, or everything.
    fileprivate func clear(all: Bool) {
        arriving.mostConnections.reset()
        guard all else { return }
        counters.reset()
        arriving.reset()
    }
}

extension Worker {
    /// Counters have one writer, who forgets them too.
    func clearCounters(of things: CountedThings) {
        for i in 0..<frontendTraffic.count {
            frontendTraffic[i]._withUnsafeGuaranteedRef { $0.clear(all: things.all) }
        }
        for traffic in published.ofListeners { traffic.clear(all: things.all) }
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
