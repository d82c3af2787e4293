import Glibc

/// What signals mean to a process that carries traffic.
enum SignalManners: Sendable, Equatable {
    /// A service's: SIGTERM and SIGINT end it in order, SIGHUP reads the files again.
    case service
    /// haproxy's: SIGUSR1 ends it in order, SIGTERM and SIGINT at once; SIGHUP and SIGUSR2 read the files again.
    case haproxy

    enum Meaning {
        case leave
        case end
        case reread
    }

    /// Those that mean something.
    var signals: [Int32] {
        switch self {
        case .service: [SIGTERM, SIGINT, SIGHUP]
        case .haproxy: [SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2]
        }
    }

    func meaning(of signal: Int32) -> Meaning {
        switch (self, signal) {
        case (_, SIGHUP), (.haproxy, SIGUSR2): .reread
        case (.service, _), (.haproxy, SIGUSR1): .leave
        default: .end
        }
    }
}
