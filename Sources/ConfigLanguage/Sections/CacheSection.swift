import Model

/// A `cache` section while it is read.
struct CacheSection: Sendable {
    /// Its settings; no size is said yet.
    var cache: Cache
    /// Where it begins.
    let line: SourceLocation
    /// `total-max-size` has been read.
    var isSized = false

    /// HAProxy's values where nothing is said.
    init(name: String, line: SourceLocation) {
        cache = Cache(name: name, totalSize: 0)
        self.line = line
    }

    /// What is wrong with the section as a whole.
    var flaw: String? {
        guard isSized else { return "cache \(cache.name) has no 'total-max-size'" }
        guard cache.maxObjectSize <= cache.totalSize / 2 else {
            return
                "cache \(cache.name): 'max-object-size' is at most half of 'total-max-size', \(cache.totalSize / 2)"
        }
        return nil
    }
}

/// A keyword of a `cache` section.
typealias CacheKeyword = Keyword<CacheSection>

/// What the lines of a frontend, listen or backend say about caches, by name.
struct CacheDraft: Sendable, Equatable {
    /// `http-request cache-use`.
    var use: Rule?
    /// `http-response cache-store`.
    var store: Rule?
    /// `filter cache`.
    var filters: [String] = []
    /// `filter compression` stands in front of what is read now.
    var compressesFirst = false

    /// What the lines of one kind say.
    struct Rule: Sendable, Equatable {
        /// The cache.
        let name: String
        /// When: one of them must hold. Empty is always.
        var conditions: [RuleCondition]
        /// Where the first of them stands.
        let place: SourceLocation

        /// One more line: a condition beside what holds always changes nothing.
        func joined(_ condition: RuleCondition?) -> Rule {
            var rule = self
            if let condition, !conditions.isEmpty { rule.conditions.append(condition) }
            if condition == nil { rule.conditions = [] }
            return rule
        }
    }

    /// Whether nothing is said.
    var isEmpty: Bool { use == nil && store == nil }

    /// What this and the frontend in front of it say together.
    func merged(with frontend: CacheDraft) -> CacheDraft {
        var both = self
        both.use = use ?? frontend.use
        both.store = store ?? frontend.store
        return both
    }
}
