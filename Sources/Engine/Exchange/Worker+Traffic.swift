import Basics
import Synchronization
import Wire

/// Counting what comes, goes and fails: at the frontend, at the backend, and at the server.
extension Worker {
    /// What this worker counts of a client's frontend, or of its listener.
    func traffic(of client: Ref<ClientConnection>) -> Unmanaged<FrontendTraffic> { client[].traffic }

    /// Where connections of a listener are counted: at its frontend, but where listeners are counted for themselves.
    func traffic(ofListener index: Int) -> Unmanaged<FrontendTraffic> {
        let frontend = Int(listeners[index].frontend)
        guard listeners[index].countsApart else { return frontendTraffic[frontend] }
        if let own = listeners[index].traffic { return own }
        let name = frontends[frontend]._withUnsafeGuaranteedRef { $0.name.view.string }
        let own = Unmanaged.passUnretained(published.keepTraffic(ofListener: index, of: name))
        listeners[index].traffic = own
        return own
    }

    /// A finished exchange.
    func count(_ exchange: Ref<Exchange>) {
        let status = Int(exchange[].status / 100)
        var statusClass = status <= 5 ? status : 0
        if exchange[].termination != .normal { countEnd(exchange, &statusClass) }
        let (bytesIn, bytesOut) = (exchange[].bytesIn, exchange[].bytesOut)
        if keepsStatistics, exchange[].errand != .copy {
            traffic(of: exchange[].client)._withUnsafeGuaranteedRef {
                $0.counters.finish(statusClass, bytesIn: bytesIn, bytesOut: bytesOut)
            }
        }
        guard let place = exchange[].place else { return }
        place[].load.leave()
        let duration = clock.monotonic &- exchange[].startedAt
        place.traffic._withUnsafeGuaranteedRef { traffic in
            traffic.counters.finish(statusClass, bytesIn: bytesIn, bytesOut: bytesOut)
            traffic.counters.durations.record(duration)
        }
        if keepsStatistics, let server = exchange[].server { count(exchange, at: server, duration) }
    }

    /// Its status counts at the server if it is the server's.
    private func count(_ exchange: Ref<Exchange>, at server: Unmanaged<ServerState>, _ duration: UInt64) {
        let place = server._withUnsafeGuaranteedRef { $0.perWorker.reference(index) }
        place.traffic._withUnsafeGuaranteedRef { traffic in
            let status = Int(exchange[].response.status / 100)
            if status > 0, status <= 5 { traffic.counters.statusClasses[status].add() }
            traffic.counters.bytesIn.add(exchange[].bytesIn)
            traffic.counters.bytesOut.add(exchange[].bytesOut)
            guard exchange[].answeredAt > 0 || exchange[].isSession else { return }
            traffic.times.count.add()
            traffic.times.total.add(duration)
            traffic.times.longestTotal.raise(to: duration)
            if exchange[].connectedAt > exchange[].headAt { countWaits(exchange, traffic.times) }
            guard exchange[].answeredAt > exchange[].connectedAt else { return }
            let response = exchange[].answeredAt &- exchange[].connectedAt
            traffic.times.response.add(response)
            traffic.times.longestResponse.raise(to: response)
        }
    }

    /// Requests that waited for a place or a connection.
    private func countWaits(_ exchange: Ref<Exchange>, _ times: borrowing ServerTimes) {
        let assigned = max(exchange[].headAt, exchange[].assignedAt)
        let (queue, connect) = (assigned &- exchange[].headAt, exchange[].connectedAt &- assigned)
        times.queue.add(queue)
        times.longestQueue.raise(to: queue)
        guard exchange[].connectedAt > assigned else { return }
        times.connect.add(connect)
        times.longestConnect.raise(to: connect)
    }

