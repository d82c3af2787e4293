/// The times of an election, in nanoseconds: client-go's defaults.
///
/// ```
///   renewal        +2 s: the next         +10 s: leads no more     +15 s: the others may take it
///      │─────────────│───────────────────────│────────────────────────│
/// ```
/// The holder counts from the moment it sent its last renewal, the others from the moment they saw it, which is later.
public struct LeaseTiming: Sendable, Equatable {
    /// How long the others wait after the last renewal they saw.
    public var duration: UInt64 = 15 * second
    /// How long a holder leads after the last renewal that succeeded.
    public var renewDeadline: UInt64 = 10 * second
    /// The pause between two tries.
    public var retryPeriod: UInt64 = 2 * second
    /// Within this the candidates spread when the Lease becomes free.
    public var spread: UInt64 = 300_000_000

    static let second: UInt64 = 1_000_000_000

    /// The defaults.
    public init() {}

    /// What stands in the Lease.
    var durationSeconds: Int { Int(clamping: duration / Self.second) }

    /// The pause of a candidate: longer than the holder's by up to 120 %, so that a fleet does not come in step.
    func pause(dice: Double) -> UInt64 {
        retryPeriod &+ UInt64(Double(retryPeriod) * 1.2 * min(max(dice, 0), 1))
    }

    func spread(dice: Double) -> UInt64 { UInt64(Double(spread) * min(max(dice, 0), 1)) }
}

/// How a candidate stands. Told once per change.
public enum LeaseCondition: Sendable, Equatable {
    /// Nothing is known yet.
    case starting
    /// This process leads.
    case leading
    /// Another one does, by its identity.
    case following(String)
    /// Nobody does as far as is known.
    case vacant
    /// The account may not use the Lease; the server's own words.
    case forbidden(String)
    /// The API server does not answer, or with errors; why, in one line.
    case failing(String)
}

/// What is to be written into a Lease.
struct LeaseWrite: Sendable, Equatable {
    /// The version it was read at; nil makes the Lease.
    var version: String?
    /// Empty to give it up.
    var holder: String
    var durationSeconds: Int
    /// Whether the holder is a new one, and since now.
    var acquires = false
    var transitions = 0
}
