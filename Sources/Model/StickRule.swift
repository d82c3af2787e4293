/// What a backend's stick tables do for a request: HAProxy's `stick on`, `stick match` and `stick store-…`.
public struct StickRule: Sendable, Equatable {
    /// What is done.
    public var action: Action
    /// What the entry's key is; a request that has no such thing is passed over.
    public var key: Expression
    /// Where the entry is.
    public var table: TableName
    /// When; nil is always.
    public var condition: RuleCondition?

    /// A rule from its parts.
    public init(
        _ action: Action, _ key: Expression, in table: TableName, when condition: RuleCondition? = nil
    ) {
        self.action = action
        self.key = key
        self.table = table
        self.condition = condition
    }

    /// What its condition can be had from, and its key.
    public var layers: SampleLayers {
        action == .storeAnswer ? .answering.subtracting(.answerBody) : .choosingServer.union(.payload)
    }

    /// What is done with a key.
    public enum Action: Sendable, Hashable {
        /// A request goes to the server that its key's entry names, if that takes requests.
        case match
        /// Once the server of a request answers, its key's entry names that server.
        case store
        /// Both.
        case matchAndStore
        /// The same as `store` with a key of the answer.
        case storeAnswer
    }
}
