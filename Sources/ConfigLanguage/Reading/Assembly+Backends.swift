import Model

/// Backends that samples ask for: a line may name one that comes later.
extension Assembly {
    /// Those that are there, each once.
    var observedBackends: [BackendName] {
        var seen: Set<BackendName> = []
        return backendReads.map(\.read.backend).filter { seen.insert($0).inserted }
    }

    /// Names are looked up.
    mutating func checkBackendReads() {
        let known = proxies.filter { SectionSet.servers.contains($0.kind) }
        for (read, place) in backendReads {
            guard let proxy = known.first(where: { $0.name == read.backend.description }) else {
                let nearest = Suggestion.nearest(to: read.backend.description, among: known.map(\.name))
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
