public import Model

/// A configuration as text of the language, in one form whatever it was made from: reading the text gives the configuration again, where
/// it came from text.
///
/// ```
///   Configuration ──print──► text ──read──► Configuration
/// ```
/// Sections stand in the order of the configuration, lines in the order of this room's families. There are no `defaults`: every section
/// says everything itself. What the language has no word for is a comment that begins with `# sluice:`, and a remark.
public struct ConfigurationPrinter {
    private let context: PrintContext
    /// Lists and backends that have to be named first, so that they have their numbers.
    private let declaring: Bool

    /// What is printed.
    public struct Result: Sendable, Equatable {
        /// The text of a file.
        public var text: String
        /// What it does not say, one sentence each, in the order of sections.
        public var remarks: [String]
    }

    /// Prints a configuration. `files` says where what came from files stands; nil is for a configuration that was no text, of which
    /// neither keys nor passwords are printed.
    public static func print(
        _ configuration: Configuration, global: GlobalSettings = GlobalSettings(), files: FileSources? = nil
    ) -> Result {
        let first = PrintContext(configuration, global, files)
        let text = ConfigurationPrinter(context: first, declaring: false).text()
        if files == nil || first.isComplete { return Result(text: text, remarks: first.remarks) }
        let second = PrintContext(configuration, global, files)
        let whole = ConfigurationPrinter(context: second, declaring: true).text()
        return Result(text: whole, remarks: second.remarks)
    }

    private init(context: PrintContext, declaring: Bool) {
        (self.context, self.declaring) = (context, declaring)
    }

    /// A section that carries traffic.
    private enum Proxy {
        case frontend(Frontend)
        case backend(BackendName, Backend)
        case listen(Frontend, BackendName, Backend)

        var place: ProxyPlace {
            switch self {
            case .frontend(let frontend), .listen(let frontend, _, _): frontend.place
            case .backend(_, let backend): backend.place
            }
        }
    }

    private func text() -> String {
        var sections = shared()
        let proxies = proxies().filter { !isUnreachable($0) }
        let places = proxies.map(\.place)
        let firstID = context.global.runtimeSockets.isEmpty ? 1 : 2
        let isNumbered = places.enumerated().contains { $1.id != 0 && $1.id != firstID + $0 }
        for (number, proxy) in proxies.enumerated() {
            var section = begin(proxy)
            if declaring, number == 0 { section.declare() }
            if isNumbered { section.add("id", "\(proxy.place.id)") }
            write(proxy, &section)
            sections.append(section)
        }
        for status in context.answers.sorted() {
            var section = SectionText("backend", Word(context.answering(status)), in: context)
            section.add("mode", "http")
            section.add("timeout", "connect", "5s")
            section.add("timeout", "server", "1m")
            section.add(["http-request"] + answer(status))
            sections.append(section)
        }
        let leftOut = context.leftOut.map { "# sluice: \($0)\n" }
        return (leftOut + sections.map(\.text)).joined(separator: "\n")
    }

    /// Whether a side has no certificate to show, where a file would have to name one.
    private func isUnreachable(_ proxy: Proxy) -> Bool {
        guard case .frontend(let frontend) = proxy, !context.isOfText, !frontend.binds.isEmpty,
            context.configuration.certificates.isEmpty, frontend.binds.allSatisfy(\.isTLS)
        else { return false }
        context.leaveOut(
            "frontend \(frontend.name) is left out: there is no certificate, and the self-signed one has no file"
        )
        for route in frontend.helloRoutes {
            let name = context.name(of: route.backend)
            context.leaveOut(
                "TLS for \(route.host) is passed through to '\(name)' unread, which no rule does")
        }
        return true
    }

    /// An answer that needs no server, as the page of its status where there is one.
    private func answer(_ status: UInt16) -> [Word] {
        ErrorPage.statuses.contains(status)
            ? ["deny", "deny_status", "\(status)"] : ["return", "status", "\(status)"]
    }

    private func begin(_ proxy: Proxy) -> SectionText {
        switch proxy {
        case .frontend(let frontend):
            return SectionText("frontend", Word(PrintContext.sectionName(frontend.name)), in: context)
        case .listen(let frontend, _, _): return SectionText("listen", Word(frontend.name), in: context)
        case .backend(let name, _):
            var section = SectionText("backend", Word(context.name(of: name)), in: context)
            if context.name(of: name) != name.description { section.comment("this is '\(name)'") }
            return section
        }
    }

    private func write(_ proxy: Proxy, _ section: inout SectionText) {
        switch proxy {
        case .frontend(let frontend): section.add(frontend, with: nil)
        case .backend(let name, let backend): section.add(backend, called: name, isListen: false)
        case .listen(let frontend, let name, let backend):
            section.add(frontend, with: backend)
            section.add(backend, called: name, isListen: true)
        }
    }

    // MARK: Sections

