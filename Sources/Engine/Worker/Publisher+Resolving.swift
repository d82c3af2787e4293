import Model
import Synchronization
import Wire

/// Servers whose addresses name servers say: what is configured, with the address and port that hold at the moment.
extension Publisher {
    /// Where a server is, and by which resolution.
    struct KnownPlacement {
        let server: ResolvedServer
        var placement: ServerPlacement
    }

    /// What resolution needs besides backends.
    struct Resolving {
        /// The sections there are.
        var sections: [String: Resolvers] = [:]
        /// What is known of servers, by name.
        var placements: [ServerReference: KnownPlacement] = [:]
        /// Backends that have servers to be found.
        var backends: Set<BackendName> = []
        /// Sections or servers are others than was told.
        var isChanged = false
        let orders = ResolverOrders()
        let reports = ResolverReports()
    }

    /// Whether anybody may have to be asked.
    var needsResolver: Bool { !resolving.sections.isEmpty }

    /// A configured backend with its servers where they are.
    func placed(_ backend: Backend, _ name: BackendName) -> Backend {
        guard !resolving.placements.isEmpty, backend.servers.contains(where: { $0.resolution != nil }) else {
            return backend
        }
        var placed = backend
        for i in placed.servers.indices {
            guard let server = ResolvedServer(placed.servers[i], of: name),
                let known = resolving.placements[server.reference], known.server == server
            else { continue }
            placed.servers[i].take(known.placement)
        }
        return placed
    }

    /// The host that a service's record names for a server; empty if there is none.
    func host(of server: Server, in name: BackendName) -> String {
        resolving.placements[ServerReference(backend: name, server: server.name)]?.placement.host ?? ""
    }

    /// Remembers whether a backend, as it is published, has servers to be found.
    func noteResolution(of name: BackendName, _ backend: Backend?) {
        let isResolved = backend?.servers.contains { $0.resolution?.resolvers != nil } ?? false
        guard isResolved || resolving.backends.contains(name) else { return }
        if isResolved { resolving.backends.insert(name) } else { resolving.backends.remove(name) }
        resolving.isChanged = true
    }

    /// Takes over sections.
    func apply(_ sections: [String: Resolvers?]) {
        guard !sections.isEmpty else { return }
        for (name, section) in sections { resolving.sections[name] = section }
        resolving.isChanged = true
    }

    /// Tells who asks what there is to be asked, if that is news.
    func sendResolverOrders() {
        guard resolving.isChanged else { return }
        resolving.isChanged = false
        var servers: [(server: ResolvedServer, current: ServerPlacement)] = []
        var placements: [ServerReference: KnownPlacement] = [:]
        for name in resolving.backends.sorted(by: { $0.description < $1.description }) {
            for model in backends[name]?.model.servers ?? [] {
                guard let server = ResolvedServer(model, of: name) else { continue }
                let known = resolving.placements[server.reference].flatMap { $0.server == server ? $0 : nil }
                if let known { placements[server.reference] = known }
                let begins = ServerPlacement(address: SocketAddress(model.address, port: 0), port: model.port)
                servers.append((server, known?.placement ?? begins))
            }
        }
        resolving.placements = placements
        resolving.orders.mailbox.post(
            .follow(resolving.sections.values.sorted { $0.name < $1.name }, servers))
    }

    /// Takes in where servers are: new sets for their backends, and what to say about it.
    func adopt(
        _ placed: [(server: ResolvedServer, placement: ServerPlacement)], into adoption: inout Adoption
    ) -> [HealthNotice] {
        var notices: [HealthNotice] = []
        for (name, placed) in Dictionary(grouping: placed, by: \.server.reference.backend) {
            guard let published = backends[name] else { continue }
            let before = HealthCensus(published)
            var edited = published.model
            var moved: [(before: Server, after: Server, ServerPlacement)] = []
            for (server, placement) in placed {
                let place = edited.servers.firstIndex { $0.name == server.reference.server }
                guard let place, ResolvedServer(edited.servers[place], of: name) == server
                else { continue }
                resolving.placements[server.reference] = KnownPlacement(server: server, placement: placement)
                let model = edited.servers[place]
                edited.servers[place].take(placement)
                if edited.servers[place] != model { moved.append((model, edited.servers[place], placement)) }
            }
            guard !moved.isEmpty else { continue }
            move(moved.map { ($0.before, $0.after) }, of: name, to: edited, &adoption)
            guard let current = backends[name] else { continue }
            let after = HealthCensus(current)
            notices += moved.compactMap { self.notice($0, of: name, after) }
            if after.isEmpty, !before.isEmpty {
                notices.append(HealthNotice(.emergency, "backend \(name) has no server available!"))
            }
        }
        return notices + settleFollowers(into: &adoption, now: Clock.now())
    }

    /// Publishes servers at other places; what was said of them and what is known of their health goes with them.
    private func move(
        _ moved: [(before: Server, after: Server)], of name: BackendName, to edited: Backend,
        _ adoption: inout Adoption
    ) {
        let states = backends[name]?.servers ?? [:]
        for (before, after) in moved where !before.isWithoutAddress && !after.isWithoutAddress {
            let (old, new) = (before.asIdentity, after.asIdentity)
            guard old != new, let check = backends[name]?.checks.removeValue(forKey: old) else { continue }
            backends[name]?.checks[new] = check
            checkOrders.forgotten.append(check.server)
        }
        setBackend(name, edited, &adoption)
        for (before, after) in moved {
            let identity = after.asIdentity
            guard let old = states[before.asIdentity], let new = backends[name]?.servers[identity],
                old !== new
            else { continue }
            pass(on: old, to: new, of: name, identity, &adoption)
        }
        // The addresses are no news to who has said them.
        resolving.isChanged = false
        serverTLS.freeUnused()
    }

    private func notice(
        _ moved: (before: Server, after: Server, placement: ServerPlacement), of name: BackendName,
        _ census: HealthCensus
    ) -> HealthNotice? {
        let (before, after) = (moved.before, moved.after)
        let title = "\(after.isBackup ? "Backup " : "")Server \(name)/\(after.name)"
        let host = moved.placement.host.isEmpty ? after.resolution?.name ?? "" : moved.placement.host
        switch (before.isWithoutAddress, after.isWithoutAddress) {
        case (false, true):
            return HealthNotice(
                .alert,
                "\(title) is going DOWN for maintenance (\(moved.placement.reason.rawValue)). \(census.active) active and "
                    + "\(census.backup) backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue."
            )
        case (true, false):
            return HealthNotice(.notice, "\(title) ('\(host)') is UP/READY (resolves again).")
        case (false, false) where before.address != after.address:
            return HealthNotice(
                .notice, "\(name)/\(after.name) changed its IP from \(before.address) to \(after.address).")
        default: return nil
        }
    }
}

extension Server {
    /// Is where name servers say.
    fileprivate mutating func take(_ placement: ServerPlacement) {
        address = placement.address?.description(withPort: false) ?? ""
        port = placement.port
        if let weight = placement.weight { self.weight = weight }
    }
}
