import Wire

/// What happened with one name server, in the order in which it is told; HAProxy's names are in `names`.
public struct NameServerCounts: Sendable, Equatable {
    /// Questions sent, and those that could not be.
    public var (sent, sendErrors): (UInt64, UInt64) = (0, 0)
    /// Good answers, and those of them that gave a server another address.
    public var (valid, updates): (UInt64, UInt64) = (0, 0)
    /// Answers whose names do not lead from one to the next.
    public var brokenAliases: UInt64 = 0
    /// Answers that were none, by the reason.
    public var (empty, absent, refused, other): (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    /// Answers that were not about the question, too large, cut, or came too late.
    public var (invalid, tooLarge, truncated, outdated): (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    /// Nothing so far.
    public init() {}

    /// All of them under HAProxy's names, in its order. It never counts `cname` and `timeout` either.
    public var named: [(name: String, count: UInt64)] {
        [
            ("sent", sent), ("snd_error", sendErrors), ("valid", valid), ("update", updates), ("cname", 0),
            ("cname_error", brokenAliases), ("any_err", empty), ("nx", absent), ("timeout", 0),
            ("refused", refused), ("other", other), ("invalid", invalid), ("too_big", tooLarge),
            ("truncated", truncated), ("outdated", outdated),
        ]
    }

    /// Counter by counter.
    public static func == (left: NameServerCounts, right: NameServerCounts) -> Bool {
        zip(left.named, right.named).allSatisfy { $0.count == $1.count }
    }

    mutating func count(_ outcome: NameAnswer.Outcome) {
        switch outcome {
        case .found: valid += 1
        case .absent: absent += 1
        case .refused: refused += 1
        case .empty: empty += 1
        case .truncated: truncated += 1
        case .brokenAlias: brokenAliases += 1
        case .invalid: invalid += 1
        case .failed: other += 1
        }
    }
}

/// A `resolvers` section as operators see it.
public struct ResolversReport: Sendable, Equatable {
    /// Its name.
    public let name: String
    /// Its name servers, in their order.
    public var nameServers: [NameServer]

    /// A report from its parts.
    public init(name: String, nameServers: [NameServer]) {
        (self.name, self.nameServers) = (name, nameServers)
    }

    /// One of them.
    public struct NameServer: Sendable, Equatable {
        /// What the file calls it.
        public let name: String
        /// What happened with it.
        public var counts: NameServerCounts

        /// One from its parts.
        public init(name: String, counts: NameServerCounts) { (self.name, self.counts) = (name, counts) }
    }
}
