import Basics
import Model
import Synchronization
import Wire

/// From a routed request to a connection it can be sent on: server, place, connection, and what follows when that fails.
extension Worker {
    /// Chooses a server; the request is answered 503 if there is none and waits if all are at their limit.
    func assignServer(_ exchange: Ref<Exchange>, avoiding avoided: Unmanaged<ServerState>? = nil) {
        guard let servers = exchange[].servers, let backend = exchange[].backend else { return }
        if let sticky = stickyServer(exchange, servers, avoiding: avoided) {
            return assign(exchange, to: sticky)
        }
        let balancer = Balancer(worker: index, now: clock.monotonic)
        let picked = servers._withUnsafeGuaranteedRef { set in
            balancer.pick(
                from: set, of: backend, hash: hash(of: exchange, for: set), avoiding: avoided,
                random: &random)
        }
        guard let picked else { return answer(exchange, status: 503, as: .noServer) }
        guard let chosen = takePlace(exchange, servers, picked) else { return enqueue(exchange) }
        assign(exchange, to: servers._withUnsafeGuaranteedRef { $0.servers[chosen] })
    }

    private func assign(_ exchange: Ref<Exchange>, to server: Unmanaged<ServerState>) {
        exchange[].server = server
        exchange[].serverPlace = server._withUnsafeGuaranteedRef { $0.perWorker.reference(index) }
        exchange[].assignedAt = clock.monotonic
        connect(exchange)
    }

    /// What of the request decides where it goes, if anything of it does.
    private func hash(of exchange: Ref<Exchange>, for set: ServerSet) -> UInt32? {
        guard case .hash = set.settings.algorithm else { return nil }
        let head = head(of: exchange)
        return RequestHash(algorithm: set.settings.algorithm, type: set.settings.hashType)
            .of(
                client: exchange[].client[].address, target: head[exchange[].request.target.indices],
                fields: exchange[].request.fields, in: head, keyName: set.keyName.view)
    }

    /// Counts the request in at the picked server, or at another one below its limit; nil if all are full.
    private func takePlace(_ exchange: Ref<Exchange>, _ servers: Unmanaged<ServerSet>, _ picked: Int) -> Int?
    {
        servers._withUnsafeGuaranteedRef { set in
            guard set.countsInFlight else { return picked }
            for i in 0..<set.servers.count {
                let candidate = (picked + i) % set.servers.count
                let limit = set.limit(of: candidate, now: clock.monotonic)
                if takePlace(exchange, at: set.servers[candidate], limit: limit, of: set) { return candidate }
            }
            return nil
        }
    }

    /// Counts the request in at a server, where anyone needs to know; false if that is at its limit (0: none).
    func takePlace(
        _ exchange: Ref<Exchange>, at server: Unmanaged<ServerState>, limit: Int, of set: ServerSet
    ) -> Bool {
        guard set.countsInFlight else { return true }
        let isTaken = server._withUnsafeGuaranteedRef { server in
            let before = server.inFlight.wrappingAdd(1, ordering: .acquiringAndReleasing).oldValue
            if limit == 0 || before < limit { return true }
            server.inFlight.wrappingSubtract(1, ordering: .acquiringAndReleasing)
            return false
        }
        guard isTaken else { return false }
        exchange[].countsInFlight = true
        if set.bound.factor > 0 {
            exchange[].backend?._withUnsafeGuaranteedRef {
                _ = $0.inFlight.wrappingAdd(1, ordering: .relaxed)
            }
        }
        return true
    }

    /// An idle connection where the reuse policy allows it, else a new one.
    private func connect(_ exchange: Ref<Exchange>) {
        guard let place = exchange[].serverPlace, let server = exchange[].server else { return }
        place[].requests.add()
        place[].active.add()
        if let idle = place[].idle, mayReuse(exchange) {
            takeFromPool(idle)
            return reuse(idle, for: exchange)
        }
        if place[].ownIdle != nil, let own = takeOwn(for: exchange, at: place) {
            return reuse(own, for: exchange)
        }
        open(exchange, server, place)
    }

