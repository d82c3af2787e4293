/// What one peer says to another once they know each other: HAProxy's peers protocol 2.1.
///
/// ```
///   │ class │ type │                       control and errors: two bytes
///   │  10   │ ≥128 │ length │ payload …    everything about tables
/// ```
public enum PeerMessage: Equatable, Sendable {
    case control(PeerControl)
    /// The other side gives up.
    case fault(PeerFault)
    /// Updates that follow are of this table; nil is one of a kind that is not known here.
    case definition(PeerTable?)
    /// The same, of one that was defined before.
    case resumption(table: UInt64)
    /// An entry, to be read by the table's definition.
    case update(hasID: Bool, isTimed: Bool, payload: [UInt8])
    /// Updates of our table up to this one have arrived.
    case acknowledgement(table: UInt64, update: UInt32)
    /// What later versions may say; it is passed over.
    case unknown
}

/// Messages about the exchange itself.
public enum PeerControl: UInt8, Sendable, CaseIterable {
    /// All entries are wanted.
    case resyncRequest = 0
    /// They have been sent, and whoever sent them had all there is.
    case resyncFinished = 1
    /// They have been sent, by one that is not sure to have everything.
    case resyncPartial = 2
    /// Either of the two has arrived.
    case resyncConfirmed = 3
    case heartbeat = 4

    /// As it is sent.
    public var bytes: [UInt8] { [0, rawValue] }
}

/// Why an exchange ends.
public enum PeerFault: UInt8, Error, Sendable {
    case malformed = 0
    case tooLong = 1

    /// As it is sent.
    public var bytes: [UInt8] { [1, rawValue] }
}
