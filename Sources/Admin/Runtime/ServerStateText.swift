import Engine
import Model

/// A line of `show servers state`, and one of `show servers conn`.
struct ServerStateText {
    let proxy: ProxyStatistics
    let proxyID: UInt64
    let backend: BackendStatistics
    let server: ServerStatistics
    /// When it was asked, nanoseconds.
    let moment: UInt64

    static let stateHead =
        "1\n# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight "
        + "srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state "
        + "srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port "
        + "srv_check_addr srv_agent_addr srv_agent_port\n"

    static func connectionsHead(workers: Int) -> String {
        "# bkname/svname bkid/svid addr port - purge_delay used_cur used_max need_est unsafe_nb safe_nb idle_lim "
            + "idle_cur idle_per_thr[\(workers)]\n"
    }

    var state: String {
        let since = (moment - min(moment, server.changedAt)) / 1_000_000_000
        let port = server.settings.map { "\($0.port)" } ?? "0"
        let words: [String] = [
            "\(proxyID)", proxy.name, "\(server.id)", server.name, address,
            "\(operation)", "\(administration)", "\(server.userWeight)", "\(server.configuredWeight)",
            "\(since)",
            "\(checkStatus)", "\(checkResult)", "\(checkHealth)", "\(checkState)", "\(agentState)",
            // Whether its number was given is not kept.
            "0", server.hasGivenID ? "1" : "0",
            name, port, ServerStateText.known(resolution.flatMap { $0.isService ? $0.name : nil }),
            server.settings?.tls == nil ? "0" : "1",
            "\(check?.port ?? 0)", ServerStateText.known(check?.address),
            ServerStateText.known(check?.agent?.address), "\(check?.agent?.port ?? check?.port ?? 0)",
        ]
        return words.joined(separator: " ") + "\n"
    }

    var connections: String {
        let words: [String] = [
            "\(proxy.name)/\(server.name)", "\(proxyID)/\(server.id)", address,
            server.settings.map { "\($0.port)" } ?? "0", "-", "\(backend.idleTimeout)", "\(server.active)",
            "\(server.mostActive)", "\(server.mostActive)", "0", "\(server.idle)", "\(server.idleLimit)",
            "\(server.idle)",
        ]
        return (words + server.idlePerWorker.map { "\($0)" }).joined(separator: " ") + "\n"
    }

    /// Sockets of this machine have none, nor has who is nowhere.
    private var address: String {
        ServerStateText.known(server.settings.flatMap { $0.isLocal ? nil : $0.address })
    }

    private var resolution: ServerResolution? { server.settings?.resolution }

    /// What it is found by; of a service the host that its record names.
    private var name: String {
        ServerStateText.known(resolution.map { $0.isService ? server.host : $0.name })
    }

    private static func known(_ address: String?) -> String { address.map { $0.isEmpty ? "-" : $0 } ?? "-" }

    private var isDisabled: Bool { server.settings?.isDisabled == true }

    private var check: ServerCheck? { server.settings?.check }

    /// Stopped, starting, running, or on the way out.
    private var operation: Int {
        if !server.isUp || server.isInMaintenance { return 0 }
        if server.isDrainedByCheck { return 3 }
        return server.slowStart == nil ? 2 : 1
    }

    /// Maintenance: 1 if it is its own, 2 if it is that of whom it follows, 4 if the file says so; drain: 8 and 16.
    private var administration: Int {
        let follows = check?.follows != nil
        var bits = 0
        if server.state == .maintenance { bits |= 1 }
        if isDisabled { bits |= 4 }
        if server.isInMaintenanceByOthers { bits |= follows ? 2 : 1 }
        if server.settings?.isWithoutAddress == true { bits |= 32 }
        if server.isRenamed { bits |= 64 }
        // Files with both are not loaded.
        if server.state == .drain, bits & 1 == 0 { bits |= 8 }
        if server.isDrainedByOthers, follows || bits & 1 == 0 { bits |= follows ? 16 : 8 }
        return bits
    }

    private var probed: HealthReport? { check?.probe == nil ? nil : server.health }

    private var checkStatus: Int { (probed?.status ?? .initializing).number }

    private var checkResult: Int { probed?.status.result ?? 0 }

    private var checkHealth: Int {
        if server.isInMaintenance { return 0 }
        if let probed { return probed.level }
        let (rise, fall) = (check?.rise ?? 2, check?.fall ?? 3)
        switch server.saidHealth {
        case nil: return rise
        case .down: return 0
        case .up, .stopping: return rise + fall - 1
        }
    }

    /// 2 configured, 4 enabled, 8 not while it is out of service, 16 of an agent.
    private var checkState: Int {
        guard check?.probe != nil else { return isDisabled ? 8 : 0 }
        return 2 | (server.isCheckPaused ? 0 : server.state == .maintenance ? 12 : 4)
    }

    private var agentState: Int {
        guard check?.agent != nil else { return 0 }
        return 16 | 2 | (server.isAgentPaused ? 0 : 4)
    }
}

extension CheckStatus {
    /// Unknown, neutral, failed, passed, or passed on a condition.
    fileprivate var result: Int {
        switch self {
        case .initializing: 0
        case .unchanged: 1
        case .connected, .handshakeDone, .passed: 3
        case .passedConditionally: 4
        case .observed, .socketError, .connectTimeout, .connectFailed, .handshakeTimeout, .handshakeFailed,
            .answerTimeout, .badAnswer, .wrongStatus:
            2
        }
    }
}
