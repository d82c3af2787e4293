import Engine
import Model

/// A server's line.
struct ServerRow {
    let server: ServerStatistics
    let proxy: ProxyStatistics
    let proxyID: UInt64
    /// When it was asked, nanoseconds.
    let moment: UInt64

    func row(showsDetails: Bool) -> StatisticsRow {
        var row = StatisticsRow(
            .server, proxy: proxy.name, service: server.name, proxyID: proxyID,
            serviceID: UInt64(max(0, server.id)), mode: proxy.place.mode.rawValue)
        takeLoad(&row)
        row.take(bytes: server.traffic)
        row.take(failures: server.traffic)
        row[.balanced] = .counter(server.sessions &- min(server.sessions, server.traffic.pinned))
        row[.status] = .status(server.statusWord)
        row[.weight] = .average(UInt64(max(0, server.weight)))
        row[.userWeight] = .average(UInt64(max(0, server.userWeight)))
        row[.active] = .statusFlag(!server.isBackup)
        row[.backup] = .statusFlag(server.isBackup)
        row[.lastChange] = .sinceChange(server.changedAt, moment)
        row.take(rate: server.rate)
        row[.lastSession] = .age(server.lastSession.map { (moment - min(moment, $0)) / 1_000_000_000 })
        row.take(times: server.times)
        row.takeNothing(of: [.failedRewrites, .internalErrors])
        row[.throttle] = server.slowStart.map { .average(UInt64(max(0, $0))) }
        row[.serverRevision] = .counter(0)
        takeCheck(&row)
        if showsDetails {
            row[.address] = .setting(server.address)
            if !server.cookie.isEmpty { row[.cookie] = .namedSetting(server.cookie) }
        }
        guard proxy.place.mode == .http else { return row }
        row.take(answers: server.traffic)
        row[.requests] = .counter(server.traffic.finished)
        return row
    }

    private func takeLoad(_ row: inout StatisticsRow) {
        row[.queue] = .gauge(UInt64(max(0, server.waiting)))
        row[.mostQueue] = .most(UInt64(max(0, server.mostWaiting)))
        row[.sessions] = .gauge(server.active)
        row[.mostSessions] = .most(server.mostActive)
        if server.limit > 0 { row[.sessionLimit] = .limit(UInt64(server.limit)) }
        if server.queueLimit > 0 { row[.queueLimit] = .setting(server.queueLimit) }
        row[.allSessions] = .counter(server.sessions)
        row[.idle] = .gauge(UInt64(max(0, server.idle)))
        row[.unsafeIdle] = .gauge(0)
        row[.safeIdle] = .gauge(UInt64(max(0, server.idle)))
        row[.usedConnections] = .gauge(server.active)
        row[.neededConnections] = .gauge(server.mostActive)
    }

    /// What checks and agents have found, of those that are asked themselves.
    private func takeCheck(_ row: inout StatisticsRow) {
        guard let check = server.check else { return }
        if let followed = check.follows { row[.tracked] = .namedSetting(followed.description) }
        guard let health = server.health else { return }
        if check.observation != nil { row[.failedTraffic] = .counter(0) }
        if check.probe != nil {
            row[.failedChecks] = .counter(health.failures)
            row[.downs] = .counter(health.downs)
            row[.downtime] = .seconds(server.downtime / 1_000_000_000)
        }
        if check.probe != nil, server.state != .maintenance {
            row[.checkStatus] = .output(health.status.rawValue)
            row[.checkDescription] = .output(health.status.meaning)
            row[.lastCheck] = .output(health.info)
            if health.status.hasCode { row[.checkCode] = .outputCode(UInt64(max(0, health.code))) }
            if health.status != .initializing {
                row[.checkDuration] = .duration(UInt64(max(0, health.milliseconds)))
            }
            row[.checkRise] = .setting(check.rise)
            row[.checkFall] = .setting(check.fall)
            row[.checkHealth] = .setting(health.level)
        }
        guard check.agent != nil else { return }
        row[.agentStatus] = .output(health.agentStatus.rawValue)
        row[.agentDescription] = .output(health.agentStatus.meaning)
        row[.lastAgent] = .output(health.agent)
        row[.agentDuration] = .duration(UInt64(max(0, health.agentMilliseconds)))
        row[.agentRise] = .setting(1)
        row[.agentFall] = .setting(1)
        row[.agentHealth] = .setting(health.isAgentUp ? 1 : 0)
    }
}

extension ServerStatistics {
    /// Whether an operator or its agent has taken it out of service.
    var isInMaintenance: Bool {
        state == .maintenance || isInMaintenanceByOthers || isNowhere || health?.state == "MAINT"
    }

    /// Whether nobody knows its address.
    private var isNowhere: Bool { settings?.isWithoutAddress == true }

    /// HAProxy's words for how it is.
    var statusWord: String {
        if state == .maintenance { return "MAINT" }
        if isNowhere { return "MAINT (resolution)" }
        if isInMaintenance { return check?.follows.map { "MAINT (via \($0))" } ?? "MAINT" }
        guard let health, let check, !isCheckPaused || check.probe == nil && check.follows == nil else {
            if !isUp { return health?.isAgentUp == false ? "DOWN (agent)" : "DOWN" }
            return state == .drain ? "DRAIN" : isDrainedByCheck ? "NOLB" : "no check"
        }
        let word = health.state
        guard isUp, state == .drain || isDrainedByOthers || word == "DRAIN" else {
            return !isUp || word != "UP" ? word : upWord
        }
        if check.agent != nil { return "DRAIN (agent)" }
        return word.hasPrefix("UP ") ? "DRAIN" + word.dropFirst(2) : "DRAIN"
    }

    /// One that only an agent speaks of is not checked.
    private var upWord: String { check?.probe == nil && check?.follows == nil ? "no check" : "UP" }
}
