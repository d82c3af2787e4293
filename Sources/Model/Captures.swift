/// What is kept of requests and answers for the log and later rules: HAProxy's `capture`.
public struct Captures: Sendable, Equatable {
    /// Places for what requests say, by their number.
    public var request: [Slot] = []
    /// The same of answers.
    public var response: [Slot] = []
    /// The first cookie whose name begins so, of requests and of answers, with its name.
    public var cookie: Slot?

    /// One place.
    public struct Slot: Sendable, Equatable {
        /// The field whose last line is kept; nil is filled by rules alone.
        public var name: String?
        /// How many bytes are kept.
        public var length: Int

        /// A place from its parts.
        public init(_ name: String?, length: Int) {
            self.name = name
            self.length = length
        }
    }

    /// Whether nothing is kept.
    public var isEmpty: Bool { request.isEmpty && response.isEmpty && cookie == nil }

    /// Nothing.
    public init() {}
}

/// How requests are given a name of their own: HAProxy's `unique-id-format` and `unique-id-header`.
public struct UniqueID: Sendable, Equatable {
    /// What it is made of; nil is none.
    public var format: FormatString?
    /// The field servers are told it in; nil is none.
    public var field: String?

    /// The most bytes of one.
    public static let longest = 127

    /// No name.
    public init() {}
}

/// What servers are told of requests and clients as ingress-nginx tells it, and HAProxy has no samples for.
public enum ToldFact: Sendable, Hashable {
    /// The request's `X-Request-ID`: the client's, else ours.
    case requestID
    /// Ours, whatever the client has sent: 32 hexadecimal digits.
    case drawnID
    /// What was found of the client's certificate: `NONE`, `SUCCESS` or `FAILED:` and the reason. Nothing without TLS.
    case verification
    /// The client's certificate, PEM in percent-encoding.
    case certificate
    /// How it is set apart from others that wait: `prio_class` and `prio_offset`.
    case priorityClass
    case priorityOffset
    /// The client's address: the connection's, or whose request it is by the word of a trusted proxy.
    case clientAddress
    /// What the client has sent as `X-Forwarded-For`, and its own address behind it.
    case forwardedFor
    /// How often its attempts at servers failed: `txn.conn_retries`.
    case retries
    /// Time-outs towards its server, in milliseconds: the backend's, and those that hold for it.
    case serverTimeout(isCurrent: Bool)
    case tunnelTimeout(isCurrent: Bool)

    /// Whether it is a number.
    public var isNumber: Bool {
        switch self {
        case .requestID, .drawnID, .verification, .certificate, .clientAddress, .forwardedFor: false
        case .priorityClass, .priorityOffset, .retries, .serverTimeout, .tunnelTimeout: true
        }
    }
}

/// What is known of a request and its answer until the log line is written, under HAProxy's names.
public enum CaptureFact: String, Sendable, CaseIterable {
    case method = "capture.req.method"
    case target = "capture.req.uri"
    case requestVersion = "capture.req.ver"
    case answerVersion = "capture.res.ver"
    case uniqueID = "unique-id"
}
