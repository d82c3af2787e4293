import Basics
import Model
import Synchronization
import Wire

/// From a routed request to a connection it can be sent on: server, place, connection, and what follows when that fails.
extension Worker {
    /// Chooses a server; the request is answered 503 if there is none and waits if it is at its limit. `turn` is the one
    /// the request had when it waited before.
    func assignServer(
        _ exchange: Ref<Exchange>, avoiding avoided: Unmanaged<ServerState>? = nil,
        turn: WaitingLines.Turn? = nil
    ) {
        guard let servers = exchange[].servers else { return }
        var sticky = stickyServer(exchange, servers, avoiding: avoided)
        if servers._withUnsafeGuaranteedRef({ !$0.serverRules.isEmpty }), avoided == nil,
            let ruled = ruledServer(exchange, servers)
        {
            sticky = ruled
        }
        if servers._withUnsafeGuaranteedRef({ $0.hasLimits }) {
            return findPlace(exchange, servers, sticky, avoiding: avoided, turn: turn)
        }
        if sticky != nil { countPinned(exchange, at: sticky) }
        guard let server = sticky ?? balance(exchange, servers, avoiding: avoided) else {
            return answer(exchange, status: 503, as: .noServer)
        }
        if servers._withUnsafeGuaranteedRef({ $0.countsInFlight }) {
            server._withUnsafeGuaranteedRef { _ = $0.takePlace(limit: 0) }
            countIn(exchange)
        }
        assign(exchange, to: server)
    }

    /// For a request that has waited for something: the servers of now, not those it began with, which may all be gone.
    func takeNewestServers(_ exchange: Ref<Exchange>) {
        exchange[].servers = newestServers(of: exchange)
    }

    /// What its backend has by now.
    func newestServers(of exchange: Ref<Exchange>) -> Unmanaged<ServerSet>? {
        guard !exchange[].ownsReferences, let place = exchange[].place else { return exchange[].servers }
        return place[].servers
    }

    private func balance(
        _ exchange: Ref<Exchange>, _ servers: Unmanaged<ServerSet>, avoiding avoided: Unmanaged<ServerState>?
    ) -> Unmanaged<ServerState>? {
        servers._withUnsafeGuaranteedRef { set in
            pick(exchange, set, hash(of: exchange, for: set), avoiding: avoided).map { set.servers[$0] }
        }
    }

    /// What the backend's algorithm says.
    func pick(
        _ exchange: Ref<Exchange>, _ set: ServerSet, _ hash: UInt32?,
        avoiding avoided: Unmanaged<ServerState>?
    ) -> Int? {
        guard let backend = exchange[].backend else { return nil }
        return Balancer(worker: index, now: clock.monotonic)
            .pick(from: set, of: backend, hash: hash, avoiding: avoided, random: &random)
    }

    /// The request has a place at a server from now on, where anyone needs to know.
    func countIn(_ exchange: Ref<Exchange>) {
        exchange[].countsInFlight = true
        guard let servers = exchange[].servers, let backend = exchange[].backend,
            servers._withUnsafeGuaranteedRef({ $0.bound.factor }) > 0
        else { return }
        backend._withUnsafeGuaranteedRef { _ = $0.inFlight.wrappingAdd(1, ordering: .relaxed) }
    }

    func assign(_ exchange: Ref<Exchange>, to server: Unmanaged<ServerState>) {
        if exchange[].ownsReferences, !exchange[].holdsServers {
            _ = server.retain()
            exchange[].server?.release()
        }
        exchange[].server = server
        exchange[].serverPlace = server._withUnsafeGuaranteedRef { $0.perWorker.reference(index) }
        exchange[].assignedAt = clock.monotonic
        if exchange[].looksAtAnswer, let servers = exchange[].servers,
            !servers._withUnsafeGuaranteedRef({
                enterCircuit(exchange, server, $0) && takes(exchange, server, $0)
            })
        {
            return
        }
        connect(exchange)
    }

