import Model

/// Reads files line by line into sections. A line that is refused is reported and changes nothing; reading goes on, so that
/// one run finds everything.
struct SectionReader {
    private(set) var diagnostics: [Diagnostic] = []
    private(set) var global = GlobalSettings()
    /// Frontends, backends and listens in their order.
    private(set) var proxies: [Proxy] = []
    /// The same by name, so that none is looked for among all.
    private var named: [String: [NamedSection]] = [:]
    private(set) var caches: [CacheSection] = []
    private(set) var rings: [RingSection] = []
    private(set) var logProfiles: [LogProfileSection] = []
    private(set) var userLists: [UserListSection] = []
    private(set) var peers: [PeersSection] = []
    private(set) var resolvers: [ResolversSection] = []

    /// Which backends samples ask for, and where.
    private(set) var backendReads: [(read: BackendRead, place: SourceLocation)] = []
    private(set) var frontendReads: [(read: FrontendRead, place: SourceLocation)] = []

    private(set) var surroundings: Surroundings
    /// The open `.if`s.
    var blocks = ConditionalBlocks()
    private var section = Section.none
    private var sectionName = ""
    /// The latest `defaults`, which the next section begins with.
    private var latestDefaults: Proxy?
    private(set) var namedDefaults: [String: Proxy] = [:]
    /// What kind of section begins with each of those that has rules.
    private var heirs: [SourceLocation: SectionSet] = [:]
    /// Keywords without a meaning here, which are warned about once.
    private var ignored: Set<String> = []

    private enum Section {
        case none
        case global
        /// A section that is refused: its lines are not looked at.
        case refused
        case proxy(Proxy)
        case cache(CacheSection)
        case ring(RingSection)
        case peers(PeersSection)
        case certificateStore(CertificateStoreSection)
        case logProfile(LogProfileSection)
        case userList(UserListSection)
        case resolvers(ResolversSection)
        case pages(PageSection)
    }

    init(_ surroundings: Surroundings) {
        self.surroundings = surroundings
        self.surroundings.patterns = PatternFiles()
    }

    /// Reads a file to its end, where its last section ends too.
    mutating func read(_ file: ConfigurationFile) {
        var lines = LineSplitter(file.bytes)
        while let (number, bytes) = lines.next() {
            do {
                let words = try Lexer.words(of: bytes) { variable($0, file.name, number) }
                guard let first = words.first else { continue }
                if first.text.hasPrefix(".") {
                    readDotted(Line(file: file.name, number: number, words: words))
                    continue
                }
                guard blocks.areLinesTaken else { continue }
                read(Line(file: file.name, number: number, words: words))
            } catch {
                add(
                    .error, "Syntax", "\(error.reason.rawValue) at column \(error.column)",
                    SourceLocation(file: file.name, line: number))
            }
        }
        if let open = blocks.finish() { add(.error, "Syntax", "'.if': '.endif' is missing", open) }
        finishSection()
        section = .none
    }

    private func variable(_ name: String, _ file: String, _ number: Int) -> Lexer.Variable {
        switch name {
        case ".FILE": .value(file)
        case ".LINE": .value(String(number))
        case ".SECTION": .value(sectionName)
        case _ where name.hasPrefix("."): .unknown
        default: surroundings.environment[name].map { .value($0) } ?? .unset
        }
    }

    mutating func add(
        _ severity: Diagnostic.Severity, _ reason: String, _ message: String, _ place: SourceLocation
    ) {
        diagnostics.append(
            Diagnostic(
                severity, kind: "", object: Origin(namespace: "", name: sectionName), reason: reason,
                message: message, location: place))
    }

    private mutating func add(_ refusal: Refusal, _ reader: LineReader) {
        let sentence: String
        if case .unknown(let word, _) = refusal, word.text == reader.subject {
            sentence = refusal.sentence + (sectionName.isEmpty ? "" : " (in '\(sectionName)')")
        } else {
            sentence =
                "'\(reader.subject)': \(reader.isSecret ? refusal.sentenceWithoutWords : refusal.sentence)"
        }
        add(
            .error, refusal.reason, sentence, reader.place
        )
    }

