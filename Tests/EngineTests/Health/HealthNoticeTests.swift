import Testing

@testable import Engine

@Suite("Health: log lines")
struct HealthNoticeTests {
    private let up = ServerCondition()
    private let down = ServerCondition(isUp: false)
    private let drained = ServerCondition(isDrained: true)
    private let draining = ServerCondition(isDraining: true)
    private let inMaintenance = ServerCondition(isUp: false, isInMaintenance: true)

    private func text(
        _ before: ServerCondition, _ after: ServerCondition, isBackup: Bool = false, active: Int = 1,
        backup: Int = 0, reason: HealthVerdict.Reason = .check("why")
    ) -> String {
        HealthNotice.change(
            "b/s", isBackup: isBackup, before: before, after: after, reason: reason,
            .init(active: active, backup: backup, sessions: 3, waiting: 2)
        ).text
    }

    @Test("those who follow another server say whom")
    func followers() {
        func told(_ before: ServerCondition, _ after: ServerCondition) -> String {
            text(before, after, reason: .follows("a/t"))
        }
        #expect(told(up, down).hasPrefix("Server b/s is DOWN via a/t. 1 active"))
        #expect(told(down, up).hasPrefix("Server b/s is UP via a/t. 1 active"))
        #expect(told(up, drained).hasPrefix("Server b/s enters drain state via a/t. 1 active"))
        #expect(told(up, inMaintenance).hasPrefix("Server b/s is going DOWN for maintenance via a/t. 1"))
        #expect(told(inMaintenance, up) == "Server b/s is UP/READY (leaving maintenance).")
    }

    @Test("changes are told in HAProxy's words")
    func words() {
        let gone = "3 sessions active, 0 requeued, 2 remaining in queue."
        let back = "1 active and 0 backup servers online. 0 sessions requeued, 2 total in queue."
        #expect(
            text(up, down) == "Server b/s is DOWN, reason: why. 1 active and 0 backup servers left. \(gone)")
        #expect(text(down, up) == "Server b/s is UP, reason: why. \(back)")
        #expect(text(up, drained) == "Server b/s enters drain state. \(back)")
        #expect(text(drained, up) == "Server b/s is UP (leaving forced drain).")
        #expect(text(up, draining) == "Server b/s is stopping, reason: why. \(back)")
        #expect(text(draining, up) == "Server b/s is UP, reason: why. \(back)")
        #expect(
            text(up, inMaintenance)
                == "Server b/s is going DOWN for maintenance. 1 active and 0 backup servers left. \(gone)")
        #expect(text(inMaintenance, up) == "Server b/s is UP/READY (leaving forced maintenance).")
        #expect(text(inMaintenance, down) == "Server b/s is DOWN/READY (leaving forced maintenance).")
    }

    @Test("backup servers are called so, and it is said when they take over")
    func backup() {
        #expect(text(up, down, isBackup: true).hasPrefix("Backup Server b/s is DOWN"))
        #expect(
            text(up, down, active: 0, backup: 2).contains(
                "0 active and 2 backup servers left. Running on backup. 3"))
        #expect(!text(up, down, active: 0, backup: 0).contains("Running on backup"))
    }

    @Test("a new weight or limit is no news")
    func weights() {
        var other = up
        (other.weight, other.maxConnections) = (.percent(50), 3)
        #expect(!other.isNews(after: up))
        #expect(down.isNews(after: up) && drained.isNews(after: up) && inMaintenance.isNews(after: down))
    }
}