    /// What of the request decides where it goes, if anything of it does.
    func hash(of exchange: Ref<Exchange>, for set: ServerSet) -> UInt32? {
        guard case .hash(let source) = set.settings.algorithm else { return nil }
        if source == .expression { return hash(of: exchange, bySampleFor: set) }
        if exchange[].isSession || exchange[].errand == .copy, !set.settings.algorithm.hashesSource {
            return nil
        }
        let head = head(of: exchange)
        return RequestHash(algorithm: set.settings.algorithm, type: set.settings.hashType)
            .of(
                client: exchange[].client[].address, target: head[exchange[].request.target.indices],
                fields: exchange[].request.fields, in: head, keyName: set.keyName.view,
                host: head[exchange[].request.host.indices],
                form: set.settings.algorithm.hashesParameter && isPost(exchange)
                    ? initialBody(of: exchange) : .empty)
    }

    private func hash(of exchange: Ref<Exchange>, bySampleFor set: ServerSet) -> UInt32? {
        guard set.keyExpressions.count > 0 else { return nil }
        return key(set.keyExpressions[0], of: exchange).map { KeyHash.hash($0, set.settings.hashType) }
    }

    /// An idle connection where the reuse policy allows it, else a new one.
    func connect(_ exchange: Ref<Exchange>) {
        guard let place = exchange[].serverPlace, let server = exchange[].server else { return }
        if place[].load.enter() { noteMost(at: place, of: server) }
        if let newest = place[].idle, mayReuse(exchange),
            let idle = place[].isNamed ? idleOne(for: exchange, from: newest) : newest
        {
            takeFromPool(idle)
            return reuse(idle, for: exchange)
        }
        if place[].ownIdle != nil, let own = takeOwn(for: exchange, at: place) {
            return reuse(own, for: exchange)
        }
        if server._withUnsafeGuaranteedRef({ $0.speaksHTTP2 }), isCarried(exchange, server, place) {
            return carry(exchange, server, place)
        }
        if let connection = dial(exchange, server, place) { wait(exchange, for: connection) }
    }

    private func reuse(_ idle: Ref<ServerConnection>, for exchange: Ref<Exchange>) {
        idle[].isReused = true
        idle[].exchange = exchange
        exchange[].serverConnection = idle
        exchange[].connectedAt = clock.monotonic
        exchange[].place?.traffic._withUnsafeGuaranteedRef { $0.counters.reuses.add() }
        if keepsStatistics { idle[].place.traffic._withUnsafeGuaranteedRef { $0.counters.reuses.add() } }
        sendRequest(exchange, on: idle)
    }

    /// HAProxy's `http-reuse`: with `safe`, the first request of a client takes an idle connection only if it could be
    /// repeated, should that connection turn out to be dead.
    private func mayReuse(_ exchange: Ref<Exchange>) -> Bool {
        guard exchange[].attempts == 0 || exchange[].isRedispatched, !exchange[].isSession else {
            return false
        }
        if exchange[].ruling != nil, marksServer(exchange) { return false }
        let reuse = exchange[].servers?._withUnsafeGuaranteedRef { $0.settings.reuse } ?? .never
        switch reuse {
        case .never: return false
        case .always: return true
        case .safe: return exchange[].client[].requests > 1 || isHarmless(exchange)
        }
    }

    /// Opens a connection; nil if that failed, and what follows for the exchange is under way.
    func dial(
        _ exchange: Ref<Exchange>, _ server: Unmanaged<ServerState>, _ place: Ref<ServerState.Place>
    ) -> Ref<ServerConnection>? {
        let keepsToOne = exchange[].servers?._withUnsafeGuaranteedRef { $0.settings.reuse } == .never
        let marks = exchange[].ruling?[].marks ?? PacketMarks()
        let keepsOwn = keepsToOne || !marks.isEmpty
        let (isOwned, isFastCGI) = server._withUnsafeGuaranteedRef {
            ($0.keepsToClients || keepsOwn && !$0.speaksHTTP2, $0.speaksFastCGI)
        }
        exchange[].phase = .connecting
        guard enterTLS(with: server) else {
            attemptFailed(exchange, .noDescriptor)
            return nil
        }
        let address = address(of: server, for: exchange)
        let origin = server._withUnsafeGuaranteedRef {
            $0.origin?.origin(for: exchange[].client[].address, to: address)
        }
        let descriptor = Socket.connect(to: address, tos: marks.tos, mark: marks.mark, from: origin)
        countAtBoth(exchange) { $0.connects.add() }
        guard descriptor >= 0 else {
            leaveTLS(with: server)
            if DescriptorReserve.isExhaustion(-descriptor) {
                pauseAccepting()
                attemptFailed(exchange, .noDescriptor)
                return nil
            }
            noteRefusal(by: place, of: exchange)
            attemptFailed(exchange, .connect)
            return nil
        }
        _ = server.retain()
        let connection = servers.insert(
            ServerConnection(transport: Transport(descriptor: descriptor), server: server, place: place))
        counters[].openServers.add()
        connection[].timer = timers.add(owner: Token.server(connection))
        if isOwned { connection[].owner = carrier(of: exchange[].client) }
        if isFastCGI { connection[].fastCGI = fastCGIAnswers.insert(FastCGIAnswer()) }
        let timeouts = timeouts(of: exchange)
        connection[].idleLifetime = max(1, min(timeouts.idle, Worker.longestIdle))
        setTimer(connection, timeouts.connect)
        guard loop.register(descriptor, token: Token.server(connection)) else {
            close(connection)
            attemptFailed(exchange, .connect)
            return nil
        }
        return connection
    }

