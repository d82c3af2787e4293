public import Model

/// A file of the configuration language and what is in it.
public struct ConfigurationFile: Sendable {
    /// Its path as the user gave it: what diagnostics name.
    public var name: String
    /// What is in it.
    public var bytes: [UInt8]

    /// A file from its parts.
    public init(name: String, bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
    }
}

/// What files of the configuration language say.
public struct ConfigurationText: Sendable {
    /// The configuration; not to be used if there are errors.
    public var configuration: Configuration
    /// What is about the process.
    public var global: GlobalSettings
    /// Where in other files what they say stands.
    public var sources = FileSources()
    /// How servers were before, as far as files say it.
    public var serverStates: [ServerReference: ServerStateRecord] = [:]
    /// What reads servers that come later.
    public var addedServers = AddedServers()
    /// The same of backends.
    public var addedBackends = AddedBackends()
    /// The same of lines of `crt-list`.
    public var addedCertificates = AddedCertificates()
    /// Everything that is wrong with the files, errors and warnings, in their order.
    public var diagnostics: [Diagnostic]

    /// Whether the configuration may be used.
    public var isUsable: Bool { !diagnostics.contains { $0.severity == .error } }

    /// Reads files one after another as if they were one, but that no line reaches from one to the next. Total: whatever is
    /// in them, the answer is a configuration or says why it is none.
    public static func read(_ files: [ConfigurationFile], _ surroundings: Surroundings) -> ConfigurationText {
        var reader = SectionReader(surroundings)
        for file in files { reader.read(file) }
        var global = reader.global
        let ringless = global.logging.enter(reader.rings)
        var assembly = Assembly(
            reader.proxies, caches: reader.caches, global: global.logging, rings: reader.rings)
        for line in ringless {
            assembly.add(.error, "UnknownRing", "no ring is called '\(line.ring.text)'", line.place)
        }
        assembly.peers = reader.peers
        assembly.logProfiles = reader.logProfiles
        assembly.fieldNames = global.fieldNames.all
        assembly.backendReads = reader.backendReads
        assembly.frontendReads = reader.frontendReads
        // HAProxy's runtime API has the first number.
        assembly.firstID = reader.global.runtimeSockets.isEmpty ? 1 : 2
        assembly.enter(reader.resolvers) { ResolversDirectives.system(surroundings) }
        var configuration = assembly.configuration()
        configuration.variables = reader.global.variables
        if let streams = reader.global.maxStreams {
            for i in configuration.frontends.indices { configuration.frontends[i].maxStreams = streams }
        }
        for i in configuration.frontends.indices {
            for bind in configuration.frontends[i].binds.indices
            where configuration.frontends[i].binds[bind].isTLS {
                configuration.frontends[i].binds[bind].offerRoom = reader.global.offerRoom
            }
        }
        assembly.enter(reader.userLists)
        configuration.userLists = assembly.result.userLists
        configuration.patterns = reader.surroundings.patterns.all
        var sources = reader.surroundings.patterns.sources
        for proxy in reader.proxies where !proxy.isDisabled {
            sources.binds[proxy.name, default: []] += proxy.binds.flatMap { draft in
                draft.places.map { _ in draft.certificateWords }
            }
        }
        for peers in reader.peers { sources.peerBinds[peers.section.name] = peers.bind.certificateWords }
        let states = ServerStates(
            of: reader.proxies, ids: { configuration.backends[BackendName($0.name)]?.place.id ?? 0 }, global,
            surroundings)
        return ConfigurationText(
            configuration: configuration, global: global, sources: sources, serverStates: states.records,
            addedServers: AddedServers(reader.proxies, global, reader.surroundings),
            addedBackends: AddedBackends(reader.namedDefaults, global, reader.caches),
            addedCertificates: AddedCertificates(reader.proxies, global, reader.surroundings),
            diagnostics: reader.diagnostics + assembly.diagnostics + states.diagnostics)
    }
}
