import Engine
import Model

/// Makes lines of what the engine says.
struct StatisticsTable {
    let statistics: Statistics
    /// What is shown of them.
    var scope = Scope()
    /// The most connections of a frontend that has no limit of its own.
    var processLimit = 0

    /// What is shown.
    struct Scope {
        /// Addresses, cookies and algorithms.
        var showsDetails = true
        /// Only the section of this number.
        var proxyID: Int?
        /// Only sections for which this holds.
        var includes: @Sendable (ProxyStatistics) -> Bool = { _ in true }
        /// Kinds as bits: 1 frontends, 2 backends, 4 servers, 8 listeners. Below 0 all.
        var kinds = -1
        /// Only the server of this number.
        var serverID: Int?
        /// Without servers that are in maintenance, and without those that are down.
        var hidesMaintenance = false
        var hidesDown = false

        func shows(_ kind: StatisticsRow.Kind) -> Bool { kinds < 0 || kinds & 1 << kind.rawValue != 0 }
    }

    /// All lines, section by section.
    var rows: [StatisticsRow] { sections.flatMap(\.rows) }

    /// The lines of each section.
    var sections: [(proxy: ProxyStatistics, id: UInt64, rows: [StatisticsRow])] {
        numbered.filter { scope.includes($0.proxy) && (scope.proxyID ?? Int($0.id)) == Int($0.id) }
            .map { proxy, id in
                let rows = rows(of: proxy, id: id)
                return (proxy, id, statistics.countsRequests ? rows : rows.map(\.withoutUncounted))
            }
    }

    /// Sections that have no number get one behind those that have.
    var numbered: [(proxy: ProxyStatistics, id: UInt64)] {
        let taken = Set(statistics.proxies.map(\.place.id))
        var next = 2
        return statistics.proxies.map { proxy in
            guard proxy.place.id <= 0 else { return (proxy, UInt64(proxy.place.id)) }
            while taken.contains(next) { next += 1 }
            defer { next += 1 }
            return (proxy, UInt64(next))
        }
    }

    private func rows(of proxy: ProxyStatistics, id: UInt64) -> [StatisticsRow] {
        var rows: [StatisticsRow] = []
        if let frontend = proxy.frontend {
            if scope.shows(.frontend) { rows.append(row(frontend, proxy, id)) }
            if scope.shows(.listener) {
                rows += frontend.listeners.filter { scope.serverID == nil || scope.serverID == $0.id }
                    .map { row($0, proxy, id) }
            }
        }
        guard let backend = proxy.backend else { return rows }
        if scope.shows(.server) {
            rows += backend.servers.filter { isShown($0) }.map {
                ServerRow(server: $0, proxy: proxy, proxyID: id, moment: statistics.moment)
                    .row(showsDetails: scope.showsDetails)
            }
        }
        if scope.shows(.backend) { rows.append(row(backend, proxy, id)) }
        return rows
    }

    private func isShown(_ server: ServerStatistics) -> Bool {
        if let id = scope.serverID, id != server.id { return false }
        if scope.hidesMaintenance || scope.hidesDown, server.isInMaintenance { return false }
        return !scope.hidesDown || server.isUp || server.health.map { $0.level > 0 } == true
    }

    // MARK: Frontends

    private func row(_ frontend: FrontendStatistics, _ proxy: ProxyStatistics, _ id: UInt64) -> StatisticsRow
    {
        let isHTTP = proxy.place.mode == .http
        var row = StatisticsRow(
            .frontend, proxy: proxy.name, service: "FRONTEND", proxyID: id, serviceID: 0,
            mode: proxy.place.mode.rawValue)
        row[.sessions] = .gauge(UInt64(max(0, frontend.open)))
        row[.mostSessions] = .most(frontend.mostOpen)
        row[.sessionLimit] = .limit(UInt64(max(0, frontend.limit > 0 ? frontend.limit : processLimit)))
        let denied = frontend.deniedConnections &+ frontend.deniedSessions
        let sessions = frontend.connections &- min(frontend.connections, denied)
        row[.allSessions] = .counter(sessions)
        row.take(bytes: frontend.traffic)
        row[.deniedRequests] = .counter(frontend.traffic.deniedRequests)
        row[.deniedAnswers] = .counter(frontend.traffic.deniedAnswers)
        row[.requestErrors] = .counter(frontend.requestErrors)
        row[.status] = .status(frontend.state.word)
        row[.rate] = .rate(frontend.connectionRate.now)
        row[.rateLimit] = .limit(UInt64(max(0, frontend.rateLimit)))
        row[.mostRate] = .most(frontend.connectionRate.most)
        row[.connectionRate] = .rate(frontend.connectionRate.now)
        row[.mostConnectionRate] = .most(frontend.connectionRate.most)
        row[.connections] = .counter(frontend.connections)
        row[.deniedConnections] = .counter(frontend.deniedConnections)
        row[.deniedSessions] = .counter(frontend.deniedSessions)
        row[.requestRate] = .rate(frontend.requestRate.now)
        row[.mostRequestRate] = .most(frontend.requestRate.most)
        row[.requests] = .counter(frontend.requests &+ frontend.requestErrors)
        row.takeNothing(of: [.compressedIn, .compressedOut, .compressionBypassed, .compressedAnswers])
        row.takeNothing(of: [.failedRewrites, .internalErrors, .http3Sessions, .http3Requests])
        let others = sessions &- min(sessions, frontend.http2Connections)
        row[.otherSessions] = .counter(isHTTP ? 0 : sessions)
        row[.http1Sessions] = .counter(isHTTP ? others : 0)
        row[.http2Sessions] = .counter(frontend.http2Connections)
        row[.otherRequests] = .counter(0)
        row[.http1Requests] = .counter(frontend.requests &- min(frontend.requests, frontend.http2Requests))
        row[.http2Requests] = .counter(frontend.http2Requests)
        guard isHTTP else { return row }
        row.take(answers: frontend.traffic)
        row[.intercepted] = .counter(frontend.intercepted)
        row.take(cache: frontend.traffic)
        return row
    }

