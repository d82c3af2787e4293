/// HAProxy's `option httpchk`, `http-check send` and `http-check expect`.
public struct HTTPProbe: Sendable, Hashable {
    /// Default `OPTIONS`.
    public var method: String
    /// Default `/`.
    public var uri: String
    /// `HTTP/1.0`, the default, or `HTTP/1.1`.
    public var version: String
    /// Further lines of the head.
    public var fields: [Field]
    /// Sent behind the head.
    public var body: String
    /// All that must be true of the answer; empty, the default: its status is 200-399.
    public var expectations: [HTTPExpectation]
    /// HAProxy's `http-check disable-on-404`: an answer of 404 takes no server down that is up; it gets nobody new. Default off.
    public var drainsOn404: Bool

    /// A line of the head.
    public struct Field: Sendable, Hashable {
        /// Its name.
        public var name: String
        /// Its value.
        public var value: String

        /// A line from its parts.
        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// HAProxy's default request.
    public init(method: String = "OPTIONS", uri: String = "/", version: String = "HTTP/1.0") {
        self.method = method
        self.uri = uri
        self.version = version
        fields = []
        body = ""
        expectations = []
        drainsOn404 = false
    }
}

/// One `http-check expect`.
public struct HTTPExpectation: Sendable, Hashable {
    /// What is looked for.
    public var kind: Kind
    /// Whether it must not be found (`!`).
    public var isNegated: Bool

    /// What is looked for.
    public enum Kind: Sendable, Hashable {
        /// One of these statuses.
        case status([ClosedRange<UInt16>])
        /// A status that a regular expression matches (`rstatus`).
        case statusPattern(String)
        /// A text in the body (`string`).
        case text(String)
        /// A body that a regular expression matches (`rstring`).
        case pattern(String)
    }

    /// An expectation from its parts.
    public init(_ kind: Kind, isNegated: Bool = false) {
        self.kind = kind
        self.isNegated = isNegated
    }
}
