import Admin
import Kubernetes
import Testing

@testable import Command

@Suite("Metrics of watches")
struct InformerFamiliesTests {
    private func text(_ statistics: InformerStatistics, now: UInt64 = 70_000_000_000) -> String {
        MetricsText.render(InformerFamilies.of([("Ingress", statistics)], now: now))
    }

    @Test("say how long nothing has come, and what a list took")
    func lag() {
        var statistics = InformerStatistics()
        (statistics.lists, statistics.lastListDuration, statistics.lastEventAt) = (
            1, 250_000_000, 10_000_000_000
        )
        #expect(text(statistics).contains(#"sluice_watch_silence_seconds{resource="Ingress"} 60"#))
        #expect(text(statistics).contains(#"sluice_list_duration_seconds{resource="Ingress"} 0.25"#))
        #expect(text(statistics, now: 1).contains(#"sluice_watch_silence_seconds{resource="Ingress"} 0"#))
    }

    @Test("say nothing of that before anything has come")
    func nothing() {
        let text = text(InformerStatistics())
        #expect(text.contains(#"sluice_watch_live{resource="Ingress"} 0"#))
        #expect(!text.contains("silence_seconds{") && !text.contains("duration_seconds{"))
    }
}