    private mutating func read(_ line: Line) {
        var reader = LineReader(line, global: global, surroundings: surroundings)
        do {
            if KnownKeywords.sections.contains(reader.subject) {
                try begin(&reader)
            } else {
                try readKeyword(&reader)
            }
            try reader.end()
        } catch {
            add(error, reader)
        }
        let place = SourceLocation(file: line.file, line: line.number)
        backendReads += surroundings.patterns.takeReads().map { ($0, place) }
        frontendReads += surroundings.patterns.takeFrontendReads().map { ($0, place) }
        for warning in reader.warnings { add(.warning, "Adjusted", "'\(reader.subject)': \(warning)", place) }
        for (keyword, why) in reader.ignored where ignored.insert(keyword).inserted {
            add(.warning, "NoEffect", "'\(keyword)' is accepted and has no effect here: \(why)", place)
        }
    }

    /// Whoever reads a line has its section alone meanwhile: with two holders each line would copy all there is of it.
    private mutating func readKeyword(_ reader: inout LineReader) throws(Refusal) {
        switch section {
        case .none:
            throw .conflict(
                "it stands before the first section (global, defaults, frontend, backend, listen)")
        case .refused: reader.skipRest()
        case .global: try GlobalLine.read(&reader, &global, &surroundings.environment)
        case .proxy(var proxy):
            section = .refused
            // What was read of a line before it was refused counts, as in HAProxy; nothing is served then anyway.
            defer { section = .proxy(proxy) }
            try ProxyLine.read(&reader, &proxy)
        case .cache(var cache):
            section = .refused
            defer { section = .cache(cache) }
            try CacheLine.read(&reader, &cache)
        case .ring(var ring):
            section = .refused
            defer { section = .ring(ring) }
            try RingLine.read(&reader, &ring)
        case .peers(var peers):
            section = .refused
            defer { section = .peers(peers) }
            try PeersLine.read(&reader, &peers)
        case .certificateStore(var store):
            section = .refused
            defer { section = .certificateStore(store) }
            try CertificateStoreLine.read(&reader, &store)
        case .resolvers(var resolvers):
            section = .refused
            defer { section = .resolvers(resolvers) }
            try ResolversLine.read(&reader, &resolvers)
        case .logProfile(var profile):
            section = .refused
            defer { section = .logProfile(profile) }
            try LogProfileLine.read(&reader, &profile)
        case .userList(var list):
            section = .refused
            defer { section = .userList(list) }
            try SectionReader.apply(DirectiveTable.userList, "user or group", &reader, &list)
        case .pages(var pages):
            section = .refused
            defer { section = .pages(pages) }
            try SectionReader.apply(DirectiveTable.pages, "errorfile", &reader, &pages)
        }
    }

    private static func apply<Target>(
        _ table: [String: Keyword<Target>], _ expected: String, _ reader: inout LineReader,
        _ target: inout Target
    ) throws(Refusal) {
        let word = try reader.take(expected)
        guard let keyword = table[word.text] else {
            throw .unknown(word, nearest: Suggestion.nearest(to: word.text, among: table.keys.sorted()))
        }
        try keyword.apply(&reader, &target)
    }

    // MARK: Sections

    private mutating func finishSection() {
        if case .cache(let cache) = section { caches.append(cache) }
        if case .ring(let ring) = section { rings.append(ring) }
        if case .peers(let section) = section { peers.append(section) }
        if case .certificateStore(let store) = section { enter(store) }
        if case .logProfile(let profile) = section { logProfiles.append(profile) }
        if case .userList(let list) = section { userLists.append(list) }
        if case .resolvers(let resolvers) = section { self.resolvers.append(resolvers) }
        if case .pages(let pages) = section { surroundings.pages[pages.name] = pages.pages }
        guard case .proxy(let proxy) = section else { return }
        guard proxy.kind == .defaults else {
            named[proxy.name, default: []].append(NamedSection(kind: proxy.kind, line: proxy.line))
            return proxies.append(proxy)
        }
        latestDefaults = proxy
        if !proxy.name.isEmpty { namedDefaults[proxy.name] = proxy }
    }

