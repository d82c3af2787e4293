import Model

/// How the servers of a configuration were when another process ended, as far as files of states say it. What files say of others is
/// nobody's; whatever is wrong with them is a warning, and the servers begin as their lines say.
struct ServerStates {
    /// By server.
    private(set) var records: [ServerReference: ServerStateRecord] = [:]
    private(set) var diagnostics: [Diagnostic] = []
    private let global: GlobalSettings
    private let surroundings: Surroundings

    /// Reads what these sections want read; `ids` are their numbers.
    init(
        of proxies: [Proxy], ids: (Proxy) -> Int, _ global: GlobalSettings, _ surroundings: Surroundings
    ) {
        (self.global, self.surroundings) = (global, surroundings)
        let backends = proxies.filter {
            !$0.isDisabled && SectionSet.servers.contains($0.kind) && !$0.servers.isEmpty
        }
        readGlobal(for: backends.filter { $0.backend.stateSource == .global })
        for proxy in backends {
            guard case .local = proxy.backend.stateSource else { continue }
            readLocal(proxy, id: ids(proxy))
        }
    }

    // MARK: Files

    private mutating func readGlobal(for backends: [Proxy]) {
        guard !backends.isEmpty else { return }
        guard let file = global.serverStateFile else {
            for proxy in backends {
                warn(
                    "\(proxy.title): 'load-server-state-from-file global' without a 'server-state-file' in 'global'",
                    proxy.line)
            }
            return
        }
        let path = path(file)
        guard let states = read(path) else { return }
        var lines: [ServerReference: ServerStateFile.Line] = [:]
        for line in states.lines {
            let reference = ServerReference(backend: BackendName(line.backend), server: line.server)
            if lines[reference] == nil { lines[reference] = line }
        }
        for proxy in backends {
            for draft in proxy.servers {
                let reference = ServerReference(backend: BackendName(proxy.name), server: draft.server.name)
                if let line = lines[reference] { enter(line, draft, reference) }
            }
        }
    }

    private mutating func readLocal(_ proxy: Proxy, id: Int) {
        let path = path(proxy.stateFile ?? proxy.name)
        guard let states = read(path) else { return }
        var servers = Dictionary(proxy.servers.map { ($0.server.name, $0) }) { first, _ in first }
        var seen: Set<String> = []
        for line in states.lines where isAbout(proxy, id, line, path) && seen.insert(line.server).inserted {
            guard let draft = servers.removeValue(forKey: line.server) else {
                warn("\(proxy.title) has no server '\(line.server)'", at: line.number, of: path)
                continue
            }
            enter(line, draft, ServerReference(backend: BackendName(proxy.name), server: line.server))
        }
    }

    /// Whether a line is about a section: one of its name, or one that was renamed and had its number given.
    private mutating func isAbout(_ proxy: Proxy, _ id: Int, _ line: ServerStateFile.Line, _ path: String)
        -> Bool
    {
        guard line.backend != proxy.name else {
            if line.backendID != id {
                let sentence =
                    "'\(proxy.name)' has the number \(line.backendID) here, and \(id) in the configuration"
                warn(sentence, at: line.number, of: path)
            }
            return true
        }
        guard line.backendID == id else { return false }
        let outcome = line.hasGivenID ? "" : ": the line is passed over"
        warn(
            "the backend of number \(id) is '\(line.backend)' here, and '\(proxy.name)' in the configuration\(outcome)",
            at: line.number, of: path)
        return line.hasGivenID
    }

    private mutating func enter(
        _ line: ServerStateFile.Line, _ draft: ServerDraft, _ reference: ServerReference
    ) {
        var record = line.record
        if !draft.resolution.beginsWhereItWas { record.address = nil }
        records[reference] = record
    }

    private func path(_ name: String) -> String {
        guard !name.hasPrefix("/"), let base = global.serverStateBase, !base.isEmpty else { return name }
        return base.hasSuffix("/") ? base + name : "\(base)/\(name)"
    }

    /// A file's states. One that is not there yet is nothing to speak of: the first start has none.
    private mutating func read(_ path: String) -> ServerStateFile? {
        switch surroundings.read(path) {
        case .file(let bytes):
            let file = ServerStateFile(bytes)
            for problem in file.problems { warn(problem.sentence, at: problem.line, of: path) }
            return file
        case .folder:
            warn("this is a folder, and no file of states", at: 1, of: path)
            return nil
        case .unreadable(let why):
            if !why.hasSuffix("No such file or directory") { warn("\(why)", at: 1, of: path) }
            return nil
        }
    }

    private mutating func warn(_ sentence: String, at line: Int, of path: String) {
        warn(sentence, SourceLocation(file: path, line: line))
    }

    private mutating func warn(_ sentence: String, _ place: SourceLocation) {
        diagnostics.append(
            Diagnostic(
                .warning, kind: "", object: Origin(namespace: "", name: ""), reason: "ServerState",
                message: sentence, location: place))
    }
}
