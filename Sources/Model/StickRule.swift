/// What a backend's stick tables do for a request: HAProxy's `stick on`, `stick match` and `stick store-…`.
public struct StickRule: Sendable, Equatable {
    /// What is done.
    public var action: Action
    /// What the entry's key is; a request that has no such thing is passed over.
    public var key: Expression
    /// Where the entry is.
    public var table: TableName

    /// A rule from its parts.
    public init(_ action: Action, _ key: Expression, in table: TableName) {
        self.action = action
        self.key = key
        self.table = table
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
