/// A section of peers for those who look.
public struct PeerSectionReport: Sendable {
    /// Its name.
    public var name: String
    /// Whether everything that others know has been learned, or nobody was there to tell it.
    public var isComplete: Bool
    /// Milliseconds since a peer came or went.
    public var changedSince: UInt64
    /// What this process is called.
    public var localName: String
    /// Where it is reached; empty if nowhere.
    public var localAddress: String
    /// Why the last caller that was no peer was sent away; empty if there was none.
    public var trouble: String
    /// All others.
    public var peers: [PeerReport]
}

/// One peer for those who look.
public struct PeerReport: Sendable {
    /// What it is called.
    public var name: String
    /// Its address and port.
    public var address: String
    /// Whether there is a connection, and both know each other.
    public var isConnected: Bool
    /// Whether it is being asked for everything.
    public var isTeacher: Bool
    /// The last answer to a greeting.
    public var status: Status
    /// Why there was no connection the last time; empty while there is one.
    public var trouble: String
    /// Milliseconds since they last came to know each other; nil is never.
    public var greetedSince: UInt64?
    /// Milliseconds until it is called again; nil while it is connected.
    public var callsIn: UInt64?
    /// Heartbeats that were sent and heard.
    public var heartbeats: (sent: Int, heard: Int)
    /// How often it was given up because nothing was heard.
    public var silences: Int
    /// How often they came to know each other.
    public var connections: Int
    /// How often it said what makes no sense.
    public var faults: Int
    /// How often both have called each other.
    public var collisions: Int
    /// Updates that were sent and heard.
    public var updates: (sent: Int, heard: Int)
    /// The tables that are shared with it.
    public var tables: [Table]
    /// Names of servers by their number, as sent and as heard.
    public var names: (sent: [String], heard: [String])

    /// How far both are with one table.
    public struct Table: Sendable, Equatable {
        /// Its name.
        public var name: String
        /// The numbers that this side and the other know it by; 0 is not yet.
        public var localID: UInt64
        /// The number that the other side knows it by; 0 is not yet.
        public var remoteID: UInt64
        /// The last change here, the last that was sent, and the last that the other side has confirmed.
        public var latest: UInt32
        /// The last change that was sent.
        public var sent: UInt32
        /// The last change that the other side has.
        public var confirmed: UInt32
        /// The last change of the other side that has arrived, and the last that was acknowledged.
        public var heard: UInt32
        /// The last of them that was acknowledged.
        public var acknowledged: UInt32
    }

    /// The last answer to a greeting, by HAProxy's words.
    public enum Status: String, Sendable {
        case none = "NONE"
        case connecting = "CONN"
        case greeting = "HSHK"
        case established = "ESTA"
        case tryAgain = "RETR"
        case protocolError = "PROT"
        case badVersion = "VERS"
        case localMismatch = "NAME"
        case remoteMismatch = "UNKN"
    }
}
