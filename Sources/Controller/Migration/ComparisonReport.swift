/// In what two proxies differ, by host and path.
public struct ComparisonReport: Sendable, Equatable {
    /// By host, then path.
    public private(set) var groups: [Group] = []
    /// Lines of files that were not asked.
    public var passedOver: [Samples.Reason: Int] = [:]

    /// The requests of a host and path.
    public struct Group: Sendable, Equatable {
        /// What it is called.
        public var name: Name
        /// How many were asked.
        public var requests = 0
        /// Those that were not answered alike, in order.
        public var different: [Result] = []
        /// Those of which something changes from answer to answer of one proxy.
        public var restless: [Result] = []

        /// A host and a path.
        public struct Name: Sendable, Hashable {
            /// As requests name it.
            public var host: String
            /// As an Ingress has it, or the request's.
            public var path: String
        }
    }

    /// One request.
    public struct Result: Sendable, Equatable {
        /// What was asked.
        public var request: SampleRequest
        /// In what the answers differ.
        public var differences: [AnswerComparison.Difference]
    }

    /// Counts requests and how they differ; `restless` are differences that do not count.
    public init(
        of samples: Samples, differences: [[AnswerComparison.Difference]],
        restless: [[AnswerComparison.Difference]]
    ) {
        passedOver = samples.passedOver
        var found: [Group.Name: Group] = [:]
        for (index, request) in samples.requests.enumerated() {
            let name = samples.group(of: request)
            var group = found[name] ?? Group(name: name)
            group.requests += 1
            if !differences[index].isEmpty {
                group.different.append(Result(request: request, differences: differences[index]))
            }
            if !restless[index].isEmpty {
                group.restless.append(Result(request: request, differences: restless[index]))
            }
            found[name] = group
        }
        groups = found.values.sorted { ($0.name.host, $0.name.path) < ($1.name.host, $1.name.path) }
    }

    /// How many were asked.
    public var requests: Int { groups.reduce(0) { $0 + $1.requests } }
    /// How many were not answered alike.
    public var different: Int { groups.reduce(0) { $0 + $1.different.count } }
}
