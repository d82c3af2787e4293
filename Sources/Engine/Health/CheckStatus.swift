/// What a check came to, in HAProxy's words.
public enum CheckStatus: String, Sendable, CaseIterable {
    /// No check yet.
    case initializing = "INI"
    /// It passed or failed without telling anything new.
    case unchanged = "CHECKED"
    /// Real traffic failed too often.
    case observed = "HANA"
    /// We had no socket for it.
    case socketError = "SOCKERR"
    case connected = "L4OK"
    case connectTimeout = "L4TOUT"
    case connectFailed = "L4CON"
    case handshakeDone = "L6OK"
    case handshakeTimeout = "L6TOUT"
    case handshakeFailed = "L6RSP"
    case answerTimeout = "L7TOUT"
    case badAnswer = "L7RSP"
    case passed = "L7OK"
    case passedConditionally = "L7OKC"
    case wrongStatus = "L7STS"

    /// The sentence of it.
    public var meaning: String {
        switch self {
        case .initializing: "Initializing"
        case .unchanged: "No status change"
        case .observed: "Health analyze"
        case .socketError: "Socket error"
        case .connected: "Layer4 check passed"
        case .connectTimeout: "Layer4 timeout"
        case .connectFailed: "Layer4 connection problem"
        case .handshakeDone: "Layer6 check passed"
        case .handshakeTimeout: "Layer6 timeout"
        case .handshakeFailed: "Layer6 invalid response"
        case .answerTimeout: "Layer7 timeout"
        case .badAnswer: "Layer7 invalid response"
        case .passed: "Layer7 check passed"
        case .passedConditionally: "Layer7 check conditionally passed"
        case .wrongStatus: "Layer7 wrong status"
        }
    }

    /// HAProxy's number of it, as files of states have it.
    public var number: Int {
        switch self {
        case .initializing: 1
        case .unchanged: 3
        case .observed: 4
        case .socketError: 5
        case .connected: 6
        case .connectTimeout: 7
        case .connectFailed: 8
        case .handshakeDone: 9
        case .handshakeTimeout: 10
        case .handshakeFailed: 11
        case .answerTimeout: 12
        case .badAnswer: 13
        case .passed: 15
        case .passedConditionally: 16
        case .wrongStatus: 17
        }
    }

    /// What has a number; nil is nothing that is known here.
    init?(number: Int) {
        guard let status = Self.allCases.first(where: { $0.number == number }) else { return nil }
        self = status
    }

    /// Whether a status code of the protocol belongs to it.
    public var hasCode: Bool {
        switch self {
        case .passed, .passedConditionally, .wrongStatus: true
        default: false
        }
    }

    /// What it says about the server.
    var outcome: CheckOutcome {
        switch self {
        case .initializing, .unchanged: .neutral
        case .connected, .handshakeDone, .passed: .passed
        case .passedConditionally: .passedConditionally
        case .observed, .socketError, .connectTimeout, .connectFailed, .handshakeTimeout, .handshakeFailed,
            .answerTimeout, .badAnswer, .wrongStatus:
            .failed
        }
    }
}

/// What a check says about its server.
enum CheckOutcome: Equatable {
    case passed
    /// It is to get nobody new.
    case passedConditionally
    case failed
    case neutral
}
