/// How a server was: a line of what `show servers state` says, as far as it counts here.
public struct ServerStateRecord: Sendable, Equatable {
    /// How it was.
    public var operation: Operation
    /// What operators and the configuration wanted of it.
    public var administration: Administration
    /// Its weight, and the one it was configured with.
    public var (weight, configuredWeight): (Int, Int)
    /// For how long it had been as it was, in seconds.
    public var seconds: Int
    /// HAProxy's number of what its check found last, and its counter of health.
    public var (checkStatus, checkLevel): (Int, Int)
    /// Whether an operator had ended its checks, or the questions to its agent.
    public var (pausesCheck, pausesAgent) = (false, false)
    /// Where it was, of one that begins there; nil leaves it where its line says.
    public var address: String?
    /// The name it was found by.
    public var name: String?
    /// Its port; 0 is none.
    public var port: UInt16 = 0
    /// Where it was checked, as far as it is said.
    public var checkAddress: String?
    /// The same.
    public var checkPort: UInt16 = 0
    /// Where its agent was, as far as it is said.
    public var agentAddress: String?
    /// The same.
    public var agentPort: UInt16 = 0

    /// How a server may be, with HAProxy's numbers.
    public enum Operation: Int, Sendable, CaseIterable {
        case stopped, starting, running
        /// It keeps whom it has and gets nobody new, because its check says so.
        case stopping
    }

    /// What is wanted of a server, with HAProxy's bits.
    public struct Administration: OptionSet, Sendable, Hashable {
        /// The bits.
        public let rawValue: Int

        /// From its bits.
        public init(rawValue: Int) { self.rawValue = rawValue }

        /// Out of service because an operator says so, or whom it follows.
        public static let maintenance = Administration(rawValue: 1)
        /// The same.
        public static let followedMaintenance = Administration(rawValue: 2)
        /// Its line says `disabled`.
        public static let disabled = Administration(rawValue: 4)
        /// It gets nobody new because an operator says so, or whom it follows.
        public static let drain = Administration(rawValue: 8)
        /// The same.
        public static let followedDrain = Administration(rawValue: 16)
        /// Nobody knew its address.
        public static let withoutAddress = Administration(rawValue: 32)
        /// An operator has given it another name than its line.
        public static let renamed = Administration(rawValue: 64)
        /// Whatever takes it out of service.
        public static let outOfService: Administration = [
            .maintenance, .followedMaintenance, .withoutAddress,
        ]
    }

    /// A server that was up.
    public init() {
        (operation, administration) = (.running, [])
        (weight, configuredWeight, seconds) = (1, 1, 0)
        (checkStatus, checkLevel) = (0, 0)
    }
}
