/// What was known of a server's health when another process ended.
struct RestoredHealth: Equatable, Sendable {
    /// HAProxy's counter of health.
    let level: Int
    /// It was up, and gets nobody new because its check says so.
    let isDraining: Bool
    /// What its check found last.
    let status: CheckStatus
}
