import Basics
import Wire

/// Sockets that carry HTTP/2 to servers: frames in, news to the exchanges, frames out once at the end of a round.
extension Worker {
    /// The connection stands, or it does not.
    func carrierConnected(_ connection: Ref<ServerConnection>) {
        guard Socket.error(connection[].transport.descriptor) == 0,
            let exchange = connection[].carrier?[].firstWaiting?[].exchange
        else { return close(connection) }
        noteTraffic(.connected, exchange)
        guard connection[].owner == nil || announceClient(of: exchange, on: connection) else {
            return close(connection)
        }
        guard !connection[].server._withUnsafeGuaranteedRef({ $0.tls != nil }) else {
            return continueCarrierTLS(connection)
        }
        connection[].phase = .carrying
        advanceCarrier(connection)
    }

    /// Reads what there is; a server that does not read is not read from.
    func advanceCarrier(_ connection: Ref<ServerConnection>) {
        pump(connection)
        if !frames.hasMemory { frames = Buffer(capacity: Sizes.read + 64) }
        var rest = Sizes.turn
        defer { if rest < Sizes.turn, let carrier = connection[].carrier { expectSign(carrier) } }
        while connection[].transport.canRead, connection[].output.isEmpty, let carrier = connection[].carrier
        {
            guard rest > 0 else { return yieldTurn(connection) }
            frames.reset()
            switch connection[].transport.read(into: &frames, most: Sizes.read) {
            case .bytes(let count):
                rest -= count
                receive(carrier)
            case .wouldBlock: break
            case .closed, .failed: return close(connection)
            }
        }
        connection[].carrier?[].session._withUnsafeGuaranteedRef { $0.mark() }
    }

    private func receive(_ carrier: Ref<Carrier>) {
        let connection = carrier[].connection
        let wasReady = carrier[].isReady
        while !frames.isEmpty, !connection[].transport.isClosed {
            let taken = carrier[].session._withUnsafeGuaranteedRef {
                $0.receive(frames.view, now: clock.monotonic)
            }
            frames.consume(taken)
            hear(carrier)
        }
        guard !connection[].transport.isClosed else { return }
        if carrier[].session._withUnsafeGuaranteedRef({ $0.goaway != nil }) { unlist(carrier) }
        guard carrier[].isReady else { return }
        if !wasReady {
            connection[].place[].takesTunnels = carrier[].session._withUnsafeGuaranteedRef {
                $0.peerAllowsExtendedConnect
            }
        }
        openStreams(of: carrier)
    }

    /// Tells the exchanges what the session has news of.
    func hear(_ carrier: Ref<Carrier>) {
        while let (stream, news) = carrier[].session._withUnsafeGuaranteedRef({ $0.next() }) {
            let connection = Ref<ServerConnection>(bits: stream[].owner)
            guard !connection[].transport.isClosed, let exchange = connection[].exchange else { continue }
            let client = exchange[].client
            streamEvent(exchange, connection, stream, news)
            resume(client)
        }
    }

    // MARK: Sending

    /// Sends for every session towards servers that was marked.
    func pumpCarriers() {
        while let session = http2ToServers?.takeMarked() {
            let owner = session._withUnsafeGuaranteedRef { $0.owner }
            if owner != 0 { pump(Ref<ServerConnection>(bits: owner)) }
            session.release()
        }
    }

    /// Sends what waits, as far as the socket takes it, and what its streams add meanwhile.
    private func pump(_ connection: Ref<ServerConnection>) {
        guard connection[].phase == .carrying, let carrier = connection[].carrier else { return }
        var rest = Sizes.turn
        while true {
            guard connection[].transport.flush(&connection[].output) else { return close(connection) }
            guard connection[].output.isEmpty, rest > 0 else { break }
            bodyBuffers.lend(to: &connection[].output)
            connection[].output.reset()
            carrier[].session._withUnsafeGuaranteedRef { $0.send(into: &connection[].output) }
            hear(carrier)
            guard !connection[].transport.isClosed else { return }
            guard !connection[].output.isEmpty else { break }
            rest -= connection[].output.count
        }
        if carrier[].idlePing == 0 { setTimer(connection, connection[].idleLifetime) }
        guard connection[].output.isEmpty else { return }
        bodyBuffers.takeBack(&connection[].output)
        if rest <= 0 { yieldTurn(connection) }
        let (isOver, isUnused) = carrier[].session._withUnsafeGuaranteedRef {
            ($0.isOver, $0.openStreams == 0)
        }
        if isOver || isUnused && !carrier[].isListed && carrier[].waitingCount == 0 { close(connection) }
    }

    // MARK: Signs of life

    /// The server was heard of, and is to be heard of again in time.
    private func expectSign(_ carrier: Ref<Carrier>) {
        guard carrier[].idlePing > 0, !carrier[].connection[].transport.isClosed else { return }
        let limit = limitOfQuiet(carrier)
        let next = carrier[].session._withUnsafeGuaranteedRef {
            $0.nextInterval(carrier[].idlePing, of: limit, now: clock.monotonic)
        }
        setTimer(carrier[].connection, next)
    }

    /// How long it may go on as it is: for ever while it carries something, else until nobody has used it for too long.
    private func limitOfQuiet(_ carrier: Ref<Carrier>) -> Int {
        let session = carrier[].session
        let isUnused = session._withUnsafeGuaranteedRef { $0.openStreams == 0 } && carrier[].waitingCount == 0
        if !carrier[].isQuiet { session._withUnsafeGuaranteedRef { $0.quietSince = clock.monotonic } }
        carrier[].isQuiet = isUnused
        return isUnused ? carrier[].connection[].idleLifetime : 0
    }

    /// Nothing was sent, or heard where that is asked for, for an interval: without streams it may be closed, else its server
    /// has to show that it lives.
    func carrierTimeout(_ connection: Ref<ServerConnection>) {
        guard let carrier = connection[].carrier else { return }
        let limit = limitOfQuiet(carrier)
        let isUnused = limit > 0
        let ping = carrier[].idlePing
        guard !isUnused || ping > 0 && !isStopping else { return close(connection) }
        let step = carrier[].session._withUnsafeGuaranteedRef {
            $0.endInterval(ping > 0 ? ping : connection[].idleLifetime, of: limit, now: clock.monotonic)
        }
        switch step {
        case .asked(let next):
            carrier[].session._withUnsafeGuaranteedRef { $0.mark() }
            setTimer(connection, next)
        case .over: close(connection)
        case .lost:
            publishFaults()
            close(connection)
        }
    }
}