    /// In their order; those that have no place stand behind, frontends first.
    private func proxies() -> [Proxy] {
        let configuration = context.configuration
        var all: [Proxy] = []
        var listens: Set<BackendName> = []
        for frontend in configuration.frontends {
            let name = BackendName(frontend.name)
            if frontend.isListen, let backend = configuration.backends[name] {
                listens.insert(name)
                all.append(.listen(frontend, name, backend))
            } else {
                all.append(.frontend(frontend))
            }
        }
        for (name, backend) in configuration.backends.sorted(by: { $0.key.description < $1.key.description })
        where !listens.contains(name) { all.append(.backend(name, backend)) }
        let order = all.map { $0.place.order == 0 ? Int.max : $0.place.order }
        return all.indices.sorted { (order[$0], $0) < (order[$1], $1) }.map { all[$0] }
    }

    /// What others name.
    private func shared() -> [SectionText] {
        let configuration = context.configuration
        var sections: [SectionText] = []
        var global = SectionText("global", in: context)
        global.add(context.global, configuration)
        if !global.isEmpty { sections.append(global) }
        for store in context.files?.certificateStores ?? [] {
            var section = SectionText("crt-store", in: context, name: store.name)
            for line in store.lines { section.add(line) }
            sections.append(section)
        }
        for list in configuration.userLists {
            let name = context.isOfText ? list.name : PrintContext.sectionName(list.name)
            var section = SectionText("userlist", Word(name), in: context)
            section.add(list)
            sections.append(section)
        }
        for peers in configuration.peers {
            var section = SectionText("peers", Word(peers.name), in: context)
            section.add(peers)
            sections.append(section)
        }
        for (name, resolvers) in configuration.resolvers.sorted(by: { $0.key < $1.key }) {
            var section = SectionText("resolvers", Word(name), in: context)
            section.add(resolvers)
            sections.append(section)
        }
        var caches: [String: Cache] = [:]
        for backend in configuration.backends.values {
            if let cache = backend.cache?.cache { caches[cache.name] = cache }
        }
        for (name, cache) in caches.sorted(by: { $0.key < $1.key }) {
            var section = SectionText("cache", Word(name), in: context)
            section.add(cache)
            sections.append(section)
        }
        return sections + rings() + logProfiles()
    }

    private func logProfiles() -> [SectionText] {
        var profiles: [String: LogProfile] = [:]
        for logging in context.configuration.frontends.compactMap(\.logging) {
            for profiled in logging.profiled { profiles[profiled.profile.name] = profiled.profile }
        }
        return profiles.sorted { $0.key < $1.key }.map { name, profile in
            var section = SectionText("log-profile", Word(name), in: context)
            section.add(profile)
            return section
        }
    }

    private func rings() -> [SectionText] {
        var rings: [String: LogRing] = [:]
        let logs = context.configuration.frontends.compactMap(\.logging)
        let global = context.global.logging
        let targets = global.targets + global.profiled.map(\.target)
        for target in logs.reduce(targets, { $0 + $1.targets + $1.profiled.map(\.target) }) {
            // What a line makes of an address is no section.
            if case .ring(let ring) = target.address, ring.maxLength > 0 { rings[ring.name] = ring }
        }
        return rings.sorted { $0.key < $1.key }.map { name, ring in
            var section = SectionText("ring", Word(name), in: context)
            section.add(ring)
            return section
        }
    }
}

extension SectionText {
    /// Names lists and backends that samples ask for in the order of their numbers: who reads the text numbers them by their first line.
    fileprivate mutating func declare() {
        let lists = context.configuration.patterns.sorted { $0.value.id < $1.value.id }
        var next = 0
        for (name, list) in lists {
            // A number is said once, and only where it is another than the next one.
            var id: Int? = list.id == next ? nil : list.id
            for use in list.uses.sorted(by: { "\($0)" < "\($1)" }) {
                declare(name, id, use)
                if use.output == nil { id = nil }
            }
            next = list.id + 1
        }
        for name in context.configuration.frontends.first?.observedBackends ?? [] {
            guard let read = try? Expression(.ofBackend(BackendRead(.usableServers, of: name))) else {
                continue
            }
            add(["acl", "declared", word(read), "ge", "0"])
        }
    }

    private mutating func declare(_ name: PatternListName, _ id: Int?, _ use: PatternUse) {
        guard let text = try? Expression(.string([UInt8(ascii: "0")])) else { return }
        guard use.output == nil else {
            let lookup = MapLookup(name, use)
            guard let found = try? Expression(.string([UInt8(ascii: "0")]), [.map(lookup)]) else { return }
            return add(["acl", "declared", word(found), "-m", "found"])
        }
        let method = PatternReader.Method(.list(name, use))
        context.mention(name, use)
        add(
            ["acl", "declared", word(text), "-m", Word(method.rawValue)]
                + TestSpelling.flags(of: name, use, context)
                + (id.map { ["-u", "\($0)"] } ?? []) + ["-f", Word(name.description)])
    }
}
