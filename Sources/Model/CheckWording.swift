/// How what comes of an expectation is told: the words behind `http-check expect` and `tcp-check expect`.
public struct CheckWording: Sendable, Hashable {
    /// Told with a failure; empty, the default, is none.
    public var comment = ""
    /// `ok-status`; nil, the default, is `L7OK`. It counts where the expectation is a check's last step.
    public var success: CheckVerdict?
    /// `error-status`; nil, the default, is what the expectation itself says.
    public var failure: CheckVerdict?
    /// `tout-status`; nil, the default, is `L7TOUT`.
    public var timeout: CheckVerdict?
    /// `on-success`: told in place of HAProxy's words; nil, the default, is these.
    public var successText: FormatString?
    /// `on-error`: told in place of HAProxy's words; nil, the default, is these.
    public var failureText: FormatString?
    /// `status-code`: the number that is told; nil, the default, is the protocol's own, if it has one.
    public var code: Expression?

    /// HAProxy's own words.
    public init() {}
}

/// What a check can come to, as the configuration names it.
public enum CheckVerdict: String, Sendable, Hashable, CaseIterable {
    case connected = "L4OK"
    case connectTimeout = "L4TOUT"
    case connectFailed = "L4CON"
    case handshakeDone = "L6OK"
    case handshakeTimeout = "L6TOUT"
    case handshakeFailed = "L6RSP"
    case passed = "L7OK"
    case passedConditionally = "L7OKC"
    case answerTimeout = "L7TOUT"
    case badAnswer = "L7RSP"
    case wrongStatus = "L7STS"
}

/// What a text is compared with, and how.
public struct CheckMatch: Sendable, Hashable {
    /// `-m`.
    public var method: Method
    /// What is looked for.
    public var text: String
    /// Takes the place of `text`; nil, the default, is `text`. Not with `pattern`.
    public var format: FormatString?

    /// How it is compared.
    public enum Method: String, Sendable, Hashable, CaseIterable {
        case whole = "str"
        case beginning = "beg"
        case end = "end"
        case part = "sub"
        /// A regular expression.
        case pattern = "reg"
    }

    /// A comparison from its parts.
    public init(_ method: Method = .whole, _ text: String, format: FormatString? = nil) {
        self.method = method
        self.text = text
        self.format = format
    }
}
