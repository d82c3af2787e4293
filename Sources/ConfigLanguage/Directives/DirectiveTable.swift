/// All keywords that do something, by name. A new group of directives is one more entry here; a new directive is one more
/// entry in its group.
enum DirectiveTable {
    /// Of proxy sections.
    static let proxy = byName(
        TimeoutDirectives.table + BalanceDirectives.table + CookieDirectives.table
            + CompressionDirectives.table + CacheDirectives.table + BandwidthDirectives.table
            + ProxyDirectives.table
            + RetryDirectives.table + RuleDirectives.table + HTTPRuleDirectives.table
            + MonitorDirectives.table + StatsDirectives.table + CaptureDirectives.table
            + ErrorPageDirectives.table + LoggingDirectives.table + TableDirectives.table
            + StickDirectives.table
            + BindDirectives.table + ServerDirectives.table + HealthDirectives.table
            + SourceKeywords.table + FieldNameDirectives.table + ServerStateDirectives.table, \.name)

    /// Behind `option`.
    static let options = byName(
        ProxyDirectives.options + RetryDirectives.options + ForwardingDirectives.options
            + FieldNameDirectives.options
            + LoggingDirectives.options
            + HealthDirectives.options, \.name)

    /// Of `global`.
    static let global = byName(GlobalDirectives.table, \.name)

    /// Of `cache` sections.
    static let cache = byName(CacheDirectives.section, \.name)

    /// Of `ring` sections.
    static let ring = byName(RingDirectives.section, \.name)

    /// Of `peers` sections.
    static let peers = byName(PeersDirectives.section, \.name)

    /// Of `crt-store` sections.
    static let certificateStore = byName(CertificateStoreDirectives.section, \.name)

    /// Of `resolvers` sections.
    static let resolvers = byName(ResolversDirectives.section, \.name)

    /// Of `http-errors` sections.
    static let pages = byName(ErrorPageDirectives.section, \.name)

    /// Of `userlist` sections.
    static let userList = byName(UserListDirectives.section, \.name)

    private static func byName<Entry>(_ entries: [Entry], _ name: (Entry) -> String) -> [String: Entry] {
        Dictionary(entries.map { (name($0), $0) }) { _, last in last }
    }
}
