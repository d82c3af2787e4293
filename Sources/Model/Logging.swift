/// What a frontend writes about its requests or connections, and to whom. Without targets it writes nothing.
public struct Logging: Sendable, Equatable {
    /// Who gets the lines.
    public var targets: [LogTarget]
    /// Lines of requests go where the process's own access log goes, in its place, and to no targets. Everything that is no line of a
    /// request is said there as ever.
    public var isOfProcess = false
    /// Who gets them written otherwise.
    public var profiled: [ProfiledTarget] = []
    /// A line: one per request, or per connection of mode tcp.
    public var format: FormatString
    /// A line about a connection that ended before it was of use; nil is HAProxy's sentence about what was wrong.
    public var errorFormat: FormatString?
    /// The structured data of RFC 5424; nil is none.
    public var structuredData: FormatString?
    /// Who the lines say they are from, with the process's number.
    public var tag: String
    /// The host that lines are from; nil where they do not say.
    public var hostName: String?
    /// Connections that nothing was sent on have no line (`dontlognull`).
    public var skipsEmpty: Bool
    /// What ended well has none (`dontlog-normal`).
    public var skipsNormal: Bool
    /// What did not is an error, not information (`log-separate-errors`).
    public var separatesErrors: Bool

    /// Lines of this format, for nobody yet.
    public init(_ format: FormatString) {
        targets = []
        self.format = format
        errorFormat = nil
        structuredData = nil
        tag = "sluice"
        hostName = nil
        (skipsEmpty, skipsNormal, separatesErrors) = (false, false, false)
    }
}

/// Which fields of requests and answers are kept for the log, and how requests are told apart.
public struct Capturing: Sendable, Equatable {
    /// Fields of requests (`capture request header`).
    public var requestFields: [Capture] = []
    /// Fields of answers.
    public var responseFields: [Capture] = []
    /// A cookie of either (`capture cookie`).
    public var cookie: CookieCapture?
    /// What makes a request's identity (`unique-id-format`).
    public var uniqueID: FormatString?
    /// The field servers are told it in.
    public var uniqueIDHeader: String?

    /// Nothing is kept.
    public init() {}

    /// A field, and how much of its last value.
    public struct Capture: Sendable, Equatable {
        /// The name; compared without case.
        public var name: String
        /// The most bytes.
        public var length: Int

        /// A field by its name.
        public init(_ name: String, length: Int) {
            self.name = name
            self.length = length
        }
    }

    /// A cookie, by how its name begins or by the whole.
    public struct CookieCapture: Sendable, Equatable {
        /// What its name begins with, or all of it and `=`.
        public var prefix: String
        /// The most bytes, name included.
        public var length: Int

        /// A cookie by how it begins.
        public init(_ prefix: String, length: Int) {
            self.prefix = prefix
            self.length = length
        }
    }
}
