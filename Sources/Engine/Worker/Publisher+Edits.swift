import Model
import Synchronization
import Wire

/// What operators change of servers' configurations: it holds until the backend is published again, or all of it is given up.
extension Publisher {
    /// A server as it is configured, without what operators have changed.
    func configured(_ server: String, in name: BackendName) -> Server? {
        if let added = addedServers[ServerReference(backend: name, server: server)] { return added }
        return (configuredBackends[name] ?? backends[name]?.model)?.servers.first { $0.name == server }
    }

    /// A backend is as it is published: what operators have changed and added is gone.
    func forgetEdits(of name: BackendName) {
        configuredBackends[name] = nil
        if !addedServers.isEmpty { addedServers = addedServers.filter { $0.key.backend != name } }
    }

    /// Changes a server's configuration; false if there is no such server, or nothing that could be changed so.
    func change(
        _ server: String, of name: BackendName, _ edit: ServerEdit, into adoption: inout Adoption
    ) -> Bool {
        guard let (model, before) = self.server(server, of: name), let published = backends[name],
            let place = published.model.servers.firstIndex(of: model)
        else { return false }
        var edited = published.model
        guard edited.servers[place].take(edit, from: configured(server, in: name)) else { return false }
        let next = edited.servers[place]
        guard next != model else { return true }
        let (old, new) = (model.asIdentity, next.asIdentity)
        guard old == new || published.servers[new] == nil else { return false }
        if configuredBackends[name] == nil { configuredBackends[name] = published.model }
        // What checks knew of it goes on from there.
        if old != new, let check = backends[name]?.checks.removeValue(forKey: old) {
            backends[name]?.checks[new] = check
            checkOrders.forgotten.append(before)
        }
        setBackend(name, edited, &adoption)
        if let after = backends[name]?.servers[new], after !== before {
            pass(on: before, to: after, of: name, new, &adoption)
        }
        serverTLS.freeUnused()
        return true
    }

    /// What was known of a server is known of what it has become; what is counted begins anew.
    func pass(
        on before: ServerState, to after: ServerState, of name: BackendName, _ identity: Server,
        _ adoption: inout Adoption
    ) {
        let steering = before.steering.withLock { $0 }
        after.steering.withLock { $0 = steering }
        let availability = before.availability.withLock { $0 }
        after.availability.withLock { $0 = availability }
        let isUp = backends[name]?.checks[identity]?.condition.isUp ?? true
        if let effect = after.settle(isUp: isUp) { adoption.health.append(effect) }
        let takesRequests = after.isUp.load(ordering: .relaxed)
        after.availability.withLock { $0.note(isUp: takesRequests, now: Clock.now()) }
        renew(name, &adoption)
    }

    /// Gives up what operators have changed.
    func restoreConfigured(into adoption: inout Adoption) {
        let configured = configuredBackends
        configuredBackends = [:]
        addedServers = [:]
        for (name, backend) in configured where backends[name] != nil {
            setBackend(name, placed(backend, name), &adoption)
        }
        if !configured.isEmpty { serverTLS.freeUnused() }
    }
}

extension Server {
    /// Takes a change in; false if there is nothing to change. `configured` is what its line says.
    fileprivate mutating func take(_ edit: ServerEdit, from configured: Server?) -> Bool {
        switch edit {
        case .address(let address, let port): (self.address, self.port, isLocal) = (address, port, false)
        case .name(let name):
            guard self.resolution?.resolvers != nil, self.resolution?.isService == false else { return false }
            self.resolution?.name = name
        case .check(let address, let port):
            guard self.check?.probe != nil else { return false }
            if let address { self.check?.address = address }
            if let port { self.check?.port = port }
        case .agent(let address, let port, let greeting):
            guard self.check?.agent != nil else { return false }
            if let address { self.check?.agent?.address = address }
            if let port { self.check?.agent?.port = port }
            if let greeting { self.check?.agent?.greeting = greeting }
        case .tls(let isSpoken):
            guard let settings = configured?.tls else { return false }
            self.tls = isSpoken ? settings : nil
        }
        return true
    }
}
