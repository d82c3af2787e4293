import Basics
import Model
import Synchronization
import Wire

extension Engine {
    /// What there is to say of every frontend, backend and server. Without `EngineOptions.keepsStatistics` it is little.
    public func statistics() -> Statistics {
        var statistics = state.withLock { $0?.statistics(now: Clock.now()) } ?? Statistics()
        statistics.countsRequests = options.keepsStatistics
        return statistics
    }

    /// Says who answers requests that rules send to a service of the process. It is asked on workers' threads and holds them up meanwhile.
    public func serve(by answer: @escaping @Sendable (ServiceRequest) -> ServiceAnswer) {
        state.withLock { $0?.publisher.services.serve(by: answer) }
    }

    /// Forgets the most there was of anything; with `all` every counter that statistics show begins anew.
    public func clearCounters(all: Bool) {
        state.withLock { $0?.clearCounters(all: all) }
    }

    /// Looks at the counters every second from now on, on a thread of its own: rates come of that. Without a thread there are none.
    func startKeepingRates(_ running: inout Running?) {
        guard let orders = running?.rateOrders else { return }
        let thread = Thread(name: "rates") {
            let loop = EventLoop()
            _ = loop.registerLevel(orders.wakeUp, token: 0)
            while loop.wait(milliseconds: 1_000) == 0 { _ = self.statistics() }
        }
        if let thread { running?.threads.append(thread) }
    }
}

extension Engine.Running {
    /// Frontends and backends, joined where they are one section, in the order of the configuration.
    mutating func statistics(now: UInt64) -> Statistics {
        var proxies: [String: ProxyStatistics] = [:]
        for frontend in publisher.places.present {
            let place = publisher.frontends.firstIndex { $0.name == frontend.name } ?? 0
            var statistics = FrontendStatistics(
                frontend, of: workers.map(\.published), open: limits.open(at: place),
                meter: publisher.rates.meter(of: frontend.name), now: now)
            statistics.state = frontendSteering[frontend.name]?.state ?? .listening
            if frontend.countsListeners {
                statistics.listeners = self.statistics(ofListenersOf: frontend, at: place, now: now)
            }
            proxies["f\(frontend.name)"] = ProxyStatistics(
                name: frontend.name, place: frontend.place, frontend: statistics)
        }
        for (name, place, statistics) in publisher.backendStatistics(now: now) {
            if place.order > 0, proxies["f\(name)"]?.place == place {
                proxies["f\(name)"]?.backend = statistics
            } else {
                proxies["b\(name)"] = ProxyStatistics(name: name, place: place, backend: statistics)
            }
        }
        var statistics = Statistics()
        statistics.moment = now
        statistics.process = processStatistics(proxies.values.compactMap(\.frontend), now: now)
        statistics.proxies = proxies.sorted { ($0.value.rank, $0.key) < ($1.value.rank, $1.key) }.map(\.value)
        return statistics
    }

    /// The addresses that a frontend listens on, in the order of its lines.
    private func statistics(ofListenersOf frontend: Frontend, at place: Int, now: UInt64)
        -> [ListenerStatistics]
    {
        let taken = Set(frontend.binds.map(\.id))
        var next = 1
        var all: [ListenerStatistics] = []
        for (number, bind) in frontend.binds.enumerated() {
            // Who has no number gets the next free one; all are counted.
            if bind.id == 0 { while taken.contains(next) { next += 1 } }
            let id = bind.id > 0 ? bind.id : next
            next += 1
            let listener = listeners.places.indices.first {
                Int(listeners.places[$0].frontend) == place && Int(listeners.places[$0].bind) == number
                    && listeners.isOpen($0)
            }
            guard let listener else { continue }
            var found = ListenerStatistics(
                bind, at: listener, of: frontend.name, workers.map(\.published),
                meter: publisher.rates.meter(of: "\(frontend.name)/\(id)"), now: now)
            found.isOpen = !limits.isWaitedFor(listener: listener)
            (found.id, found.name) = (id, bind.name.isEmpty ? "sock-\(id)" : bind.name)
            all.append(found)
        }
        return all
    }

    private mutating func processStatistics(_ frontends: [FrontendStatistics], now: UInt64)
        -> ProcessStatistics
    {
        var statistics = ProcessStatistics()
        var handshakes: UInt64 = 0
        let encrypted = listeners.places.indices.filter { listeners.places[$0].isTLS }
        for worker in workers {
            let counters = worker.published.counters.reference(0)
            handshakes &+= counters[].handshakes.value &+ counters[].failedHandshakes.value
            statistics.openTLS &+= counters[].openServerTLS.value
            for place in encrypted { statistics.openTLS &+= worker.published.clients[place].value }
        }
        meters.look(at: frontends, handshakes: handshakes, now: now)
        meters.tell(&statistics, now: now)
        (statistics.limits, statistics.compressionRate) = (rates, compression.maxRate)
        return statistics
    }

    fileprivate mutating func clearCounters(all: Bool) {
        let things = CountedThings(publisher, all: all)
        for worker in workers { worker.mailbox.post(.clearCounters(things)) }
        publisher.rates.forgetMost()
        meters.forgetMost()
        publisher.forgetMost()
    }
}

extension ProxyStatistics {
    /// Those whose place is not said come last.
    fileprivate var rank: Int { place.order == 0 ? .max : place.order }
}