    private func reuse(_ idle: Ref<ServerConnection>, for exchange: Ref<Exchange>) {
        idle[].isReused = true
        idle[].exchange = exchange
        exchange[].serverConnection = idle
        exchange[].connectedAt = clock.monotonic
        exchange[].place?.traffic._withUnsafeGuaranteedRef { $0.counters.reuses.add() }
        sendRequest(exchange, on: idle)
    }

    /// HAProxy's `http-reuse`: with `safe`, the first request of a client takes an idle connection only if it could be
    /// repeated, should that connection turn out to be dead.
    private func mayReuse(_ exchange: Ref<Exchange>) -> Bool {
        guard exchange[].attempts == 0 || exchange[].isRedispatched else { return false }
        let reuse = exchange[].servers?._withUnsafeGuaranteedRef { $0.settings.reuse } ?? .never
        switch reuse {
        case .never: return false
        case .always: return true
        case .safe: return exchange[].client[].requests > 1 || isHarmless(exchange)
        }
    }

    private func open(
        _ exchange: Ref<Exchange>, _ server: Unmanaged<ServerState>, _ place: Ref<ServerState.Place>
    ) {
        let (address, isOwned) = server._withUnsafeGuaranteedRef { ($0.address, $0.proxyHeader != nil) }
        let descriptor = Socket.connect(to: address)
        exchange[].place?.traffic._withUnsafeGuaranteedRef { $0.counters.connects.add() }
        exchange[].phase = .connecting
        guard descriptor >= 0 else {
            if DescriptorReserve.isExhaustion(-descriptor) {
                pauseAccepting()
                return attemptFailed(exchange, .noDescriptor)
            }
            noteRefusal(by: place, of: exchange)
            return attemptFailed(exchange, .connect)
        }
        _ = server.retain()
        let connection = servers.insert(
            ServerConnection(transport: Transport(descriptor: descriptor), server: server, place: place))
        counters[].openServers.add()
        connection[].timer = timers.add(owner: Token.server(connection))
        connection[].exchange = exchange
        if isOwned { connection[].owner = exchange[].client }
        exchange[].serverConnection = connection
        setTimer(connection, timeouts(of: exchange).connect)
        guard loop.register(descriptor, token: Token.server(connection)) else {
            close(connection)
            return attemptFailed(exchange, .connect)
        }
    }

    func timeouts(of exchange: Ref<Exchange>) -> ServerTimeouts {
        exchange[].servers?._withUnsafeGuaranteedRef { $0.settings.timeouts } ?? ServerTimeouts()
    }

    /// The connection stands, or it does not.
    func connectionReady(_ connection: Ref<ServerConnection>) {
        guard let exchange = connection[].exchange else { return close(connection) }
        guard Socket.error(connection[].transport.descriptor) == 0 else { return connectFailed(connection) }
        exchange[].connectedAt = clock.monotonic
        guard connection[].owner == nil || announceClient(of: exchange, on: connection) else {
            return serverGone(exchange, wasReset: true)
        }
        sendRequest(exchange, on: connection)
    }

    /// A refused or timed-out attempt: others are preferred to this server for a second.
    func connectFailed(_ connection: Ref<ServerConnection>, isTimeout: Bool = false) {
        let exchange = connection[].exchange
        noteRefusal(by: connection[].place, of: exchange)
        close(connection)
        guard let exchange else { return }
        attemptFailed(exchange, .connect, isTimeout: isTimeout)
    }

    private func noteRefusal(by server: Ref<ServerState.Place>, of exchange: Ref<Exchange>?) {
        server[].suspectUntil = clock.monotonic &+ 1_000_000_000
        server[].connectErrors.add()
        exchange?[].place?.traffic._withUnsafeGuaranteedRef { $0.counters.connectErrors.add() }
    }