    private mutating func begin(_ reader: inout LineReader) throws(Refusal) {
        finishSection()
        let word = reader.subject
        section = .refused
        sectionName = word
        reader.skip()
        switch word {
        case "global": section = .global
        case "defaults": try beginProxy(.defaults, &reader)
        case "frontend": try beginProxy(.frontend, &reader)
        case "backend": try beginProxy(.backend, &reader)
        case "listen": try beginProxy(.listen, &reader)
        case "cache": try beginCache(&reader)
        case "ring": try beginRing(&reader)
        case "log-profile": try beginLogProfile(&reader)
        case "userlist": try beginUserList(&reader)
        case "resolvers": try beginResolvers(&reader)
        case "http-errors": try beginPages(&reader)
        case "peers": try beginPeers(&reader)
        case "crt-store": try beginCertificateStore(&reader)
        case "program": throw .unsupported("program", instead: "start it by the system")
        default: throw .unsupported(word, instead: RefusedKeywords.reasons[word])
        }
    }

    private mutating func beginProxy(_ kind: SectionSet, _ reader: inout LineReader) throws(Refusal) {
        let name = try name(kind, &reader)
        let defaults = try parent(&reader)
        if let word = reader.next, kind != .defaults, word.text.contains(":") {
            throw .conflict("addresses stand in 'bind' lines")
        }
        let place = reader.place
        sectionName = name.isEmpty ? kind.word : "\(kind.word) \(name)"
        if kind != .defaults {
            let other = named[name]?.first { $0.clashes(with: kind) }
            try refuse(name, alreadyThatOf: other?.kind.word ?? "", at: other?.line)
        }
        // A section begins with what `defaults` said; `defaults` begins anew unless it says `from`.
        let base = kind == .defaults ? defaults : defaults ?? latestDefaults
        if let base, base.rules.isRuled { checkHeir(kind, of: base, at: place) }
        surroundings.section = name
        section = .proxy(
            base.map { Proxy(kind, name: name, line: place, from: $0) }
                ?? Proxy(kind, name: name, line: place))
    }

    /// Rules of `defaults` are for one side alone, so that it is plain when they are asked.
    private mutating func checkHeir(_ kind: SectionSet, of defaults: Proxy, at place: SourceLocation) {
        let known = heirs[defaults.line] ?? kind
        heirs[defaults.line] = known
        let flaw: String? =
            switch kind {
            case .defaults: "a defaults section can not begin with one that has rules"
            case .listen: "a listen section can not begin with a defaults section that has rules"
            case .backend where defaults.rules.judgesConnections:
                "a backend can not begin with a defaults section that has rules about connections"
            default:
                known == kind
                    ? nil : "a defaults section with rules is for frontends or for backends, not both"
            }
        guard let flaw else { return }
        add(
            .error, "Conflict", "\(flaw) ('\(defaults.name)' of \(defaults.line.file):\(defaults.line.line))",
            place)
    }

    private mutating func beginCache(_ reader: inout LineReader) throws(Refusal) {
        let name = try reader.take("a name").text
        sectionName = "cache \(name)"
        try refuse(name, alreadyThatOf: "cache", at: caches.first { $0.cache.name == name }?.line)
        section = .cache(CacheSection(name: name, line: reader.place))
    }

    private mutating func beginRing(_ reader: inout LineReader) throws(Refusal) {
        let name = try reader.take("a name").text
        sectionName = "ring \(name)"
        try refuse(name, alreadyThatOf: "ring", at: rings.first { $0.ring.name == name }?.line)
        section = .ring(RingSection(name: name, line: reader.place))
    }

