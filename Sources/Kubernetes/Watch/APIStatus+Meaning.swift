extension APIStatus {
    /// What a refusal means for a reflector.
    enum Meaning: Sendable, Equatable {
        /// The version is older than what the server remembers.
        case expired
        /// The version is newer than what the server knows.
        case versionTooLarge
        case throttled
        case unauthorized
        case forbidden
        case missing
        /// The server is in trouble (5xx).
        case serverError
        /// The request as such is not understood or not allowed (any other 4xx).
        case rejected
    }

    var meaning: Meaning {
        switch code {
        case 410: .expired
        case 401: .unauthorized
        case 403: .forbidden
        case 404: .missing
        case 429: .throttled
        case 504 where isVersionTooLarge: .versionTooLarge
        case 500...: .serverError
        default: .rejected
        }
    }

    // Servers before 1.17 put it into the message only.
    private var isVersionTooLarge: Bool {
        causes.contains("ResourceVersionTooLarge") || message.hasPrefix("Too large resource version")
    }

    /// For a log: code and message in one line.
    var summary: String {
        if !message.isEmpty { return "\(code) \(OneLine.of(message))" }
        return reason.isEmpty ? "status \(code)" : "\(code) \(OneLine.of(reason))"
    }

    /// Why a watch ended that was answered so.
    var restart: WatchRestart {
        switch meaning {
        case .throttled: .throttled
        case .expired, .versionTooLarge: .expired
        default: .error
        }
    }

    /// What an informer reports of it.
    var condition: InformerCondition {
        switch meaning {
        case .unauthorized: .unauthorized(summary)
        case .forbidden: .forbidden(message.isEmpty ? summary : OneLine.of(message))
        case .missing: .missing
        case .throttled: .throttled
        default: .failing(summary)
        }
    }
}
