import Basics
import Model
import Wire

/// Upgraded connections (RFC 9110 7.8) and TCP sessions: bytes both ways, each side's end passed on to the other.
extension Worker {
    /// The server has switched protocols; `headCount` bytes of the scratch are its head.
    func startTunnel(_ exchange: Ref<Exchange>, head: ByteView, headCount: Int) {
        let client = exchange[].client
        guard exchange[].request.wantsUpgrade, exchange[].isRequestSent, exchange[].errand == .none,
            let connection = exchange[].serverConnection
        else { return badAnswer(exchange) }
        if exchange[].sticking != nil { remember(exchange, answer: head) }
        if exchange[].looksAtAnswer { judgeTunnel(exchange, hasFailed: false) }
        var head = head
        if exchange[].asksAnswerRules, !passesAnswer(exchange, &head, nil) { return }
        exchange[].hasAnswered = true
        exchange[].status = 101
        exchange[].phase = .tunnel
        client[].phase = .tunnel
        guard passUpgrade(exchange, head) else { return badAnswer(exchange) }
        scratch.consume(headCount)
        exchange[].bytesOut &+= UInt64(headScratch.count &+ scratch.count)
        exchange[].headOut &+= UInt64(headScratch.count)
        guard headScratch.isEmpty || deliver(headScratch.view, to: client),
            scratch.isEmpty || deliver(scratch.view, to: client)
        else {
            return clientGone(client)
        }
        client[].input.consume(exchange[].initialBody)
        exchange[].initialBody = 0
        // What the client sent behind its request belongs to the new protocol.
        guard client[].input.isEmpty || deliver(client[].input.view, to: connection) else {
            return abort(client, .serverGoneInData)
        }
        client[].input.consume(client[].input.count)
        ownReferences(exchange)
        pumpTunnel(exchange)
    }

    private func passUpgrade(_ exchange: Ref<Exchange>, _ head: ByteView) -> Bool {
        guard let channel = exchange[].client[].transport.channel else {
            let isStream = exchange[].serverConnection?[].transport.isStream == true
            let fits = isStream ? writeAcceptedHead(exchange, head) : writeUpgradeHead(exchange, head)
            adjustNames(toClientOf: exchange)
            return fits
        }
        return openTunnel(exchange, on: channel, head: head)
    }

    private func writeUpgradeHead(_ exchange: Ref<Exchange>, _ head: ByteView) -> Bool {
        headScratch.reset()
        return headScratch.write { output in
            writeFields(exchange, head, to: &output)
            for i in 0..<exchange[].response.fields.count where exchange[].response.fields[i].name == .upgrade
            {
                let field = exchange[].response.fields[i]
                output.append("Upgrade: ")
                output.append(field.value(in: head))
                output.append("\r\n")
            }
            output.append("Connection: upgrade\r\n\r\n")
        }
    }

    /// Moves bytes both ways as far as they go now.
    func pumpTunnel(_ exchange: Ref<Exchange>) {
        let client = exchange[].client
        guard let connection = exchange[].serverConnection else { return }
        guard fromClient(exchange, connection), fromServer(exchange, connection) else { return }
        if client[].hasEnded, exchange[].serverHasEnded, client[].output.isEmpty, connection[].output.isEmpty
        {
            return abort(client, .normal)
        }
        setTunnelTimer(exchange, connection)
    }

    private func setTunnelTimer(_ exchange: Ref<Exchange>, _ connection: Ref<ServerConnection>) {
        let client = exchange[].client
        if exchange[].isThrottled, isHeldBack(exchange, nil) {
            setTimer(client, 0)
            return setTimer(connection, 0)
        }
        var limits = settings(of: client).timeouts
        limits.client = patience(with: client)
        let timer = TunnelTimer(
            client: limits, server: timeouts(of: exchange),
            TunnelTimer.State(
                isHalfClosed: client[].hasEnded || exchange[].serverHasEnded,
                clientIsFull: client[].isBlocked, serverIsFull: !connection[].output.isEmpty))
        setTimer(client, timer.side == .client ? timer.limit : 0)
        setTimer(connection, timer.side == .server ? timer.limit : 0)
    }

