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
        for other in proxies where other.kind == .frontend && !other.isDisabled {
            if other.defaultBackend?.text == proxy.name { said = said.merged(with: other.caching) }
        }
        let use = use(said, proxy)
        result.backends[BackendName(proxy.name)]?.cache = use
    }

    /// Names are looked up, also where nothing comes of them.
    mutating func checkCacheNames(of proxy: Proxy) {
        let names = [proxy.caching.use, proxy.caching.store].compactMap { $0 } + proxy.caching.filters
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
        guard let name = said.use else {
            add(
                .warning, "NoEffect",
                "\(proxy.title): 'http-response cache-store' keeps nothing without 'http-request cache-use'",
                proxy.line)
            return nil
        }
        guard said.store == nil || said.store == name else {
            add(
                .error, "UnsupportedKeyword",
                "\(proxy.title): answers are looked up in '\(name)' and kept in '\(said.store ?? "")'; "
                    + "one cache for both works here", proxy.line)
            return nil
        }
        guard let section = caches.first(where: { $0.cache.name == name }) else { return nil }
        var use = CacheUse(section.cache)
        use.stores = said.store != nil
        return use
    }
}
