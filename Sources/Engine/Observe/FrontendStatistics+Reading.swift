import Basics
import Model
import Synchronization
import Wire

/// Reading counters of all workers into statistics.
extension FrontendStatistics {
    /// What workers have counted of a frontend. `meter` looks at it.
    init(_ frontend: Frontend, of workers: [PublishedWorker], open: Int, meter: TrafficMeter, now: UInt64) {
        self.open = open
        limit = frontend.maxConnections
        rateLimit = max(0, frontend.maxSessionRate)
        for counted in workers.flatMap({ $0.traffic(ofFrontend: frontend.name) }) {
            traffic.add(counted.counters)
            add(counted.arriving)
        }
        let readings = meter.look(
            sessions: connections, active: UInt64(max(0, open)), requests: requests, now: now)
        mostOpen = max(mostOpen, readings.mostActive)
        connectionRate = MeasuredRate(readings.sessions, now: now)
        requestRate = MeasuredRate(readings.requests, now: now)
    }

    private mutating func add(_ arriving: borrowing ArrivingTraffic) {
        connections &+= arriving.connections.value
        http2Connections &+= arriving.http2Connections.value
        mostOpen = max(mostOpen, arriving.mostConnections.value)
        requests &+= arriving.requests.value
        http2Requests &+= arriving.http2Requests.value
        requestErrors &+= arriving.requestErrors.value
        intercepted &+= arriving.intercepted.value
        deniedConnections &+= arriving.deniedConnections.value
        deniedSessions &+= arriving.deniedSessions.value
    }
}

extension ListenerStatistics {
    /// What workers have counted of a listener, which is at this place. `meter` looks at it.
    init(
        _ bind: Bind, at place: Int, of frontend: String, _ workers: [PublishedWorker], meter: TrafficMeter,
        now: UInt64
    ) {
        self.init()
        for case let one? in workers.map({ $0.traffic(ofListener: place, of: frontend) }) {
            traffic.add(one.counters)
            connections &+= one.arriving.connections.value
            requestErrors &+= one.arriving.requestErrors.value
            deniedConnections &+= one.arriving.deniedConnections.value
            deniedSessions &+= one.arriving.deniedSessions.value
        }
        limit = max(0, bind.maxConnections)
        open = workers.reduce(0) { $0 &+ $1.clients[place].value }
        mostOpen = meter.look(sessions: connections, active: open, now: now).mostActive
        if bind.isLocal {
            address = "unix"
        } else {
            let shown = bind.address ?? "::"
            address = shown.contains(":") ? "[\(shown)]:\(bind.port)" : "\(shown):\(bind.port)"
        }
    }
}

extension ServerStatistics {
    /// What workers have counted of a server; the sums of its times are added to `sums`.
    init(_ server: ServerState, sums: inout TimeSums, now: UInt64) {
        name = server.name.view.string
        address = server.address.description(withPort: !server.address.isLocal)
        waiting = server.waiting.load(ordering: .relaxed)
        mostWaiting = server.mostWaiting.load(ordering: .relaxed)
        isUp = server.isUp.load(ordering: .relaxed)
        state = server.steering.withLock { $0.state }
        var own = TimeSums()
        for i in 0..<server.perWorker.count {
            sessions &+= server.perWorker[i].load.total.value
            active &+= server.perWorker[i].load.active.value
            mostActive = max(mostActive, server.perWorker[i].load.most.value)
            idlePerWorker.append(Int(clamping: server.perWorker[i].idleCount.value))
            guard let counted = server.perWorker[i].traffic.load() else { continue }
            traffic.add(counted.counters)
            own = own + times.add(counted.times)
        }
        idle = idlePerWorker.reduce(0, +)
        let availability = server.availability.withLock { $0 }
        changedAt = availability.changedAt
        downtime = availability.downtime(now: now)
        let readings = server.meter.look(sessions: sessions, active: active, times: own, now: now)
        mostActive = max(mostActive, readings.mostActive)
        lastSession = readings.sessions.changedAt
        rate = MeasuredRate(readings.sessions, now: now)
        times.take(readings.times.recent(of: own))
        sums = sums + own
    }
}

extension BackendStatistics {
    /// What workers have counted of a backend, beside its servers; `sums` are those of their times.
    init(_ backend: BackendState, servers: [ServerStatistics], sums: TimeSums, now: UInt64) {
        self.servers = servers
        waiting = max(0, backend.waiting.load(ordering: .relaxed))
        mostWaiting = backend.mostWaiting.load(ordering: .relaxed)
        for i in 0..<backend.perWorker.count {
            sessions &+= backend.perWorker[i].load.total.value
            active &+= backend.perWorker[i].load.active.value
            mostActive = max(mostActive, backend.perWorker[i].load.most.value)
            if let counted = backend.perWorker[i].traffic.load() { traffic.add(counted.counters) }
        }
        let availability = backend.availability.withLock { $0 }
        isUp = availability.isUp
        downs = availability.downs
        changedAt = availability.changedAt
        downtime = availability.downtime(now: now)
        let readings = backend.meter.look(sessions: sessions, active: active, times: sums, now: now)
        mostActive = max(mostActive, readings.mostActive)
        lastSession = readings.sessions.changedAt
        rate = MeasuredRate(readings.sessions, now: now)
        times.take(readings.times.recent(of: sums))
        for server in servers { times.takeLongest(of: server.times) }
    }
}

extension Durations {
    /// Keeps the longest of a worker's times; answers their sums.
    fileprivate mutating func add(_ times: borrowing ServerTimes) -> TimeSums {
        longestQueue = max(longestQueue, times.longestQueue.value)
        longestConnect = max(longestConnect, times.longestConnect.value)
        longestResponse = max(longestResponse, times.longestResponse.value)
        longestTotal = max(longestTotal, times.longestTotal.value)
        return TimeSums(
            count: times.count.value, queue: times.queue.value, connect: times.connect.value,
            response: times.response.value, total: times.total.value)
    }

    /// Averages.
    fileprivate mutating func take(_ sums: TimeSums) {
        guard sums.count > 0 else { return }
        queue = sums.queue / sums.count
        connect = sums.connect / sums.count
        response = sums.response / sums.count
        total = sums.total / sums.count
    }

    fileprivate mutating func takeLongest(of other: Durations) {
        longestQueue = max(longestQueue, other.longestQueue)
        longestConnect = max(longestConnect, other.longestConnect)
        longestResponse = max(longestResponse, other.longestResponse)
        longestTotal = max(longestTotal, other.longestTotal)
    }
}

extension MeasuredRate {
    init(_ meter: RateMeter, now: UInt64) {
        self.now = meter.rate(now: now)
        most = meter.most
    }
}
