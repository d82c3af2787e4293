import Admin
import Model
import Wire

/// Metrics of the process as a whole: what it is, whether it is ready, what it has published and found.
enum ProcessFamilies {
    /// The families at this moment.
    static func of(_ ledger: Ledger, isReady: Bool, startedAt: UInt64, _ restarts: Int) -> [MetricFamily] {
        let build: KeyValuePairs = ["version": Version.number, "commit": Version.commit]
        return [
            MetricFamily("sluice_build_info", .gauge, "What this process was built from.", [.init(1, build)]),
            MetricFamily(
                "sluice_uptime_seconds", .gauge, "Since the start.",
                Double((Clock.now() &- startedAt) / 1_000_000_000)),
            MetricFamily(
                "sluice_engine_restarts_total", .counter,
                "How often the supervisor has started an engine again, because the one before died.",
                Double(restarts)),
            MetricFamily(
                "sluice_ready", .gauge, "1 if /readyz says so.", isReady && !ledger.isLeaving ? 1 : 0),
            MetricFamily(
                "sluice_config_publish_total", .counter, "Changes of the configuration that were published.",
                Double(ledger.publishes)),
            findings(ledger.diagnostics),
        ]
    }

    /// Findings by kind and reason; names of objects would be series without end.
    static func findings(_ diagnostics: [Diagnostic]) -> MetricFamily {
        struct Group: Hashable, Comparable {
            var severity: String
            var kind: String
            var reason: String

            static func < (left: Group, right: Group) -> Bool {
                (left.severity, left.kind, left.reason) < (right.severity, right.kind, right.reason)
            }
        }
        var counts: [Group: Int] = [:]
        for finding in diagnostics {
            let group = Group(severity: finding.severity.rawValue, kind: finding.kind, reason: finding.reason)
            counts[group, default: 0] += 1
        }
        return MetricFamily(
            "sluice_object_errors", .gauge, "Findings about objects that hold now.",
            counts.sorted { $0.key < $1.key }.map { group, count in
                .init(
                    Double(count), ["severity": group.severity, "kind": group.kind, "reason": group.reason])
            })
    }
}
