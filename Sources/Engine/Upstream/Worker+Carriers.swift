import Basics
import Model
import Wire

/// Which connection carries an exchange to a server that speaks HTTP/2.
extension Worker {
    /// A stream of a connection that has room, or the wait for one of a connection that is being opened.
    func carry(
        _ exchange: Ref<Exchange>, _ server: Unmanaged<ServerState>, _ place: Ref<ServerState.Place>
    ) {
        let isOwned = server._withUnsafeGuaranteedRef { $0.keepsToClients }
        let newest = isOwned ? self.carrier(of: exchange[].client)[].details?[].carriers : place[].carriers
        guard
            let carrier = carrierWithRoom(from: newest, at: place, for: exchange)
                ?? openCarrier(for: exchange, server, place)
        else { return }
        wait(exchange, for: carrier)
    }

    /// The exchange has a stream as soon as there is one.
    func wait(_ exchange: Ref<Exchange>, for carrier: Ref<Carrier>) {
        let (server, place) = (carrier[].connection[].server, carrier[].connection[].place)
        _ = server.retain()
        let connection = servers.insert(
            ServerConnection(transport: Transport(), server: server, place: place))
        connection[].timer = timers.add(owner: Token.server(connection))
        connection[].exchange = exchange
        connection[].carrier = carrier
        exchange[].serverConnection = connection
        if carrier[].isReady { return openStream(connection) }
        exchange[].phase = .connecting
        join(connection, carrier)
        setTimer(connection, timeouts(of: exchange).connect)
    }

    private func carrierWithRoom(
        from newest: Ref<Carrier>?, at place: Ref<ServerState.Place>, for exchange: Ref<Exchange>
    ) -> Ref<Carrier>? {
        var candidate = newest
        while let carrier = candidate {
            if carrier[].hasRoom, carrier[].connection[].place == place,
                !place[].isNamed || isTold(carrier, asFor: exchange)
            {
                return carrier
            }
            candidate = carrier[].next
        }
        return nil
    }

    /// A new connection; nil if that failed, and the exchange has been told.
    private func openCarrier(
        for exchange: Ref<Exchange>, _ server: Unmanaged<ServerState>, _ place: Ref<ServerState.Place>
    ) -> Ref<Carrier>? {
        guard let connection = dial(exchange, server, place) else { return nil }
        return makeCarrier(connection, for: exchange)
    }

    /// The same of a connection that is there already.
    func makeCarrier(
        _ connection: Ref<ServerConnection>, for exchange: Ref<Exchange>
    ) -> Ref<Carrier>? {
        guard let http2ToServers, let session = HTTP2Session(http2ToServers) else {
            close(connection)
            attemptFailed(exchange, .connect)
            return nil
        }
        // Those who wait for it have timers.
        setTimer(connection, 0)
        session.owner = connection.bits
        let carrier = carriers.insert(Carrier(connection, Unmanaged.passRetained(session)))
        connection[].carrier = carrier
        list(carrier)
        return carrier
    }

    // MARK: Lists

    private func list(_ carrier: Ref<Carrier>) {
        carrier[].isListed = true
        let newest: Ref<Carrier>?
        if let owner = carrier[].connection[].owner {
            let details = detail(owner)
            newest = details[].carriers
            details[].carriers = carrier
        } else {
            let place = carrier[].connection[].place
            newest = place[].carriers
            place[].carriers = carrier
        }
        carrier[].next = newest
        newest?[].previous = carrier
    }

    /// It takes no more requests.
    func unlist(_ carrier: Ref<Carrier>) {
        guard carrier[].isListed else { return }
        carrier[].isListed = false
        if let previous = carrier[].previous {
            previous[].next = carrier[].next
        } else if let owner = carrier[].connection[].owner {
            owner[].details?[].carriers = carrier[].next
        } else {
            carrier[].connection[].place[].carriers = carrier[].next
        }
        carrier[].next?[].previous = carrier[].previous
        (carrier[].previous, carrier[].next) = (nil, nil)
    }

