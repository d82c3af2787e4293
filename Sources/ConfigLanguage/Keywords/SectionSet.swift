/// The kinds of section that carry traffic, and the settings for them.
struct SectionSet: OptionSet, Sendable, Hashable {
    let rawValue: UInt8

    static let defaults = SectionSet(rawValue: 1)
    static let frontend = SectionSet(rawValue: 2)
    static let listen = SectionSet(rawValue: 4)
    static let backend = SectionSet(rawValue: 8)

    /// All sections that have clients.
    static let clients: SectionSet = [.frontend, .listen]
    /// All sections that have servers.
    static let servers: SectionSet = [.backend, .listen]

    /// The word of a single one.
    var word: String {
        switch self {
        case .defaults: "defaults"
        case .frontend: "frontend"
        case .listen: "listen"
        default: "backend"
        }
    }
}
