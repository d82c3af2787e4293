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
            "\(proxyID)", proxy.name, "\(server.id)", server.name, server.settings?.address ?? "-",
            "\(operation)", "\(administration)", "\(server.userWeight)", "\(server.configuredWeight)",
            "\(since)",
            "\(checkStatus)", "\(checkResult)", "\(checkHealth)", "\(checkState)", "\(agentState)",
            // Whether its number was given is not kept.
            "0", (server.settings?.id ?? 0) > 0 ? "1" : "0",
            // Names are looked up when the file is read; none is kept.
            "-", port, "-", server.settings?.tls == nil ? "0" : "1",
            "\(check?.port ?? 0)", ServerStateText.known(check?.address),
            ServerStateText.known(check?.agent?.address), "\(check?.agent?.port ?? check?.port ?? 0)",
        ]
        return words.joined(separator: " ") + "\n"
    }

    var connections: String {
        let words: [String] = [
            "\(proxy.name)/\(server.name)", "\(proxyID)/\(server.id)", server.settings?.address ?? "-",
            server.settings.map { "\($0.port)" } ?? "0", "-", "\(backend.idleTimeout)", "\(server.active)",
            "\(server.mostActive)", "\(server.mostActive)", "0", "\(server.idle)", "\(server.idleLimit)",
            "\(server.idle)",
        ]
        return (words + server.idlePerWorker.map { "\($0)" }).joined(separator: " ") + "\n"
    }

    private static func known(_ address: String?) -> String { address.map { $0.isEmpty ? "-" : $0 } ?? "-" }

    private var check: ServerCheck? { server.settings?.check }

    /// Stopped, starting, running, or on the way out.
    private var operation: Int {
        if !server.isUp || server.isInMaintenance { return 0 }
        if server.isDrainedByCheck { return 3 }
        return server.slowStart == nil ? 2 : 1
    }

    /// Maintenance: 1 if it is its own, 2 if it is that of whom it follows; drain: 8 and 16.
    private var administration: Int {
        let follows = check?.follows != nil
        var bits = 0
        if server.state == .maintenance { bits |= 1 }
        if server.isInMaintenanceByOthers { bits |= follows ? 2 : 1 }
        if server.state == .drain { bits |= 8 }
        if server.isDrainedByOthers { bits |= follows ? 16 : 8 }
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
        guard check?.probe != nil else { return 0 }
        return 2 | (server.isCheckPaused ? 0 : 4) | (server.state == .maintenance ? 8 : 0)
    }

    private var agentState: Int {
        guard check?.agent != nil else { return 0 }
        return 16 | 2 | (server.isAgentPaused ? 0 : 4)
    }
}

extension CheckStatus {
    /// HAProxy's number of it.
    fileprivate var number: Int {
        switch self {
        case .initializing: 1
        case .unchanged: 3
        case .observed: 4
        case .socketError: 5
        case .connected: 6
        case .connectTimeout: 7
        case .connectFailed: 8
        case .handshakeDone: 9
        case .handshakeTimeout: 10
        case .handshakeFailed: 11
        case .answerTimeout: 12
        case .badAnswer: 13
        case .passed: 15
        case .passedConditionally: 16
        case .wrongStatus: 17
        }
    }

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
