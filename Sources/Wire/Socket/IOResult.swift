/// What a read or a write came to. Failing is normal here, so it is a value.
public enum IOResult: Equatable, Sendable {
    /// So many bytes were moved, at least one.
    case bytes(Int)
    /// Nothing now; an event will tell when.
    case wouldBlock
    /// The peer has ended its side in order.
    case closed
    /// The connection is gone; the system's error number.
    case failed(Int32)
}
