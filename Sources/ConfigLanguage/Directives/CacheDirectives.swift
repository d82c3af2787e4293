import Model

/// `cache` sections, and the lines that use them.
enum CacheDirectives {
    /// Of `cache` sections.
    static let section = [
        CacheKeyword("total-max-size") { line, section throws(Refusal) in
            section.cache.totalSize = try line.number(in: 1...4_095, "megabytes, 1 to 4095") << 20
            section.isSized = true
        },
        CacheKeyword("max-object-size") { line, section throws(Refusal) in
            section.cache.maxObjectSize = try line.number(in: 0...Int(UInt32.max), "a number of bytes")
        },
        CacheKeyword("max-age") { line, section throws(Refusal) in
            section.cache.maxAge = try line.number(in: 0...Int(Int32.max), "a number of seconds")
        },
        CacheKeyword("process-vary") { line, section throws(Refusal) in
            section.cache.processesVary = try line.choice(["on": true, "off": false])
        },
        CacheKeyword("max-secondary-entries") { line, section throws(Refusal) in
            section.cache.maxSecondaryEntries = try line.number(in: 1...Int(Int32.max), "a number above 0")
        },
        CacheKeyword("early-hints") { _, _ throws(Refusal) in
            throw .unsupported("early-hints", instead: nil)
        },
    ]

    /// Of proxy sections.
    static let table = [
        Directive("http-request cache-use") { line, proxy throws(Refusal) in
            proxy.caching.use = try rule(&line, proxy.accessLists, beside: proxy.caching.use)
        },
        Directive("http-response cache-store") { line, proxy throws(Refusal) in
            proxy.caching.store = try rule(&line, proxy.accessLists, beside: proxy.caching.store)
        },
        Directive("filter cache") { line, proxy throws(Refusal) in
            let word = try line.take("the name of a cache")
            guard !proxy.caching.compressesFirst else {
                throw .conflict("what is kept is not compressed: 'filter compression' stands behind it")
            }
            proxy.caching.filters.append(word.text)
        },
        Directive("filter compression") { _, proxy in proxy.caching.compressesFirst = true },
    ]

    /// The one cache of a section, and when.
    private static func rule(
        _ line: inout LineReader, _ lists: AccessLists, beside other: CacheDraft.Rule?
    ) throws(Refusal) -> CacheDraft.Rule {
        guard let next = line.next, next.text != "if", next.text != "unless" else {
            throw .missing(expected: "the name of a cache")
        }
        line.skip()
        if let word = line.next, !["if", "unless"].contains(word.text) { throw .unexpected(word) }
        guard other == nil || other?.name == next.text else {
            throw .conflict("a section uses one cache here, and '\(other?.name ?? "")' is it already")
        }
        let condition = try line.condition(lists)
        return other?.joined(condition)
            ?? CacheDraft.Rule(name: next.text, conditions: condition.map { [$0] } ?? [], place: line.place)
    }
}
