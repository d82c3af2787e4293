import Model

/// A `resolvers` section while it is read.
struct ResolversSection: Sendable {
    /// Its settings.
    var resolvers: Resolvers
    /// Where it begins.
    let line: SourceLocation

    /// HAProxy's values where nothing is said.
    init(name: String, line: SourceLocation) {
        resolvers = Resolvers(name: name)
        self.line = line
    }
}

/// A keyword of a `resolvers` section.
typealias ResolversKeyword = Keyword<ResolversSection>

/// What a `server` line says of how its name becomes an address.
struct ServerResolutionDraft: Sendable {
    /// `resolvers`.
    var resolvers: Word?
    /// `resolve-prefer ipv4`.
    var prefersV4 = false
    /// `resolve-net`.
    var networks: [String] = []
    /// `resolve-opts`.
    var allowsDuplicates = false
    var ignoresWeight = false
    /// `init-addr`, in order.
    var beginnings: [Beginning] = [.last, .system]
    /// Whether it begins where a file of states says it was, if one does.
    var beginsWhereItWas = false

    /// Where the address comes from that a server begins with.
    enum Beginning: Sendable, Equatable {
        /// A file of states.
        case last
        /// This machine's way to resolve names.
        case system
        /// There is none at first.
        case none
        case address(String)
    }

    /// What it says about a name.
    func resolution(of name: String, port: UInt16) -> ServerResolution {
        var resolution = ServerResolution(of: name, port: port, by: resolvers?.text)
        resolution.prefersV4 = prefersV4
        resolution.networks = networks
        resolution.allowsDuplicates = allowsDuplicates
        resolution.ignoresWeight = ignoresWeight
        return resolution
    }
}
