/// How a rule sets a request, or the connections it uses, apart from others.
public struct ConnectionSetting: Sendable, Equatable {
    /// What is set.
    public var kind: Kind
    /// To what; what gives no number sets nothing.
    public var value: Expression

    /// What can be set, under HAProxy's words.
    public enum Kind: String, Sendable, CaseIterable {
        /// Among those that wait for a place at a server the lower class is first, whoever came before.
        case priorityClass = "set-priority-class"
        /// Within a class it counts as if it had come so many milliseconds later.
        case priorityOffset = "set-priority-offset"
        /// The DS field of packets to the client, and to its server (RFC 2474).
        case clientTOS = "set-fc-tos"
        case serverTOS = "set-bc-tos"
        /// The mark of those packets in our kernel's firewall and routes.
        case clientMark = "set-fc-mark"
        case serverMark = "set-bc-mark"

        /// What it can be.
        public var range: ClosedRange<Int64> {
            switch self {
            case .priorityClass: -2_047...2_047
            case .priorityOffset: -524_287...524_287
            case .clientTOS, .serverTOS: 0...255
            case .clientMark, .serverMark: 0...Int64(UInt32.max)
            }
        }
    }

    /// A setting from its parts.
    public init(_ kind: Kind, _ value: Expression) { (self.kind, self.value) = (kind, value) }
}
