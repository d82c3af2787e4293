/// What a client of the runtime API may do: HAProxy's levels.
public enum RuntimeLevel: Int, Sendable, Comparable, CaseIterable {
    /// Look at numbers.
    case user
    /// Look at everything.
    case `operator`
    /// Change everything.
    case admin

    /// HAProxy's name for it.
    public var name: String {
        switch self {
        case .user: "user"
        case .operator: "operator"
        case .admin: "admin"
        }
    }

    /// The level of a name; nil if there is none.
    public init?(name: String) {
        guard let level = RuntimeLevel.allCases.first(where: { $0.name == name }) else { return nil }
        self = level
    }

    /// Whether one may do less than the other.
    public static func < (one: RuntimeLevel, other: RuntimeLevel) -> Bool { one.rawValue < other.rawValue }
}
