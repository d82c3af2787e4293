/// What answers requests inside the process, in place of servers.
public enum HTTPService: Sendable, Equatable {
    /// HAProxy's `use-service prometheus-exporter`.
    case prometheus
    /// The page of statistics.
    case statistics(StatisticsPage)
}

/// HAProxy's `stats` in a section: what its page of statistics shows, and to whom.
public struct StatisticsPage: Sendable, Equatable {
    /// What addresses of the page begin with.
    public var uri = "/haproxy?stats"
    /// Whose names and passwords are asked for; nobody is asked without any.
    public var users: [UserList.User] = []
    /// What the page is called when they are asked for.
    public var realm = "HAProxy Statistics"
    /// After how many seconds browsers ask again; 0, the default, is never.
    public var refresh = 0
    /// Sections that are shown, by their names; all without any.
    public var scope: [String] = []
    /// HAProxy's `stats http-request`: the first one that applies lets whoever asks see the page, refuses it or asks for a password.
    public var access: [HTTPRule] = []
    /// HAProxy's `stats admin`: one of them must hold for whoever changes servers by the page; nobody does without any.
    public var admins: [RuleCondition] = []
    /// Whether counters of single versions of HTTP are shown.
    public var showsModules = false
    /// Whether it does not tell the program's version.
    public var hidesVersion = false
    /// Whether addresses, cookies and algorithms are shown.
    public var showsLegends = false
    /// The machine's name, if it is shown.
    public var node: String?
    /// What is said of the machine, if it is shown.
    public var description: String?

    /// A page as HAProxy shows it without a word.
    public init() {}

    /// What its conditions can be had from.
    public var needs: SampleLayers {
        let conditions = access.compactMap(\.condition) + admins
        return (conditions.map(\.needs) + access.map(\.action.needs))
            .reduce(into: SampleLayers()) { $0.formUnion($1) }
    }

    /// The stick tables that its conditions name.
    public var tables: [TableName] { (access.compactMap(\.condition) + admins).flatMap(\.tables) }
}