    /// False when the tunnel is over.
    private func fromClient(_ exchange: Ref<Exchange>, _ connection: Ref<ServerConnection>) -> Bool {
        let client = exchange[].client
        while true {
            guard flush(connection) else { return serverTakesNoMore(exchange, connection) }
            guard connection[].output.isEmpty else { return true }
            if client[].hasEnded || !client[].transport.canRead { return true }
            if isTurnOver(connection) || exchange[].isThrottled && isHeldBack(exchange, .request) {
                return true
            }
            scratch.reset()
            switch client[].transport.read(into: &scratch, most: mostToPass(exchange, .request)) {
            case .bytes(let count):
                if exchange[].isThrottled { notePassed(count, exchange, .request) }
                exchange[].bytesIn &+= UInt64(count)
                moved &+= count
                guard deliver(scratch.view, to: connection) else {
                    return serverTakesNoMore(exchange, connection)
                }
                adaptReads(exchange, count, isTaken: connection[].output.isEmpty)
            case .wouldBlock: return true
            case .closed:
                client[].hasEnded = true
                connection[].transport.shutdownWrite()
            case .failed: return end(exchange, .clientGoneInData)
            }
        }
    }

    /// False when the tunnel is over.
    private func fromServer(_ exchange: Ref<Exchange>, _ connection: Ref<ServerConnection>) -> Bool {
        let client = exchange[].client
        if exchange[].asksAnswerRules, exchange[].isSession {
            guard let mayPass = hearsServer(exchange, connection) else { return false }
            if !mayPass { return true }
        }
        while !client[].isFull(), !exchange[].serverHasEnded, connection[].transport.canRead {
            if isTurnOver(connection) || exchange[].isThrottled && isHeldBack(exchange, .answer) {
                return true
            }
            scratch.reset()
            switch connection[].transport.read(into: &scratch, most: mostToPass(exchange, .answer)) {
            case .bytes(let count):
                if exchange[].isThrottled { notePassed(count, exchange, .answer) }
                if exchange[].looksAtAnswer { judgeTunnel(exchange, hasFailed: false) }
                exchange[].bytesOut &+= UInt64(count)
                moved &+= count
                guard deliver(scratch.view, to: client) else { return end(exchange, .clientGoneInData) }
                adaptReads(exchange, count, isTaken: client[].output.isEmpty)
            case .wouldBlock: return true
            case .closed:
                if exchange[].looksAtAnswer { judgeTunnel(exchange, hasFailed: !client[].hasEnded) }
                exchange[].serverHasEnded = true
                client[].transport.shutdownWrite()
            case .failed:
                if exchange[].looksAtAnswer { judgeTunnel(exchange, hasFailed: true) }
                return end(exchange, .serverGoneInData)
            }
        }
        return true
    }

    private func mostToPass(_ exchange: Ref<Exchange>, _ direction: BandwidthLimit.Direction) -> Int {
        var most = exchange[].readSize
        if direction == .answer, let channel = exchange[].client[].transport.channel {
            most = min(most, channel.room)
        }
        return exchange[].isThrottled ? min(most, max(1, allowance(exchange, direction))) : most
    }

    /// Reads more at once while it is taken at once.
    private func adaptReads(_ exchange: Ref<Exchange>, _ count: Int, isTaken: Bool) {
        if !isTaken {
            exchange[].readSize = Sizes.read
        } else if count == exchange[].readSize, bodyBuffers.lent < Sizes.manyLent {
            exchange[].readSize = min(2 * count, Sizes.largeRead)
        }
    }

    /// The server has gone while the client still sent. What it said before that is the client's.
    private func serverTakesNoMore(_ exchange: Ref<Exchange>, _ connection: Ref<ServerConnection>) -> Bool {
        let client = exchange[].client
        bodyBuffers.takeBack(&connection[].output)
        connection[].transport.peerHasClosed = true
        connection[].transport.canRead = true
        guard fromServer(exchange, connection) else { return false }
        guard !client[].output.isEmpty, !client[].transport.isStream else {
            return end(exchange, .serverGoneInData)
        }
        let patience = patience(with: client)
        finish(exchange, as: .serverGoneInData, keepsClient: false)
        setTimer(client, patience)
        return false
    }

    private func isTurnOver(_ connection: Ref<ServerConnection>) -> Bool {
        guard moved >= Sizes.turn else { return false }
        yieldTurn(connection)
        return true
    }

    private func end(_ exchange: Ref<Exchange>, _ termination: Termination) -> Bool {
        abort(exchange[].client, termination)
        return false
    }
}
