import Admin
import Kubernetes
import Wire

/// Metrics of what is followed in the cluster.
enum InformerFamilies {
    /// The families at a moment (nanoseconds of CLOCK_MONOTONIC), one series per part of the state.
    static func of(
        _ parts: [(part: String, statistics: InformerStatistics)], now: UInt64 = Clock.now()
    ) -> [MetricFamily] {
        var events = MetricFamily("sluice_watch_events_total", .counter, "Events of watches, by type.", [])
        var restarts = MetricFamily(
            "sluice_watch_restarts_total", .counter, "Watches opened anew, by reason.", [])
        var lists = MetricFamily("sluice_lists_total", .counter, "Full lists.", [])
        var objects = MetricFamily("sluice_objects", .gauge, "Objects known.", [])
        var rejected = MetricFamily(
            "sluice_objects_rejected_total", .counter, "Objects that could not be read.", [])
        var live = MetricFamily("sluice_watch_live", .gauge, "1 while a watch is open and complete.", [])
        var silence = MetricFamily(
            "sluice_watch_silence_seconds", .gauge, "Since the last event or bookmark.", [])
        var listing = MetricFamily(
            "sluice_list_duration_seconds", .gauge, "What the last full list took.", [])
        for (part, statistics) in parts {
            for (type, count) in statistics.events.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
                events.samples.append(.init(Double(count), ["resource": part, "type": type.rawValue]))
            }
            for (reason, count) in statistics.restarts.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
                restarts.samples.append(.init(Double(count), ["resource": part, "reason": reason.rawValue]))
            }
            lists.samples.append(.init(Double(statistics.lists), ["resource": part]))
            objects.samples.append(.init(Double(statistics.objects), ["resource": part]))
            rejected.samples.append(.init(Double(statistics.rejected), ["resource": part]))
            live.samples.append(.init(statistics.condition == .live ? 1 : 0, ["resource": part]))
            guard statistics.lastEventAt > 0 else { continue }
            let silent = now > statistics.lastEventAt ? now - statistics.lastEventAt : 0
            silence.samples.append(.init(Double(silent) / 1e9, ["resource": part]))
            guard statistics.lists > 0 else { continue }
            listing.samples.append(.init(Double(statistics.lastListDuration) / 1e9, ["resource": part]))
        }
        return [events, restarts, lists, objects, rejected, live, silence, listing]
    }
}
