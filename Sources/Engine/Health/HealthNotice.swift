/// A line about a change of a server's health, in HAProxy's words.
public struct HealthNotice: Sendable, Equatable {
    /// How bad it is.
    public let level: Level
    /// The line.
    public let text: String

    /// How bad it is.
    public enum Level: Sendable {
        /// A server came up.
        case notice
        /// A server went down.
        case alert
        /// A backend has no server left.
        case emergency
    }

    init(_ level: Level, _ text: String) {
        self.level = level
        self.text = text
    }

    static var noThread: HealthNotice {
        HealthNotice(.emergency, "no thread to check servers: they are taken to be up")
    }

    /// The numbers behind a change.
    struct Counts {
        var active = 0
        var backup = 0
        var sessions: UInt64 = 0
        var waiting = 0
    }

    static func change(
        _ server: String, isBackup: Bool, before: ServerCondition, after: ServerCondition,
        reason: HealthVerdict.Reason,
        _ counts: Counts
    ) -> HealthNotice {
        let name = "\(isBackup ? "Backup " : "")Server \(server)"
        let because = reason.text
        let numbers = "\(counts.active) active and \(counts.backup) backup servers"
        let onBackup = counts.active == 0 && counts.backup > 0 ? " Running on backup." : ""
        let gone = "\(counts.sessions) sessions active, 0 requeued, \(counts.waiting) remaining in queue."
        if after.isInMaintenance {
            return HealthNotice(
                .alert, "\(name) is going DOWN for maintenance\(reason.source). \(numbers) left. \(gone)")
        }
        if before.isInMaintenance {
            let word = after.isUp ? "UP" : "DOWN"
            return HealthNotice(.notice, "\(name) is \(word)/READY (leaving \(reason.force)maintenance).")
        }
        guard after.isUp else {
            return HealthNotice(.alert, "\(name) is DOWN\(because). \(numbers) left.\(onBackup) \(gone)")
        }
        if before.isUp, before.isDrained, !after.isDrained {
            return HealthNotice(.notice, "\(name) is UP (leaving forced drain).")
        }
        let now =
            after.isDrained
            ? "enters drain state\(reason.source)" : (after.isDraining ? "is stopping" : "is UP") + because
        return HealthNotice(
            .notice,
            "\(name) \(now). \(numbers) online.\(onBackup) 0 sessions requeued, \(counts.waiting) total in queue."
        )
    }
}
