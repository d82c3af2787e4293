import Basics
import Wire

/// One server's check, or its agent's: between two of them a timer, during one a connection.
struct Probe: ~Copyable {
    let watch: Watch
    let role: Role
    var timer: TimerWheel.ID = 0
    var phase = Phase.waiting
    var transport = Transport(descriptor: -1)
    var dialogue: (any CheckDialogue)?
    var input = Buffer()
    var output: [UInt8] = []
    /// When the check began, nanoseconds.
    var startedAt: UInt64 = 0

    /// When the next check begins, while it waits.
    var nextAt: UInt64 = 0

    init(watch: Watch, role: Role) {
        self.watch = watch
        self.role = role
    }

    /// Whom it asks.
    enum Role: UInt8 {
        case server
        case agent
    }

    enum Phase: UInt8 {
        /// For the next check.
        case waiting
        case connecting
        /// The connection stands, TLS is being agreed on.
        case handshake
        case talking
        /// The server is checked no more.
        case over
    }
}
