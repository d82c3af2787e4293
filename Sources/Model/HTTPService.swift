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
    /// Sections that are shown, `.` being the page's own; all without any.
    public var scope: [String] = []
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
}
