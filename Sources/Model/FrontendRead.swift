/// What is asked of a frontend as it is at that moment, under HAProxy's names.
public struct FrontendRead: Sendable, Hashable {
    /// What is asked.
    public var fact: Fact
    /// Of which frontend, by its name.
    public var frontend: String

    /// One number.
    public enum Fact: String, Sendable, CaseIterable {
        case connections = "fe_conn"
        /// In a second.
        case requestRate = "fe_req_rate"
        case connectionRate = "fe_sess_rate"
    }

    /// A question from its parts.
    public init(_ fact: Fact, of frontend: String) { (self.fact, self.frontend) = (fact, frontend) }
}
