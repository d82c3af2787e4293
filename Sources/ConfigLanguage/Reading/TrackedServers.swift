import Model

/// Who can be tracked: `track BACKEND/SERVER` looked up once everything has been read.
struct TrackedServers {
    private let proxies: [Proxy]

    init(_ proxies: [Proxy]) { self.proxies = proxies }

    /// What is wrong with whom a server tracks; nil if nothing is, or it tracks nobody.
    func problem(of draft: ServerDraft, in proxy: Proxy) -> String? {
        guard let first = draft.health.followed(from: proxy.name) else { return nil }
        guard !draft.health.isChecked, !draft.health.isAgentChecked else {
            return "'track' and checks of its own do not go together"
        }
        var next = first
        var seen: Set<ServerReference> = [
            ServerReference(backend: BackendName(proxy.name), server: draft.server.name)
        ]
        while true {
            guard seen.insert(next).inserted else { return "'track \(first)': the servers track each other" }
            guard let section = section(next.backend) else {
                return "'track \(first)': no backend is called '\(next.backend)'"
            }
            guard let server = section.servers.first(where: { $0.server.name == next.server }) else {
                return "'track \(first)': there is no server \(next)"
            }
            if section.check.http.drainsOn404 != proxy.check.http.drainsOn404 {
                return "'track \(first)': 'http-check disable-on-404' must stand in both sections or in none"
            }
            if server.health.isChecked || server.health.isAgentChecked { return nil }
            guard let further = server.health.followed(from: section.name) else {
                return "'track \(first)': \(next) has no check"
            }
            next = further
        }
    }

    private func section(_ name: BackendName) -> Proxy? {
        proxies.first { SectionSet.servers.contains($0.kind) && $0.name == name.description }
    }
}
