public import Model

/// Reads what operators say of servers that they add at run time, as behind `server` but without what `default-server` says.
public struct AddedServers: Sendable {
    private var sections: [String: CheckDraft] = [:]
    private var sources: [String: ServerSource] = [:]
    private var global = GlobalSettings()
    private var surroundings = Surroundings.nothing

    /// What has become of the words.
    public enum Reading: Sendable, Equatable {
        case server(Server)
        /// Why not, as a sentence.
        case refused(String)
    }

    /// There is nothing to add servers to.
    init() {}

    init(_ proxies: [Proxy], _ global: GlobalSettings, _ surroundings: Surroundings) {
        for proxy in proxies where SectionSet.servers.contains(proxy.kind) && !proxy.isDisabled {
            sections[proxy.name] = proxy.check
            sources[proxy.name] = proxy.source
        }
        (self.global, self.surroundings) = (global, surroundings)
    }

    /// A backend has been added that begins with a `defaults` section.
    public mutating func enter(_ backend: String, from section: String, of backends: AddedBackends) {
        sections[backend] = backends.check(from: section)
        sources[backend] = backends.source(from: section)
    }

    /// The server of a name that these words describe: an address and keywords.
    public func read(_ name: String, in backend: String, _ words: [String]) -> Reading {
        guard !words.isEmpty else {
            return .refused("'server' expects <name> and <addr>[:<port>] as arguments.")
        }
        if let character = name.first(where: { !Word(String($0)).isName() }) {
            return .refused("character '\(character)' is not permitted in server name '\(name)'.")
        }
        let line = Line(file: "CLI", number: 1, words: words.map { Word($0) })
        var reader = LineReader(line, global: global, surroundings: surroundings)
        do {
            let draft = try ServerDirectives.server(name, &reader, ServerDraft(), isAdded: true)
            return finished(draft, in: backend)
        } catch {
            return .refused(AddedServers.sentence(of: error))
        }
    }

    private func finished(_ draft: ServerDraft, in backend: String) -> Reading {
        let (check, section) = (draft.health, sections[backend] ?? CheckDraft())
        if check.isAgentChecked, check.agent.port == 0 {
            return .refused(
                "server \(draft.server.name) does not have agent port. Agent check has been disabled.")
        }
        if check.follows != nil, check.isChecked || check.isAgentChecked {
            return .refused("'track' and checks of its own do not go together.")
        }
        if section.connection?.speaksTLS == true, check.isChecked, check.ownTLS == nil {
            return .refused(
                "it is checked over TLS: say who signs its certificate by 'ca-file', or 'verify none'.")
        }
        var server = draft.server
        if case .binary(let fields) = server.sentProxyHeader {
            server.sentProxyHeader = .binary(fields.union(draft.proxyFields))
        }
        server.check = check.check(section, in: backend)
        server.source = SourceKeywords.settled(draft, in: sources[backend])
        return .server(server)
    }

    private static func sentence(of refusal: Refusal) -> String {
        switch refusal {
        case .unknown(let word, let nearest):
            "unknown keyword '\(word.text)'" + (nearest.map { "; did you mean '\($0)' maybe ?" } ?? ".")
        case .invalid(let word, let expected): "'\(word.text)': expected \(expected)."
        case .conflict(let sentence): sentence
        default: refusal.sentence + "."
        }
    }
}
