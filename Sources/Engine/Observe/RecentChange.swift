public import Model

/// A change of the configuration that every worker has adopted, as it is shown to people.
public struct RecentChange: Sendable, Equatable {
    /// The most names that are shown of a change.
    private static let mostNames = 4

    /// What `sluice_propagation_seconds{kind}` calls it.
    public var kind: Change.Kind
    /// Hosts, backends and certificates it was about, the first of each.
    public var names: [String]
    /// How many more there were.
    public var others: Int
    /// When the last worker had adopted it, in nanoseconds since 1970.
    public var adoptedAt: UInt64 = 0
    /// From the event received until then; nil if nobody knows when it came.
    public var nanoseconds: UInt64?

    /// What a change is about.
    public init(_ change: Change) {
        kind = change.kind
        let hosts = change.routes.keys.prefix(RecentChange.mostNames).map(\.description)
        let backends = change.backends.keys.prefix(RecentChange.mostNames).map(\.description)
        let certificates = change.certificates.keys.prefix(RecentChange.mostNames).map(\.description)
        let frontends = change.frontends == nil ? [] : ["settings"]
        let all = hosts.sorted() + certificates.sorted() + backends.sorted() + frontends
        names = Array(all.prefix(RecentChange.mostNames))
        let count =
            change.routes.count + change.backends.count + change.certificates.count + frontends.count
        others = count - names.count
    }
}