    private func row(_ listener: ListenerStatistics, _ proxy: ProxyStatistics, _ id: UInt64) -> StatisticsRow
    {
        var row = StatisticsRow(
            .listener, proxy: proxy.name, service: listener.name, proxyID: id,
            serviceID: UInt64(max(0, listener.id)), mode: proxy.place.mode.rawValue)
        row[.sessions] = .gauge(listener.open)
        row[.mostSessions] = .most(listener.mostOpen)
        row[.sessionLimit] = .limit(UInt64(max(0, listener.limit)))
        let denied = listener.deniedConnections &+ listener.deniedSessions
        row[.allSessions] = .counter(listener.connections &- min(listener.connections, denied))
        row.take(bytes: listener.traffic)
        row[.deniedRequests] = .counter(listener.traffic.deniedRequests)
        row[.deniedAnswers] = .counter(listener.traffic.deniedAnswers)
        row[.requestErrors] = .counter(listener.requestErrors)
        row[.status] = .status(listener.isFull ? "FULL" : listener.isOpen ? "OPEN" : "WAITING")
        row[.connections] = .counter(listener.connections)
        row[.deniedConnections] = .counter(listener.deniedConnections)
        row[.deniedSessions] = .counter(listener.deniedSessions)
        row.takeNothing(of: [.failedRewrites, .internalErrors])
        let protocols = listener.address == "unix" ? "unix_stream" : "tcpv4"
        row[.transport] = .status(listener.address.hasPrefix("[") ? "tcpv6" : protocols)
        if scope.showsDetails { row[.address] = .setting(listener.address) }
        return row
    }

    // MARK: Backends

    private func row(_ backend: BackendStatistics, _ proxy: ProxyStatistics, _ id: UInt64) -> StatisticsRow {
        var row = StatisticsRow(
            .backend, proxy: proxy.name, service: "BACKEND", proxyID: id, serviceID: 0,
            mode: proxy.place.mode.rawValue)
        let moment = statistics.moment
        row[.queue] = .gauge(UInt64(max(0, backend.waiting)))
        row[.mostQueue] = .most(UInt64(max(0, backend.mostWaiting)))
        row[.sessions] = .gauge(backend.active)
        row[.mostSessions] = .most(backend.mostActive)
        row[.sessionLimit] = .limit(UInt64(max(0, backend.fullConnections)))
        row[.allSessions] = .counter(backend.sessions)
        row.take(bytes: backend.traffic)
        row[.deniedRequests] = .counter(backend.traffic.deniedRequests)
        row.take(failures: backend.traffic)
        let attempts = backend.traffic.connects &+ backend.traffic.reuses
        row[.balanced] = .counter(attempts &- min(attempts, backend.traffic.pinned))
        row[.status] = .status((backend.isUp ? "UP" : "DOWN") + numbers(of: backend))
        row[.weight] = .average(UInt64(max(0, backend.weight)))
        row[.userWeight] = .average(UInt64(max(0, backend.userWeight)))
        row[.active] = .gauge(UInt64(backend.activeServers))
        row[.backup] = .gauge(UInt64(backend.backupServers))
        row[.downs] = .counter(backend.downs)
        row[.lastChange] = .sinceChange(backend.changedAt, moment)
        if !backend.servers.isEmpty { row[.downtime] = .seconds(backend.downtime / 1_000_000_000) }
        row.take(rate: backend.rate)
        row[.lastSession] = .age(backend.lastSession.map { (moment - min(moment, $0)) / 1_000_000_000 })
        row.take(times: backend.times)
        row.takeNothing(of: [.compressedIn, .compressedOut, .compressionBypassed, .compressedAnswers])
        row.takeNothing(of: [.failedRewrites, .internalErrors])
        for column in [StatisticsColumn.aggregatedServers, .aggregatedServerChecks, .aggregatedChecks] {
            row[column] = .gauge(0)
        }
        if scope.showsDetails {
            row[.cookie] = backend.cookie.map { .namedSetting($0) }
            row[.algorithm] = .setting(backend.balance.word)
        }
        guard proxy.place.mode == .http else { return row }
        row.take(answers: backend.traffic)
        row[.requests] = .counter(backend.traffic.finished)
        row.take(cache: backend.traffic)
        return row
    }

