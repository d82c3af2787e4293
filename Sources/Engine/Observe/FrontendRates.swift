import Basics
import Synchronization

/// How often something happens at frontends, over all workers: what statistics show and samples ask for. It is looked at every second; whoever
/// asks adds up what workers have counted until then, so that a rate is exact at that moment.
final class FrontendRates: Sendable {
    private let known = Mutex(Known())

    private struct Known {
        var workers: [PublishedWorker] = []
        var meters: [String: TrafficMeter] = [:]
    }

    /// Counts what these workers do.
    func follow(_ workers: [PublishedWorker]) { known.withLock { $0.workers = workers } }

    func meter(of frontend: String) -> TrafficMeter {
        known.withLock { known in
            if let meter = known.meters[frontend] { return meter }
            let meter = TrafficMeter()
            known.meters[frontend] = meter
            return meter
        }
    }

    func forgetMost() {
        let meters = known.withLock { Array($0.meters.values) }
        for meter in meters { meter.forgetMost() }
    }

    /// Connections in a second.
    func connections(of frontend: String, now: UInt64) -> UInt64 {
        meter(of: frontend).rate(sessions: sum(of: frontend) { $0.connections.value }, now: now)
    }

    /// Requests in a second.
    func requests(of frontend: String, now: UInt64) -> UInt64 {
        meter(of: frontend).rate(requests: sum(of: frontend) { $0.requests.value }, now: now)
    }

    private func sum(of frontend: String, _ count: (borrowing ArrivingTraffic) -> UInt64) -> UInt64 {
        let workers = known.withLock { $0.workers }
        return workers.reduce(0) { $0 &+ $1.sum(ofFrontend: frontend, count) }
    }
}
