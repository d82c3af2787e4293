public import Model

/// Makes the backends that operators add at run time: each begins as a `defaults` section says.
public struct AddedBackends: Sendable {
    private var defaults: [String: Proxy] = [:]
    private var global = GlobalLogging()
    private var caches: [CacheSection] = []
    /// How names of fields are adjusted.
    private var fieldNames: [String] = []

    /// What has become of the words.
    public enum Reading: Sendable, Equatable {
        case backend(Backend)
        /// Why not, as a sentence.
        case refused(String)
    }

    /// There are no sections to begin with.
    init() {}

    init(_ defaults: [String: Proxy], _ global: GlobalSettings, _ caches: [CacheSection]) {
        (self.defaults, self.global, self.caches) = (defaults, global.logging, caches)
        fieldNames = global.fieldNames.all
    }

    /// The backend of a name that begins with a `defaults` section; without a mode it has that one's.
    public func read(_ name: String, from section: String, mode: String?) -> Reading {
        guard let base = defaults[section] else { return .refused("Cannot find default proxy '\(section)'.") }
        var proxy = Proxy(.backend, name: name, line: SourceLocation(file: "CLI", line: 1), from: base)
        if let mode {
            guard let known = Mode(rawValue: mode) else { return .refused("Unknown proxy mode.") }
            proxy.mode = known
        } else if !base.saysMode {
            return .refused(
                "Mode is required as '\(section)' default proxy does not explicitly defines it.")
        }
        var assembly = Assembly([proxy], caches: caches, global: global)
        assembly.fieldNames = fieldNames
        var backend = assembly.backend(proxy)
        if let error = assembly.diagnostics.first(where: { $0.severity == .error }) {
            return .refused("Error during backend creation : \(error.message).")
        }
        backend.place.mode = proxy.mode
        return .backend(backend)
    }

    /// Where connections to servers of such a backend come from.
    func source(from section: String) -> ServerSource? { defaults[section]?.source }

    /// How they are checked.
    func check(from section: String) -> CheckDraft { defaults[section]?.check.asDefault ?? CheckDraft() }
}
