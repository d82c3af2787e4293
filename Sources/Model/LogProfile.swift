/// How lines are written for a target that has its own idea of them: HAProxy's `log-profile`.
public struct LogProfile: Sendable, Equatable {
    /// Its name.
    public let name: String
    /// Who lines say they are from, instead of what their section says; nil leaves that.
    public var tag: String?
    /// What is said instead, by when it is said.
    public var steps: [LogStep: Step] = [:]

    /// A profile that changes nothing.
    public init(name: String) { self.name = name }

    /// What becomes of a line.
    public struct Step: Sendable, Equatable {
        /// It is not written.
        public var isDropped = false
        /// The line; nil is what its section says.
        public var format: FormatString?
        /// Its structured data; nil is what its section says.
        public var structuredData: FormatString?

        /// A line as it is.
        public init() {}
    }

    /// What holds at a moment; nil if nothing is said of it.
    public func step(_ moment: LogStep) -> Step? { steps[moment] ?? steps[.any] }
}

/// When a line is written, under HAProxy's names.
public enum LogStep: String, Sendable, CaseIterable {
    case accept, request, connect, response, close, error
    /// Whenever nothing else is said.
    case any
    case quicInitial = "quic-init"
    case connectionRule = "tcp-req-conn"
    case sessionRule = "tcp-req-sess"
    case contentRule = "tcp-req-cont"
    case answerContentRule = "tcp-res-cont"
    case requestRule = "http-req"
    case responseRule = "http-res"
    case afterResponseRule = "http-after-res"

    /// Whether lines are written then.
    public var isReached: Bool {
        switch self {
        case .accept, .request, .connect, .response, .quicInitial: false
        default: true
        }
    }
}

/// A target and how its lines are written.
public struct ProfiledTarget: Sendable, Equatable {
    /// Who gets the lines.
    public var target: LogTarget
    /// How they are written.
    public var profile: LogProfile

    /// A target with a profile.
    public init(_ target: LogTarget, _ profile: LogProfile) {
        (self.target, self.profile) = (target, profile)
    }
}
