import Engine

extension Logger {
    /// Writes what is said about a server's health.
    func tell(_ notice: HealthNotice) {
        switch notice.level {
        case .notice: info(notice.text)
        case .alert: warning(notice.text)
        case .emergency: error(notice.text)
        }
    }
}
