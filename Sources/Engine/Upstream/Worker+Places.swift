import Basics
import Model
import Synchronization
import Wire

/// Places at servers that have limits: who gets one at once, who waits in which line, who is refused.
extension Worker {
    /// Where a request goes that has asked for a place.
    private enum Place {
        case server(Unmanaged<ServerState>)
        /// Into the line of this server.
        case line(Unmanaged<ServerState>)
        /// Into the line of those whom any server will do.
        case commonLine
        case lineIsFull
        case noServer
    }

    /// Gives the request a place, or one in a line. `sticky` is the server its cookie names.
    func findPlace(
        _ exchange: Ref<Exchange>, _ servers: Unmanaged<ServerSet>, _ sticky: Unmanaged<ServerState>?,
        avoiding avoided: Unmanaged<ServerState>?, turn: WaitingLines.Turn?
    ) {
        let place = servers._withUnsafeGuaranteedRef { set -> Place in
            if let sticky {
                let place = self.place(exchange, set, at: sticky)
                guard case .lineIsFull = place, set.settings.redispatch else {
                    if case .server = place { countPinned(exchange, at: sticky) }
                    return place
                }
                exchange[].cookie.isDirect = false
                exchange[].sticking?[].isDirect = false
            }
            return choosePlace(exchange, set, avoiding: avoided)
        }
        switch place {
        case .server(let server):
            countIn(exchange)
            assign(exchange, to: server)
        case .line(let server): enqueue(exchange, for: server, turn: turn)
        case .commonLine: enqueue(exchange, for: nil, turn: turn)
        case .lineIsFull: answer(exchange, status: 503, as: .queueIsFull)
        case .noServer: answer(exchange, status: 503, as: .noServer)
        }
    }

    /// Hashes lead to a server and to its line; those served in turn wait for any, behind those who do so already.
    private func choosePlace(
        _ exchange: Ref<Exchange>, _ set: ServerSet, avoiding avoided: Unmanaged<ServerState>?
    ) -> Place {
        guard let backend = exchange[].backend else { return .noServer }
        let hash = hash(of: exchange, for: set)
        guard let picked = pick(exchange, set, hash, avoiding: avoided) else { return .noServer }
        if hash != nil { return place(exchange, set, at: set.servers[picked]) }
        let waiting = backend._withUnsafeGuaranteedRef {
            $0.waitingForAny.load(ordering: .sequentiallyConsistent)
        }
        guard waiting == 0 else { return .commonLine }
        if case .server(let server) = place(exchange, set, at: set.servers[picked]) { return .server(server) }
        if set.settings.algorithm == .leastConnections, mayQueue(exchange, set, picked) {
            return .line(set.servers[picked])
        }
        // Somebody was faster: any other will do.
        for i in 1..<max(1, set.servers.count) {
            let other = set.servers[(picked + i) % set.servers.count]
            if case .server = place(exchange, set, at: other) { return .server(other) }
        }
        return .commonLine
    }

    /// `leastconn` lets requests wait for a server as far as its line is bounded.
    private func mayQueue(_ exchange: Ref<Exchange>, _ set: ServerSet, _ server: Int) -> Bool {
        guard let backend = exchange[].backend, set.limits[server].queue > 0 else { return false }
        return Choice(backend: backend, avoided: nil, worker: index, now: clock.monotonic).hasRoom(
            set, server)
    }

    /// A place at one server, or in its line.
    private func place(_ exchange: Ref<Exchange>, _ set: ServerSet, at server: Unmanaged<ServerState>)
        -> Place
    {
        let requests = exchange[].backend?._withUnsafeGuaranteedRef { $0.requests.load(ordering: .relaxed) }
        let found = set.limit(at: server, now: clock.monotonic, requests: requests ?? 0)
        guard let (limit, line) = found.map({ ($0.places, $0.line) }) else { return .noServer }
        return server._withUnsafeGuaranteedRef { state in
            let waiting = state.waiting.load(ordering: .sequentiallyConsistent)
            if waiting == 0 || limit == 0, state.takePlace(limit: limit) { return .server(server) }
            return line == 0 || waiting < line ? .line(server) : .lineIsFull
        }
    }
}