    /// How many servers are up, where not all are shown.
    private func numbers(of backend: BackendStatistics) -> String {
        guard scope.hidesMaintenance || scope.hidesDown else { return "" }
        return " (\(backend.servers.count { $0.isUp })/\(backend.servers.count))"
    }
}

extension StatisticsValue {
    /// Seconds since a change that is always known.
    static func sinceChange(_ change: UInt64, _ moment: UInt64) -> StatisticsValue {
        StatisticsValue(tags: "MAP", content: .small((moment - min(moment, change)) / 1_000_000_000))
    }
}

extension StatisticsRow {
    mutating func take(bytes traffic: TrafficCounts) {
        self[.bytesIn] = .counter(traffic.bytesIn)
        self[.bytesOut] = .counter(traffic.bytesOut)
    }

    /// What is counted of backends and servers when things go wrong.
    mutating func take(failures traffic: TrafficCounts) {
        self[.deniedAnswers] = .counter(traffic.deniedAnswers)
        self[.connectionErrors] = .counter(traffic.failedConnections)
        self[.answerErrors] = .counter(traffic.failedAnswers)
        self[.retries] = .counter(traffic.retries &- min(traffic.retries, traffic.redispatches))
        self[.redispatches] = .counter(traffic.redispatches)
        self[.clientAborts] = .counter(traffic.clientAborts)
        self[.serverAborts] = .counter(traffic.serverAborts)
        self[.connects] = .counter(traffic.connects)
        self[.reuses] = .counter(traffic.reuses)
    }

    mutating func take(answers traffic: TrafficCounts) {
        let columns: [StatisticsColumn] = [
            .otherAnswers, .answers1xx, .answers2xx, .answers3xx, .answers4xx, .answers5xx,
        ]
        for (column, count) in zip(columns, traffic.statusClasses) { self[column] = .counter(count) }
    }

    mutating func take(cache traffic: TrafficCounts) {
        self[.cacheLookups] = .counter(traffic.cacheLookups)
        self[.cacheHits] = .counter(traffic.cacheHits)
    }

    mutating func take(rate: MeasuredRate) {
        self[.rate] = .rate(rate.now)
        self[.mostRate] = .most(rate.most)
    }

    /// In milliseconds.
    mutating func take(times: Durations) {
        let million: UInt64 = 1_000_000
        self[.queueTime] = .average(times.queue / million)
        self[.connectTime] = .average(times.connect / million)
        self[.responseTime] = .average(times.response / million)
        self[.totalTime] = .average(times.total / million)
        self[.longestQueueTime] = .most(times.longestQueue / million)
        self[.longestConnectTime] = .most(times.longestConnect / million)
        self[.longestResponseTime] = .most(times.longestResponse / million)
        self[.longestTotalTime] = .most(times.longestTotal / million)
    }

    /// What is not counted here.
    mutating func takeNothing(of columns: [StatisticsColumn]) {
        for column in columns { self[column] = .counter(0) }
    }
}

extension Balance {
    /// HAProxy's word for it.
    var word: String {
        switch self {
        case .roundRobin: "roundrobin"
        case .staticRoundRobin: "static-rr"
        case .leastConnections: "leastconn"
        case .first: "first"
        case .random: "random"
        case .hash(let key):
            switch key {
            case .source: "source"
            case .uri: "uri"
            case .parameter: "url_param"
            case .header: "hdr"
            case .expression(let expression): expression.desktopCookie == nil ? "hash" : "rdp-cookie"
            }
        }
    }
}

extension FrontendState {
    /// HAProxy's word for it.
    fileprivate var word: String {
        switch self {
        case .listening: "OPEN"
        case .paused: "PAUSED"
        case .stopped: "STOP"
        }
    }
}
