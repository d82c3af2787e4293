/// How an informer stands with the API server. Reported once per change, not once per try.
public enum InformerCondition: Sendable, Equatable {
    /// Nothing is known yet.
    case connecting
    /// The objects are complete and a watch is open.
    case live
    /// No answer; the reason in one line.
    case unreachable(String)
    /// Credentials are missing, refused or cannot be obtained; the reason in one line.
    case unauthorized(String)
    /// The credentials lack a permission; the server's own words.
    case forbidden(String)
    /// The API server does not know this kind.
    case missing
    /// The server asks to slow down.
    case throttled
    /// The server answers with errors, or with what cannot be decoded; the reason in one line.
    case failing(String)

    /// The condition without its reason, for metrics.
    public var name: String {
        switch self {
        case .connecting: "connecting"
        case .live: "live"
        case .unreachable: "unreachable"
        case .unauthorized: "unauthorized"
        case .forbidden: "forbidden"
        case .missing: "missing"
        case .throttled: "throttled"
        case .failing: "failing"
        }
    }
}
