/// What the kernel knows of a TCP connection, under HAProxy's names.
public struct TCPRead: Sendable, Hashable {
    /// What is asked.
    public var fact: Fact
    /// Whether it is the connection with the server.
    public var isOfServer: Bool
    /// Whether a time is given in microseconds; else in milliseconds.
    public var isMicroseconds: Bool

    /// One number.
    public enum Fact: String, Sendable, CaseIterable {
        /// Round trips: how long they take, and how much that differs.
        case roundTrip = "rtt"
        case variation = "rttvar"
        /// Segments.
        case unacknowledged = "unacked"
        case selectivelyAcknowledged = "sacked"
        case retransmitted = "retrans"
        case forwardAcknowledged = "fackets"
        case lost
        case reordered = "reordering"

        /// Whether it is a time.
        public var isTime: Bool { self == .roundTrip || self == .variation }
    }

    /// A question from its parts.
    public init(_ fact: Fact, isOfServer: Bool = false, isMicroseconds: Bool = false) {
        (self.fact, self.isOfServer, self.isMicroseconds) = (fact, isOfServer, fact.isTime && isMicroseconds)
    }
}