    /// Who ended an exchange, if it did not end in order.
    private func countEnd(_ exchange: Ref<Exchange>, _ statusClass: inout Int) {
        let termination = exchange[].termination
        switch (termination.cause, termination.phase) {
        case (UInt8(ascii: "L"), UInt8(ascii: "R")):
            guard exchange[].place == nil || isOneSection(exchange) else { return }
            traffic(of: exchange[].client)._withUnsafeGuaranteedRef { $0.arriving.intercepted.add() }
        case (UInt8(ascii: "C"), UInt8(ascii: "R")), (UInt8(ascii: "c"), UInt8(ascii: "R")):
            traffic(of: exchange[].client)._withUnsafeGuaranteedRef { $0.arriving.requestErrors.add() }
            // A head that does not end is no good head.
            if exchange[].headAt == 0 { statusClass = 4 }
        case (UInt8(ascii: "C"), _), (UInt8(ascii: "c"), _): countAtBoth(exchange) { $0.clientAborts.add() }
        case (UInt8(ascii: "S"), UInt8(ascii: "D")):
            countAtBoth(exchange) { traffic in
                traffic.serverAborts.add()
                if !exchange[].isSession { traffic.failedAnswers.add() }
            }
        case (UInt8(ascii: "s"), UInt8(ascii: "D")): countAtBoth(exchange) { $0.serverAborts.add() }
        case (_, UInt8(ascii: "C")), (_, UInt8(ascii: "Q")):
            countAtBoth(exchange) { $0.failedConnections.add() }
        case (UInt8(ascii: "P"), UInt8(ascii: "D")): countAtBoth(exchange) { $0.failedAnswers.add() }
        default: break
        }
    }

    /// Counts something at an exchange's backend and at its server, as far as it has them.
    @inline(__always)
    func countAtBoth(_ exchange: Ref<Exchange>, _ count: (borrowing Traffic) -> Void) {
        exchange[].place?.traffic._withUnsafeGuaranteedRef { count($0.counters) }
        guard keepsStatistics, let server = exchange[].server else { return }
        server._withUnsafeGuaranteedRef { $0.perWorker.reference(index) }.traffic
            ._withUnsafeGuaranteedRef { count($0.counters) }
    }

    /// A request that is about to be given to a server which nobody balanced it to: its cookie names it, it has waited for it,
    /// or it goes there again.
    func countPinned(_ exchange: Ref<Exchange>, at server: Unmanaged<ServerState>?) {
        guard keepsStatistics else { return }
        exchange[].place?.traffic._withUnsafeGuaranteedRef { $0.counters.pinned.add() }
        server?._withUnsafeGuaranteedRef { $0.perWorker.reference(index) }.traffic
            ._withUnsafeGuaranteedRef { $0.counters.pinned.add() }
    }

    /// A connection that ended before it said anything is a bad request to HAProxy.
    func countEmpty(_ client: Ref<ClientConnection>) {
        traffic(of: client)._withUnsafeGuaranteedRef { traffic in
            traffic.arriving.requestErrors.add()
            traffic.counters.statusClasses[4].add()
        }
    }

    /// A rule refuses a request.
    func countDenied(_ exchange: Ref<Exchange>) {
        traffic(of: exchange[].client)._withUnsafeGuaranteedRef { $0.counters.deniedRequests.add() }
        exchange[].place?.traffic._withUnsafeGuaranteedRef { $0.counters.deniedRequests.add() }
    }

    /// A rule refuses an answer.
    func countDenied(answerOf exchange: Ref<Exchange>) {
        traffic(of: exchange[].client)._withUnsafeGuaranteedRef { $0.counters.deniedAnswers.add() }
        countAtBoth(exchange) { $0.deniedAnswers.add() }
    }

    /// This worker has more under way in a backend than ever.
    func noteMost(of backend: Unmanaged<BackendState>) {
        backend._withUnsafeGuaranteedRef { $0.perWorker[index].load.most.raise(to: $0.active) }
    }

    /// The same at a server.
    func noteMost(at place: Ref<ServerState.Place>, of server: Unmanaged<ServerState>) {
        server._withUnsafeGuaranteedRef { place[].load.most.raise(to: $0.active) }
    }

    /// The counters of the frontends there are now, by their place.
    static func traffic(
        of snapshot: Snapshot, in published: PublishedWorker, dropped: (FrontendTraffic) -> Void = { _ in }
    ) -> FixedArray<Unmanaged<FrontendTraffic>> {
        let names = snapshot.frontends.map { $0.name.view.string }
        let traffic = published.keepTraffic(of: names, dropped: dropped)
        return FixedArray(count: traffic.count) { Unmanaged.passUnretained(traffic[$0]) }
    }
}

extension Atomic where Value == Int {
    /// Keeps the highest value; called under a lock.
    func raise(to value: Int) {
        if value > load(ordering: .relaxed) { store(value, ordering: .relaxed) }
    }
}
