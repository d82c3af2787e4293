/// A moment as a number since 1970.
public struct MomentRead: Sendable, Hashable {
    /// Which one.
    public var moment: Moment
    /// In which unit.
    public var unit: Unit
    /// So many are added.
    public var offset: Int64

    /// Which moment, under HAProxy's names.
    public enum Moment: String, Sendable, CaseIterable {
        case now = "date"
        /// When the exchange began.
        case accepted = "accept_date"
        case requested = "request_date"
    }

    /// A unit, under HAProxy's names.
    public enum Unit: String, Sendable, CaseIterable {
        case seconds = "s"
        case milliseconds = "ms"
        case microseconds = "us"

        /// How many nanoseconds it has.
        public var nanoseconds: UInt64 {
            switch self {
            case .seconds: 1_000_000_000
            case .milliseconds: 1_000_000
            case .microseconds: 1_000
            }
        }
    }

    /// A moment from its parts.
    public init(_ moment: Moment, in unit: Unit = .seconds, offset: Int64 = 0) {
        (self.moment, self.unit, self.offset) = (moment, unit, offset)
    }
}
