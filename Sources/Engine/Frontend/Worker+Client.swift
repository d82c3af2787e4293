import Basics
import Model
import Wire

/// A client's events: what was not written goes out, what arrived is understood.
extension Worker {
    func clientEvent(_ client: Ref<ClientConnection>, _ readiness: Readiness) {
        guard !client[].transport.isClosed else { return }
        client[].transport.note(readiness)
        if readiness.contains(.broken) { return clientGone(client) }
        advance(client)
    }

    /// Goes on with a client whose exchange may have ended in an event that was not its own.
    func resume(_ client: Ref<ClientConnection>) {
        if !client[].transport.isClosed, client[].phase == .request { readRequests(client) }
    }

    /// Does what can be done for a client now.
    func advance(_ client: Ref<ClientConnection>) {
        if client[].phase.isOpening, !open(client) { return }
        if client[].phase == .http2 { return advanceHTTP2(client) }
        if !client[].output.isEmpty {
            guard flush(client) else { return }
        }
        switch client[].phase {
        case .proxyHeader, .hello, .handshake, .session, .http2: break
        case .request: readRequests(client)
        case .exchange: advanceExchange(client)
        case .tunnel: if let exchange = client[].exchange { pumpTunnel(exchange) }
        case .lingering: if !client[].transport.isStream { discardInput(client) }
        }
    }

    /// Writes what waits; true when nothing waits any more and the client is still there.
    private func flush(_ client: Ref<ClientConnection>) -> Bool {
        guard client[].transport.flush(&client[].output) else {
            clientGone(client)
            return false
        }
        guard client[].output.isEmpty else {
            // Slow is not silent.
            if client[].phase != .tunnel { setTimer(client, patience(with: client)) }
            return false
        }
        bodyBuffers.takeBack(&client[].output)
        if let exchange = client[].exchange {
            outputDrained(exchange)
        } else if client[].closesAfterFlush {
            linger(client)
        }
        return !client[].transport.isClosed && client[].output.isEmpty
    }

    /// The connection broke, or the client has shut it while nothing can be answered.
    func clientGone(_ client: Ref<ClientConnection>) {
        guard let exchange = client[].exchange else { return close(client) }
        abort(client, exchange[].terminationIfClientLeaves)
    }

    /// Bytes given to a client; what its socket does not take waits in `output`. False when it is gone.
    func deliver(_ bytes: ByteView, to client: Ref<ClientConnection>) -> Bool {
        // A read may hold framing alone; a write of nothing would look like a full socket.
        guard !bytes.isEmpty else { return true }
        var rest = bytes
        if client[].output.isEmpty {
            switch client[].transport.write(bytes) {
            case .bytes(let count): rest = bytes[count..<bytes.count]
            case .wouldBlock: break
            case .closed, .failed: return false
            }
        }
        guard !rest.isEmpty else { return true }
        bodyBuffers.lend(to: &client[].output, atLeast: rest.count)
        if client[].output.room < rest.count { client[].output.compact() }
        return client[].output.append(rest)
    }

    /// Closes after the last answer so that the client can read it: our side first, then what it still sends is
    /// thrown away until it closes, a second has passed (RFC 9112 9.6), or it was too much.
    func linger(_ client: Ref<ClientConnection>, most: UInt64 = Sizes.lingering) {
        headBuffers.takeBack(&client[].input)
        if client[].transport.peerHasClosed { return close(client) }
        client[].phase = .lingering
        client[].transport.shutdownWrite()
        client[].mark = most
        setTimer(client, 1_000)
        discardInput(client)
    }

    private func discardInput(_ client: Ref<ClientConnection>) {
        var rest = Sizes.lingeringTurn
        while client[].transport.canRead {
            guard rest > 0, moved < Sizes.turn else { return yieldTurn(client) }
            scratch.reset()
            switch client[].transport.read(into: &scratch, most: Sizes.read) {
            case .bytes(let count):
                moved &+= count
                guard client[].mark >= UInt64(count) else { return close(client) }
                client[].mark &-= UInt64(count)
                rest -= count
            case .wouldBlock: return
            case .closed, .failed: return close(client)
            }
        }
    }

    /// Leaves what else a client sends at once for the next round: other connections have their turn before.
    func yieldTurn(_ client: Ref<ClientConnection>) {
        guard !client[].hasYielded else { return }
        client[].hasYielded = true
        yieldedClients.append(client)
    }

    /// Goes on with the clients that yielded in the last round.
    func resumeYieldedClients() {
        guard !yieldedClients.isEmpty else { return }
        let waiting = yieldedClients
        yieldedClients = []
        moved = 0
        var i = 0
        while i < waiting.count, moved < Sizes.turn {
            waiting[i][].hasYielded = false
            clientEvent(waiting[i], [])
            i &+= 1
        }
        guard i < waiting.count else { return }
        yieldedClients = waiting[i...].filter { !$0[].transport.isClosed } + yieldedClients
    }

    func clientTimeout(_ client: Ref<ClientConnection>) {
        guard !client[].transport.isClosed else { return }
        switch client[].phase {
        case .proxyHeader: refuse(client, .timeout)
        case .hello: helloTimeout(client)
        case .lingering where client[].transport.isStream: lingeringStreamTimeout(client)
        case .handshake, .session, .lingering: close(client)
        case .http2: http2Timeout(client)
        case .tunnel: abort(client, .clientStalled)
        case .exchange:
            if let exchange = client[].exchange { exchangeTimeout(exchange) }
            resume(client)
        case .request:
            // A connection that is kept alive is closed in silence; one that owes a request hears of it.
            if client[].exchange == nil, client[].requests > 0 || isDraining { return close(client) }
            guard client[].output.isEmpty else { return abort(client, .clientStalled) }
            counters[].requestTimeouts.add()
            let exchange = client[].exchange ?? beginExchange(client)
            countRequest(exchange)
            refuse(exchange, status: 408, as: .requestTimeout)
        }
    }
}
