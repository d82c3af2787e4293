/// How much a message matters.
enum LogLevel: String, Sendable, Comparable, CaseIterable {
    case debug, info, warning, error

    /// Debug is the least.
    static func < (left: LogLevel, right: LogLevel) -> Bool { left.rank < right.rank }

    private var rank: Int {
        switch self {
        case .debug: 0
        case .info: 1
        case .warning: 2
        case .error: 3
        }
    }
}

/// The form of a log line.
enum LogFormat: String, Sendable {
    case text, json
}