    /// Tries again as the policy says, or answers for the server.
    func attemptFailed(_ exchange: Ref<Exchange>, _ failure: RetryPolicy.Failure, isTimeout: Bool = false) {
        exchange[].serverConnection = nil
        exchange[].attempts += 1
        let (policy, count) = retryPolicy(of: exchange)
        let decision = policy.decide(
            failure, attempts: exchange[].attempts, servers: count, isHarmless: isHarmless(exchange))
        let failed = exchange[].server
        switch decision {
        case .again, .another:
            countRetry(exchange, isRedispatch: decision == .another)
            leaveServer(exchange)
            assignServer(exchange, avoiding: decision == .another ? failed : nil)
        case .pause(let milliseconds):
            countRetry(exchange, isRedispatch: false)
            exchange[].phase = .pausing
            setTimer(exchange[].client, milliseconds)
        case .giveUp:
            switch failure {
            case .noDescriptor: answer(exchange, status: 503, as: .noResource)
            case .connect: answer(exchange, status: 503, as: isTimeout ? .connectTimeout : .noServer)
            case .staleConnection, .reset, .noAnswer:
                answer(exchange, status: 502, as: .serverGoneInHead)
            }
        }
    }

    private func retryPolicy(of exchange: Ref<Exchange>) -> (RetryPolicy, Int) {
        exchange[].servers?._withUnsafeGuaranteedRef { set in
            let settings = set.settings
            let policy = RetryPolicy(
                retries: settings.retries, redispatches: settings.redispatch,
                connectTimeout: settings.timeouts.connect)
            return (policy, set.servers.count)
        } ?? (RetryPolicy(retries: 0, redispatches: false, connectTimeout: 0), 0)
    }

    private func countRetry(_ exchange: Ref<Exchange>, isRedispatch: Bool) {
        exchange[].retries += 1
        if isRedispatch { exchange[].isRedispatched = true }
        exchange[].place?.traffic._withUnsafeGuaranteedRef {
            $0.counters.retries.add()
            if isRedispatch { $0.counters.redispatches.add() }
        }
    }

    /// The same server again after its pause. The server may be gone by now: then as if it had failed elsewhere.
    func pauseEnded(_ exchange: Ref<Exchange>) {
        let place = exchange[].place
        leaveServer(exchange)
        // The newest servers, not the ones the request began with.
        if !exchange[].ownsReferences { exchange[].servers = place?[].servers }
        assignServer(exchange)
    }

    /// Whether the request could be sent a second time: all of it is still here, and by its method or for lack of a body it
    /// does no harm.
    func isHarmless(_ exchange: Ref<Exchange>) -> Bool {
        guard exchange[].isReplayable else { return false }
        if exchange[].request.framing == .none { return true }
        return exchange[].requestBody.isComplete && exchange[].request.isIdempotent(in: head(of: exchange))
    }

    /// Gives the place at the server back and lets a waiting request have it. The server stays named for the log.
    func leaveServer(_ exchange: Ref<Exchange>) {
        guard let server = exchange[].server, let place = exchange[].serverPlace else { return }
        place[].active.subtract()
        exchange[].serverPlace = nil
        guard exchange[].countsInFlight else { return }
        exchange[].countsInFlight = false
        server._withUnsafeGuaranteedRef {
            _ = $0.inFlight.wrappingSubtract(1, ordering: .sequentiallyConsistent)
        }
        guard let backend = exchange[].backend, let servers = exchange[].servers else { return }
        if servers._withUnsafeGuaranteedRef({ $0.bound.factor }) > 0 {
            backend._withUnsafeGuaranteedRef { _ = $0.inFlight.wrappingSubtract(1, ordering: .relaxed) }
        }
        if servers._withUnsafeGuaranteedRef({ $0.hasLimits }) { placeFreed(at: backend) }
    }
}
