/// What is read of a value of the field `Forwarded`, or written for it: HAProxy's `rfc7239_…`.
public enum ForwardedPart: String, Sendable, Hashable, CaseIterable {
    /// Whether it is one that HAProxy trusts.
    case isValid = "rfc7239_is_valid"
    case node = "rfc7239_field(for)"
    case by = "rfc7239_field(by)"
    case host = "rfc7239_field(host)"
    case scheme = "rfc7239_field(proto)"
    /// Of such a node the address or the name, and the port.
    case nodeName = "rfc7239_n2nn"
    case nodePort = "rfc7239_n2np"
    /// As the field writes them: texts with `_` in front.
    case writtenName = "rfc7239_nn"
    case writtenPort = "rfc7239_np"

    /// Whether it is something that is written.
    public var isWritten: Bool { self == .writtenName || self == .writtenPort }

    /// What it gives.
    var output: SampleType {
        switch self {
        case .isValid: .boolean
        case .nodeName, .nodePort: .any
        default: .string
        }
    }
}
