/// Whether a setting of another controller does here what it does there.
enum SettingStanding: Sendable, Equatable {
    case honoured
    /// And how.
    case differs(String)
    /// Accepted; nothing here is to be set by it, and why.
    case needless(String)
    /// Never, and why.
    case refused(String)
}
