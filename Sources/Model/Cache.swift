/// A place for small answers, which are given again without asking a server: HAProxy's `cache` section.
///
/// Answers are found by host, path and query. Backends whose caches have one name share one, whatever else they say.
public struct Cache: Sendable, Equatable {
    /// What it is called.
    public var name: String
    /// The most bytes of all answers together (`total-max-size`, which counts in megabytes).
    public var totalSize: Int
    /// The most bytes of one answer, its head included (`max-object-size`). 0, the default, is a 256th of `totalSize`; it is
    /// never more than half of it.
    public var maxObjectSize: Int
    /// The longest time in seconds that an answer is kept, and how long those are that can be checked but say no time
    /// (`max-age`). Default 60.
    public var maxAge: Int
    /// Whether answers that vary by `Accept-Encoding`, `Referer` or `Origin` are kept, each for those requests that it is for
    /// (`process-vary`). Default off: none that vary are.
    public var processesVary: Bool
    /// How many such answers of one address are kept (`max-secondary-entries`). Default 10.
    public var maxSecondaryEntries: Int

    /// A cache with HAProxy's defaults.
    public init(name: String, totalSize: Int) {
        self.name = name
        self.totalSize = totalSize
        (maxObjectSize, maxAge, processesVary, maxSecondaryEntries) = (0, 60, false, 10)
    }
}

/// What a backend does with a cache: HAProxy's `http-request cache-use` and `http-response cache-store`.
public struct CacheUse: Sendable, Equatable {
    /// The cache.
    public var cache: Cache
    /// Whether requests are answered from it. Nothing is kept of a backend whose requests are not.
    public var looksUp: Bool
    /// For which requests: one of the conditions must hold. Answers of others are not kept either. Empty, the default, is for all.
    public var lookUpConditions: [RuleCondition] = []
    /// Whether answers are kept in it, and forgotten when they are changed.
    public var stores: Bool
    /// Which: one of the conditions must hold. Empty, the default, are all.
    public var storeConditions: [RuleCondition] = []

    /// A backend that does both.
    public init(_ cache: Cache) {
        self.cache = cache
        (looksUp, stores) = (true, true)
    }
}
