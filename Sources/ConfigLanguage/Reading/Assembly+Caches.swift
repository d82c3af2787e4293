import Model

extension Assembly {
    /// Sections that are not whole.
    mutating func checkCaches() {
        for section in caches {
            if let flaw = section.flaw { add(.error, "Conflict", flaw, section.line) }
        }
    }

    /// Enters what a section with servers, and the frontends that lead to it, say about caches.
    mutating func enterCache(of proxy: Proxy) {
        var said = proxy.caching
        for other in frontends(leadingTo: proxy.name) { said = said.merged(with: other.caching) }
        let use = use(said, proxy)
        result.backends[BackendName(proxy.name)]?.cache = use
    }

    /// Names are looked up, also where nothing comes of them.
    mutating func checkCacheNames(of proxy: Proxy) {
        let rules = [proxy.caching.use, proxy.caching.store].compactMap { $0 }
        for condition in proxy.caching.use?.conditions ?? [] {
            let layers: SampleLayers = [.connection, .request, .backend]
            check(condition, layers, "http-request cache-use", proxy, proxy.caching.use?.place ?? proxy.line)
        }
        for condition in proxy.caching.store?.conditions ?? [] {
            check(
                condition, .answering, "http-response cache-store", proxy,
                proxy.caching.store?.place ?? proxy.line)
        }
        let names = rules.map(\.name) + proxy.caching.filters
        let known = caches.map(\.cache.name)
        for name in Set(names).sorted() where !known.contains(name) {
            let nearest = Suggestion.nearest(to: name, among: known)
            add(
                .error, "UnknownCache",
                "\(proxy.title): no cache is called '\(name)'"
                    + (nearest.map { "; did you mean '\($0)'?" } ?? ""), proxy.line)
        }
    }

    private mutating func use(_ said: CacheDraft, _ proxy: Proxy) -> CacheUse? {
        guard !said.isEmpty, proxy.mode == .http else { return nil }
        guard let name = said.use?.name else {
            add(
                .warning, "NoEffect",
                "\(proxy.title): 'http-response cache-store' keeps nothing without 'http-request cache-use'",
                proxy.line)
            return nil
        }
        guard said.store == nil || said.store?.name == name else {
            add(
                .error, "UnsupportedKeyword",
                "\(proxy.title): answers are looked up in '\(name)' and kept in '\(said.store?.name ?? "")'; "
                    + "one cache for both works here", proxy.line)
            return nil
        }
        guard let section = caches.first(where: { $0.cache.name == name }) else { return nil }
        var use = CacheUse(section.cache)
        use.stores = said.store != nil
        use.lookUpConditions = said.use?.conditions ?? []
        use.storeConditions = said.store?.conditions ?? []
        return use
    }
}