    /// Where a connection goes.
    private func address(of server: Unmanaged<ServerState>, for exchange: Ref<Exchange>) -> SocketAddress {
        let (address, followsDestination) = server._withUnsafeGuaranteedRef {
            ($0.address, $0.followsDestination)
        }
        guard followsDestination else { return address }
        var destination = destination(of: exchange[].client)
        if address.port > 0 { destination.port = address.port }
        return destination
    }

    func timeouts(of exchange: Ref<Exchange>) -> ServerTimeouts {
        var timeouts =
            exchange[].servers?._withUnsafeGuaranteedRef { $0.settings.timeouts } ?? ServerTimeouts()
        guard let ruling = exchange[].ruling else { return timeouts }
        if ruling[].timeouts.server > 0 { timeouts.server = ruling[].timeouts.server }
        if ruling[].timeouts.tunnel > 0 { timeouts.tunnel = ruling[].timeouts.tunnel }
        return timeouts
    }

    /// The connection stands, or it does not.
    func connectionReady(_ connection: Ref<ServerConnection>) {
        endDialing(connection)
        guard let exchange = connection[].exchange else { return close(connection) }
        guard Socket.error(connection[].transport.descriptor) == 0 else { return connectFailed(connection) }
        exchange[].connectedAt = clock.monotonic
        noteTraffic(.connected, exchange)
        guard connection[].owner == nil || announceClient(of: exchange, on: connection) else {
            return serverGone(exchange, wasReset: true)
        }
        guard !connection[].server._withUnsafeGuaranteedRef({ $0.tls != nil }) else {
            return continueTLS(connection)
        }
        begin(exchange, on: connection)
    }

    /// What a new connection to a server is for.
    func begin(_ exchange: Ref<Exchange>, on connection: Ref<ServerConnection>) {
        if exchange[].isSession {
            startSession(exchange, on: connection)
        } else {
            sendRequest(exchange, on: connection)
        }
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
        noteTraffic(.connectFailed, exchange)
        exchange?[].place?.traffic._withUnsafeGuaranteedRef { $0.counters.connectErrors.add() }
    }

    /// Gives the place at the server back and lets a waiting request have it. The server stays named for the log.
    func leaveServer(_ exchange: Ref<Exchange>) {
        guard let server = exchange[].server, let place = exchange[].serverPlace else { return }
        place[].load.leave()
        exchange[].serverPlace = nil
        guard exchange[].countsInFlight else { return }
        exchange[].countsInFlight = false
        abandonProbe(exchange)
        server._withUnsafeGuaranteedRef {
            _ = $0.inFlight.wrappingSubtract(1, ordering: .sequentiallyConsistent)
        }
        guard let backend = exchange[].backend, let servers = exchange[].servers else { return }
        if servers._withUnsafeGuaranteedRef({ $0.bound.factor }) > 0 {
            backend._withUnsafeGuaranteedRef { _ = $0.inFlight.wrappingSubtract(1, ordering: .relaxed) }
        }
        placeFreed(at: server, of: backend)
    }
}
