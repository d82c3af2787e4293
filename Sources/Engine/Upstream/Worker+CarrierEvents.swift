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
        setTimer(connection, connection[].idleLifetime)
        guard connection[].output.isEmpty else { return }
        bodyBuffers.takeBack(&connection[].output)
        if rest <= 0 { yieldTurn(connection) }
        let (isOver, isUnused) = carrier[].session._withUnsafeGuaranteedRef {
            ($0.isOver, $0.openStreams == 0)
        }
        if isOver || isUnused && !carrier[].isListed && carrier[].waitingCount == 0 { close(connection) }
    }

    /// Nothing was sent for long: without streams it is closed, else its server has to show that it lives.
    func carrierTimeout(_ connection: Ref<ServerConnection>) {
        guard let carrier = connection[].carrier else { return }
        let isDead = carrier[].session._withUnsafeGuaranteedRef { session in
            if session.openStreams == 0 || session.unansweredPings > 0 || isStopping { return true }
            session.ping()
            session.mark()
            return false
        }
        if isDead { close(connection) }
    }
}
