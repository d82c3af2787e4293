import Basics
import Model
import Synchronization
import Wire

extension Engine {
    /// What there is to say of every frontend, backend and server. Without `EngineOptions.keepsStatistics` it is little.
    public func statistics() -> Statistics {
        state.withLock { $0?.statistics(now: Clock.now()) } ?? Statistics()
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
                meter: meter(of: frontend.name), now: now)
            statistics.state = frontendSteering[frontend.name]?.state ?? .listening
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
        statistics.proxies = proxies.sorted { ($0.value.rank, $0.key) < ($1.value.rank, $1.key) }.map(\.value)
        return statistics
    }

    private mutating func meter(of frontend: String) -> TrafficMeter {
        if let meter = frontendMeters[frontend] { return meter }
        let meter = TrafficMeter()
        frontendMeters[frontend] = meter
        return meter
    }

    fileprivate func clearCounters(all: Bool) {
        let things = CountedThings(publisher, all: all)
        for worker in workers { worker.mailbox.post(.clearCounters(things)) }
        for meter in frontendMeters.values { meter.forgetMost() }
        publisher.forgetMost()
    }
}

extension ProxyStatistics {
    /// Those whose place is not said come last.
    fileprivate var rank: Int { place.order == 0 ? .max : place.order }
}
