import Model

/// What happened to real traffic, as `observe` looks at it.
enum TrafficEvent: Sendable {
    case connected
    case connectFailed
    case answered
    /// 500 and above.
    case wrongStatus
    case invalidAnswer
    case connectionLost
    case answerTimeout

    /// HAProxy's words for it.
    var meaning: String {
        switch self {
        case .connected: "L4 successful connection"
        case .connectFailed: "L4 unsuccessful connection"
        case .answered: "Correct http response"
        case .wrongStatus: "Wrong http response"
        case .invalidAnswer: "Invalid http response"
        case .connectionLost: "Close from server (http)"
        case .answerTimeout: "Read timeout (http)"
        }
    }

    /// Whether it is good or bad for who looks at that layer; nil if it is neither.
    func isGood(for layer: ServerObservation.Layer) -> Bool? {
        switch (self, layer) {
        case (.connectFailed, _): false
        case (.connected, .connections): true
        case (.answered, .answers): true
        case (.wrongStatus, .answers), (.invalidAnswer, .answers), (.connectionLost, .answers),
            (.answerTimeout, .answers):
            false
        default: nil
        }
    }
}

/// Failures in a row of one server's traffic: pure but for where it is kept.
struct TrafficJudge: Sendable, Equatable {
    let layer: ServerObservation.Layer
    let limit: Int
    let consequence: ServerObservation.Consequence

    init(_ observation: ServerObservation) {
        layer = observation.layer
        limit = max(1, observation.errorLimit)
        consequence = observation.consequence
    }

    /// Whether an answer of this status speaks against its server. Clients can bring about 501 and 505 at will.
    static func isFault(_ status: UInt16) -> Bool { status >= 500 && status != 501 && status != 505 }

    /// What an event makes of a count: the new count, and whether the limit is reached.
    func judge(_ event: TrafficEvent, count: Int) -> (count: Int, isReached: Bool) {
        guard let isGood = event.isGood(for: layer) else { return (count, false) }
        guard !isGood else { return (0, false) }
        return count + 1 >= limit ? (0, true) : (count + 1, false)
    }
}