    private mutating func beginLogProfile(_ reader: inout LineReader) throws(Refusal) {
        let name = try reader.take("a name").text
        sectionName = "log-profile \(name)"
        let other = logProfiles.first { $0.profile.name == name }
        try refuse(name, alreadyThatOf: "log-profile", at: other?.line)
        section = .logProfile(LogProfileSection(profile: LogProfile(name: name), line: reader.place))
    }

    private mutating func beginUserList(_ reader: inout LineReader) throws(Refusal) {
        let name = try reader.take("a name").text
        sectionName = "userlist \(name)"
        try refuse(name, alreadyThatOf: "userlist", at: userLists.first { $0.list.name == name }?.line)
        section = .userList(UserListSection(name: name, line: reader.place))
    }

    private mutating func beginPeers(_ reader: inout LineReader) throws(Refusal) {
        let name = try reader.take("a name").text
        sectionName = "peers \(name)"
        try refuse(name, alreadyThatOf: "peers", at: peers.first { $0.section.name == name }?.line)
        let local = surroundings.localPeer ?? global.localPeer ?? surroundings.hostName
        section = .peers(
            PeersSection(
                name: name, localName: local, line: reader.place, parameters: global.bindParameters))
    }

    private mutating func beginCertificateStore(_ reader: inout LineReader) throws(Refusal) {
        let name = reader.takeIfAny()
        if let name, !name.isName() {
            throw .invalid(name, expected: "a name of letters, digits, '-', '_', '.' and ':'")
        }
        sectionName = name.map { "crt-store \($0.text)" } ?? "crt-store"
        section = .certificateStore(CertificateStoreSection(name: name?.text ?? ""))
    }

    /// What follows may name its certificates. Several sections may have one name.
    private mutating func enter(_ store: CertificateStoreSection) {
        global.certificates.merge(store.certificates) { first, _ in first }
        surroundings.patterns.note { $0.certificateStores.append((store.name, store.lines)) }
    }

    private mutating func beginResolvers(_ reader: inout LineReader) throws(Refusal) {
        let name = try reader.take("a name").text
        sectionName = "resolvers \(name)"
        let other = resolvers.first { $0.resolvers.name == name }
        try refuse(name, alreadyThatOf: "resolvers section", at: other?.line)
        section = .resolvers(ResolversSection(name: name, line: reader.place))
    }

    private mutating func beginPages(_ reader: inout LineReader) throws(Refusal) {
        let name = try reader.take("a name").text
        sectionName = "http-errors \(name)"
        if surroundings.pages[name] != nil {
            throw .conflict("'\(name)' is the name of another http-errors section already")
        }
        section = .pages(PageSection(name: name, line: reader.place))
    }

    private func refuse(
        _ name: String, alreadyThatOf kind: String, at other: SourceLocation?
    ) throws(Refusal) {
        guard let other else { return }
        throw .conflict("'\(name)' is the name of the \(kind) of \(other.file):\(other.line) already")
    }

    private func name(_ kind: SectionSet, _ reader: inout LineReader) throws(Refusal) -> String {
        if kind == .defaults, reader.next == nil || reader.next?.text == "from" { return "" }
        let word = try reader.take("a name")
        guard word.isName() else {
            throw .invalid(word, expected: "a name of letters, digits, '-', '_', '.' and ':'")
        }
        return word.text
    }

    private func parent(_ reader: inout LineReader) throws(Refusal) -> Proxy? {
        guard reader.takes("from") else { return nil }
        let word = try reader.take("the name of a defaults section")
        guard let found = namedDefaults[word.text] else {
            let nearest = Suggestion.nearest(to: word.text, among: namedDefaults.keys.sorted())
            throw .conflict(
                "no defaults section is called '\(word.text)'"
                    + (nearest.map { "; did you mean '\($0)'?" } ?? ""))
        }
        return found
    }
}

/// A section that has a name.
private struct NamedSection {
    let kind: SectionSet
    let line: SourceLocation

    /// Whether another section may not be called so: a frontend and a backend may share a name.
    func clashes(with other: SectionSet) -> Bool { kind == other || kind == .listen || other == .listen }
}
