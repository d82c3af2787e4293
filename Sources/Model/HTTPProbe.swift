/// HAProxy's `option httpchk`, `http-check send` and `http-check expect`.
public struct HTTPProbe: Sendable, Hashable {
    /// Default `OPTIONS`.
    public var method: String
    /// Default `/`.
    public var uri: String
    /// `uri-lf`: takes the place of `uri` unless it gives nothing; nil, the default, is `uri`.
    public var uriFormat: FormatString?
    /// `HTTP/1.0`, the default, or `HTTP/1.1`.
    public var version: String
    /// Further lines of the head.
    public var fields: [Field]
    /// Sent behind the head.
    public var body: String
    /// `body-lf`: takes the place of `body`; nil, the default, is `body`.
    public var bodyFormat: FormatString?
    /// `http-check send-state`: the server is told in a field how it stands. Default off.
    public var sendsState: Bool
    /// What is done with variables before the request is written.
    public var preparations: [VariableChange]
    /// What is looked at in the answer, in order. Without an expectation, the default, its status must be 200-399.
    public var steps: [HTTPCheckStep]
    /// HAProxy's `http-check disable-on-404`: an answer of 404 takes no server down that is up; it gets nobody new. Default off.
    public var drainsOn404: Bool

    /// A line of the head.
    public struct Field: Sendable, Hashable {
        /// Its name.
        public var name: String
        /// Its value.
        public var value: String
        /// Takes the place of `value`; without a byte the line is left out. nil, the default, is `value`.
        public var format: FormatString?

        /// A line from its parts.
        public init(_ name: String, _ value: String, format: FormatString? = nil) {
            self.name = name
            self.value = value
            self.format = format
        }
    }

    /// HAProxy's default request.
    public init(method: String = "OPTIONS", uri: String = "/", version: String = "HTTP/1.0") {
        self.method = method
        self.uri = uri
        self.version = version
        fields = []
        body = ""
        sendsState = false
        preparations = []
        steps = []
        drainsOn404 = false
    }

    /// What must be true of the answer.
    public var expectations: [HTTPExpectation] {
        steps.compactMap { step in
            guard case .expect(let expectation) = step else { return nil }
            return expectation
        }
    }
}

/// What is done with an answer.
public enum HTTPCheckStep: Sendable, Hashable {
    /// Something must be true of it (`http-check expect`).
    case expect(HTTPExpectation)
    /// A variable is set (`http-check set-var` and its kin).
    case change(VariableChange)
}

/// One `http-check expect`.
public struct HTTPExpectation: Sendable, Hashable {
    /// What is looked for.
    public var kind: Kind
    /// Whether it must not be found (`!`).
    public var isNegated: Bool
    /// How what comes of it is told.
    public var wording = CheckWording()

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
        /// A text that a format gives in the body (`string-lf`).
        case format(FormatString)
        /// A field of the answer (`hdr`, `fhdr`).
        case field(FieldExpectation)
    }

    /// An expectation from its parts.
    public init(_ kind: Kind, isNegated: Bool = false) {
        self.kind = kind
        self.isNegated = isNegated
    }
}

/// What `http-check expect hdr` and `fhdr` look for: one field of which both are true.
public struct FieldExpectation: Sendable, Hashable {
    /// Its name, compared without case but by regular expressions.
    public var name: CheckMatch
    /// Its value; nil, the default, is any.
    public var value: CheckMatch?
    /// Lines as they are (`fhdr`): without, each value between commas counts by itself.
    public var isWhole: Bool

    /// A field from its parts.
    public init(_ name: CheckMatch, value: CheckMatch? = nil, isWhole: Bool = false) {
        self.name = name
        self.value = value
        self.isWhole = isWhole
    }
}