    private func join(_ connection: Ref<ServerConnection>, _ carrier: Ref<Carrier>) {
        connection[].previous = carrier[].lastWaiting
        if let last = carrier[].lastWaiting {
            last[].next = connection
        } else {
            carrier[].firstWaiting = connection
        }
        carrier[].lastWaiting = connection
        carrier[].waitingCount &+= 1
    }

    private func leave(_ connection: Ref<ServerConnection>, _ carrier: Ref<Carrier>) {
        if let previous = connection[].previous {
            previous[].next = connection[].next
        } else {
            carrier[].firstWaiting = connection[].next
        }
        if let next = connection[].next {
            next[].previous = connection[].previous
        } else {
            carrier[].lastWaiting = connection[].previous
        }
        (connection[].previous, connection[].next, connection[].carrier) = (nil, nil, nil)
        carrier[].waitingCount &-= 1
    }

    // MARK: Streams

    /// The connection becomes a stream.
    private func openStream(_ connection: Ref<ServerConnection>) {
        guard let exchange = connection[].exchange, let carrier = connection[].carrier else { return }
        connection[].carrier = nil
        guard carriedUpgrade(of: exchange, on: carrier[].session) != .refused else {
            return answer(exchange, status: 501, as: .answeredLocally)
        }
        connection[].isReused = carrier[].isUsed
        exchange[].connectedAt = clock.monotonic
        if carrier[].isUsed {
            countAtBoth(exchange) { $0.reuses.add() }
        }
        carrier[].isUsed = true
        carrier[].isQuiet = false
        sendRequest(exchange, on: connection, over: carrier[].session)
    }

    /// The server's settings are known: whoever waits has its stream, as far as there are any.
    func openStreams(of carrier: Ref<Carrier>) {
        while let connection = carrier[].firstWaiting, let exchange = connection[].exchange {
            let client = exchange[].client
            leave(connection, carrier)
            if carrier[].session._withUnsafeGuaranteedRef({ $0.roomForStreams > 0 }) {
                connection[].carrier = carrier
                openStream(connection)
            } else {
                close(connection)
                attemptFailed(exchange, .refused)
            }
            resume(client)
        }
    }

    // MARK: Ends

    /// What else ends with a connection: its wait for a stream, or all that it carries.
    func dropCarrier(of connection: Ref<ServerConnection>) {
        guard let carrier = connection[].carrier else { return }
        guard carrier[].connection == connection else {
            leave(connection, carrier)
            // Nobody waits for it any more.
            let isNobodys = carrier[].waitingCount == 0 && !carrier[].isReady
            if isNobodys, carrier[].connection[].carrier == carrier { close(carrier[].connection) }
            return
        }
        unlist(carrier)
        carrier[].session._withUnsafeGuaranteedRef { $0.close() }
        hear(carrier)
        while let waiting = carrier[].firstWaiting {
            let client = waiting[].exchange?[].client
            connectFailed(waiting)
            if let client { resume(client) }
        }
        connection[].carrier = nil
        endCarrier(carrier)
    }

    /// Gives back what nobody waits for and nothing travels on.
    func endCarrier(_ carrier: Ref<Carrier>) {
        carrier[].session._withUnsafeGuaranteedRef { $0.owner = 0 }
        carrier[].session.release()
        carriers.remove(carrier)
    }

    /// The first one who waits does so no longer.
    func leaveFirst(of carrier: Ref<Carrier>) -> Ref<Exchange>? {
        guard let waiting = carrier[].firstWaiting else { return nil }
        let exchange = waiting[].exchange
        leave(waiting, carrier)
        close(waiting)
        exchange?[].serverConnection = nil
        return exchange
    }

    /// A server that is gone: nothing new goes there, and what is under way is finished.
    func retireCarriers(at place: Ref<ServerState.Place>) {
        while let carrier = place[].carriers {
            unlist(carrier)
            carrier[].session._withUnsafeGuaranteedRef { $0.mark() }
        }
    }
}
