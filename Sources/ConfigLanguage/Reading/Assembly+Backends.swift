import Model

/// Backends that samples ask for: a line may name one that comes later.
extension Assembly {
    /// Those that are there, each once.
    var observedBackends: [BackendName] {
        var seen: Set<BackendName> = []
        return backendReads.map(\.read.backend).filter { seen.insert($0).inserted }
    }

    /// The same of servers.
    var observedServers: [ServerReference] {
        var seen: Set<ServerReference> = []
        return backendReads.compactMap { entry in
            entry.read.server.map { ServerReference(backend: entry.read.backend, server: $0) }
        }.filter { seen.insert($0).inserted }
    }

    /// The frontends that samples ask for are looked up too.
    mutating func checkFrontendReads() {
        let known = proxies.filter { $0.kind == .frontend || $0.kind == .listen }.map(\.name)
        for (read, place) in frontendReads where !known.contains(read.frontend) {
            let nearest = Suggestion.nearest(to: read.frontend, among: known)
            add(
                .error, "UnknownFrontend",
                "'\(read.fact.rawValue)': no frontend is called '\(read.frontend)'"
                    + (nearest.map { "; did you mean '\($0)'?" } ?? ""), place)
        }
    }

    /// Names are looked up.
    mutating func checkBackendReads() {
        for (read, place) in backendReads {
            guard let proxy = section(ofBackend: read.backend.description) else {
                let known = proxies.filter { SectionSet.servers.contains($0.kind) }.map(\.name)
                let nearest = Suggestion.nearest(to: read.backend.description, among: known)
                add(
                    .error, "UnknownBackend",
                    "'\(read.fact.rawValue)': no backend is called '\(read.backend)'"
                        + (nearest.map { "; did you mean '\($0)'?" } ?? ""), place)
                continue
            }
            guard let name = read.server, !proxy.servers.contains(where: { $0.server.name == name }) else {
                continue
            }
            let nearest = Suggestion.nearest(to: name, among: proxy.servers.map(\.server.name))
            add(
                .error, "UnknownServer",
                "'\(read.fact.rawValue)': no server of \(proxy.title) is called '\(name)'"
                    + (nearest.map { "; did you mean '\($0)'?" } ?? ""), place)
        }
    }
}
