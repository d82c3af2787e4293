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
    /// Everything that is wrong with the files, errors and warnings, in their order.
    public var diagnostics: [Diagnostic]

    /// Whether the configuration may be used.
    public var isUsable: Bool { !diagnostics.contains { $0.severity == .error } }

    /// Reads files one after another as if they were one, but that no line reaches from one to the next. Total: whatever is
    /// in them, the answer is a configuration or says why it is none.
    public static func read(_ files: [ConfigurationFile], _ surroundings: Surroundings) -> ConfigurationText {
        var reader = SectionReader(surroundings)
        for file in files { reader.read(file) }
        var assembly = Assembly(
            reader.proxies, caches: reader.caches, global: reader.global.logging, rings: reader.rings)
        assembly.refusedPeers = reader.refusedPeers
        assembly.backendReads = reader.backendReads
        // HAProxy's runtime API has the first number.
        assembly.firstID = reader.global.runtimeSockets.isEmpty ? 1 : 2
        var configuration = assembly.configuration()
        configuration.variables = reader.global.variables
        if let streams = reader.global.maxStreams {
            for i in configuration.frontends.indices { configuration.frontends[i].maxStreams = streams }
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
        return ConfigurationText(
            configuration: configuration, global: reader.global, sources: sources,
            diagnostics: reader.diagnostics + assembly.diagnostics)
    }
}
