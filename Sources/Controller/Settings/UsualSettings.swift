/// Whose defaults hold where the ConfigMap of settings does not say.
public enum UsualSettings: String, Sendable {
    case sluice
    /// ingress-nginx's, as far as they are others: who moves relies on them without knowing.
    case nginx

    /// What is said without being said, in words of the ConfigMap.
    var data: [String: String] {
        switch self {
        case .sluice: [:]
        case .nginx:
            [
                "allow-backend-server-header": "false", "client-header-timeout": "60",
                "enable-access-log-for-default-backend": "false", "enable-underscores-in-headers": "false",
                "hsts": "true", "hsts-include-subdomains": "true", "http2-max-concurrent-streams": "128",
                "proxy-body-size": "1m", "proxy-next-upstream": "error timeout",
                "proxy-next-upstream-tries": "3", "proxy-stream-next-upstream-tries": "3",
                "proxy-stream-timeout": "600", "upstream-keepalive-connections": "320",
            ]
        }
    }

    /// The same with what a ConfigMap says, which counts, whatever word it has for a setting.
    func under(_ given: [String: String]) -> [String: String] {
        let said = Set(given.keys.flatMap { TrafficTable.table.row(named: $0)?.names.map(\.text) ?? [] })
        return given.merging(data.filter { !said.contains($0.key) }) { own, _ in own }
    }

    /// What holds where these keys of a ConfigMap have bad values, and no other word of it says the same.
    func instead(of bad: Set<String>, in given: [String: String]) -> [String: String] {
        let good = given.filter { !bad.contains($0.key) }
        let names = Set(bad.flatMap { TrafficTable.table.row(named: $0)?.names.map(\.text) ?? [] })
        return under(good).filter { names.contains($0.key) && good[$0.key] == nil }
    }
}
