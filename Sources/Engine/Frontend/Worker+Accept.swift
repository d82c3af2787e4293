import Basics
import Model
import Wire

/// From a listener's event to a client's first bytes.
extension Worker {
    /// Takes one connection: the loop comes back for the next, so that one busy listener does not starve connections.
    func accept(_ index: Int) {
        let admission = admission(to: index)
        guard !admission.isEmpty else { return }
        if !acceptCounted(index, admission) {
            giveBack(
                admission, Int(listeners[index].frontend), index, isTLS: listeners[index].isTLS)
        }
    }

    /// Takes a connection that is counted in already; false if there is none.
    func acceptCounted(_ index: Int, _ admission: ConnectionLimits.Admission) -> Bool {
        guard listeners[index].isOpen else { return false }
        guard let (descriptor, from) = listeners[index].accept() else {
            if Listener.isExhausted { pauseAccepting() }
            return false
        }
        if reserve.contains(descriptor) { checkReserve(descriptor) }
        // It has no port; as HAProxy does, logs tell where it came in.
        var peer = from
        if peer.isLocal { peer.port = listeners[index].bind &+ 1 }
        counters[].accepted.add()
        counters[].openClients.add()
        published.clients[index].add()
        let client = clients.insert(
            ClientConnection(
                transport: Transport(descriptor: descriptor), address: peer,
                addressText: AddressText(peer), listener: UInt16(truncatingIfNeeded: index),
                frontend: listeners[index].frontend,
                isTLS: listeners[index].isTLS, traffic: traffic(ofListener: index)))
        client[].admission = admission
        let open = limits.open(at: Int(client[].frontend))
        traffic(of: client)._withUnsafeGuaranteedRef { traffic in
            traffic.arriving.connections.add()
            traffic.arriving.mostConnections.raise(to: UInt64(max(0, open)))
        }
        client[].timer = timers.add(owner: Token.client(client))
        link(client)
        setTimer(client, settings(of: client).timeouts.request)
        // Deferred accept: the first bytes are usually there already.
        client[].transport.canRead = true
        client[].transport.canWrite = true
        guard passesConnectionRules(client) else {
            limits.giveBack(
                admission, Int(client[].frontend), isTLS: client[].isTLS, session: true)
            close(client)
            return true
        }
        if client[].phase == .proxyHeader || expectsProxyHeader(index, from: peer) {
            client[].phase = .proxyHeader
        } else {
            guard beginStream(client) else {
                close(client)
                return true
            }
        }
        advance(client)
        guard !client[].transport.isClosed else { return true }
        if !loop.register(client[].transport.descriptor, token: Token.client(client)) {
            abort(client, .noResource)
        }
        return true
    }

    /// The limit may have been raised since it was read.
    private func checkReserve(_ descriptor: Int32) {
        reserve = DescriptorReserve()
        if reserve.contains(descriptor) { pauseAccepting() }
    }

    /// Short of descriptors: connections wait in the kernel until some are free.
    func pauseAccepting() {
        guard acceptsAgainAt == 0 else { return }
        acceptsAgainAt = clock.monotonic &+ 100_000_000
        for i in 0..<listeners.count where listeners[i].isOpen { loop.unregister(listeners[i].descriptor) }
    }

    /// Listens again, a tenth of a second after it had to pause, or later if nothing has got better.
    func resumeAccepting() {
        guard acceptsAgainAt > 0, clock.monotonic >= acceptsAgainAt else { return }
        let open = (0..<listeners.count).first { listeners[$0].isOpen }
        if let open, reserve.isInUse(copying: listeners[open].descriptor) {
            acceptsAgainAt = clock.monotonic &+ 100_000_000
            return
        }
        acceptsAgainAt = 0
        for i in 0..<listeners.count { listen(at: i) }
    }

    /// What a connection begins with, behind a PROXY header if there is one: TLS, a request or a session. False without
    /// memory.
    func beginStream(_ client: Ref<ClientConnection>) -> Bool {
        if !client[].isTLS, !passesSessionRules(client) { return false }
        guard looksForHello(client) else { return beginBehindHello(client) }
        awaitHello(client)
        return true
    }

    /// The same without a look at what comes first.
    func beginBehindHello(_ client: Ref<ClientConnection>) -> Bool {
        client[].phase = phaseBehindOpening(client)
        return client[].isTLS ? startTLS(client) : true
    }

    private func startTLS(_ client: Ref<ClientConnection>) -> Bool {
        let offersHTTP2 = versions(of: client) != .http1
        guard !limits.limitsTLS || limits.enterTLS() else { return false }
        guard let tls,
            let session = TLSSession(
                context: tls, fd: client[].transport.descriptor, offersHTTP2: offersHTTP2,
                settings: listeners[Int(client[].listener)].handshake)
        else {
            if limits.limitsTLS { limits.leaveTLS() }
            return false
        }
        client[].transport.tls = consume session
        client[].phase = .handshake
        return true
    }

    /// Goes on with the handshake; false while it is not done.
    func continueHandshake(_ client: Ref<ClientConnection>) -> Bool {
        switch client[].transport.tls?.handshake() {
        case .done:
            counters[].handshakes.add()
            if client[].transport.tls?.isResumed == true { counters[].resumedHandshakes.add() }
            guard noteCertificate(client) else {
                counters[].failedHandshakes.add()
                close(client)
                return false
            }
            guard passesSessionRules(client) else {
                close(client)
                return false
            }
            client[].phase = phaseBehindOpening(client)
            client[].transport.canRead = true
            client[].transport.canWrite = true
            return true
        case .wantRead, .wantWrite: return false
        case .failed(let failure):
            counters[].handshakeFailures[failure.ordinal].add()
            counters[].failedHandshakes.add()
            writeHandshakeLine(client, failure)
            close(client)
            return false
        case nil:
            close(client)
            return false
        }
    }

    func settings(
        of client: Ref<ClientConnection>
    ) -> (timeouts: ClientTimeouts, closes: Bool, limits: Bool, hasRules: Bool) {
        frontends[Int(client[].frontend)]._withUnsafeGuaranteedRef {
            ($0.timeouts, $0.closes, $0.limitsRequests, $0.hasRules)
        }
    }

    /// How long a client's silence is borne while it should send or take (ms): what a rule has said of its request, else what its
    /// frontend says.
    func patience(with client: Ref<ClientConnection>) -> Int {
        let said = client[].exchange?[].ruling?[].timeouts.client ?? 0
        return said > 0 ? said : settings(of: client).timeouts.client
    }

    /// How long a client that is to go may take to send, or to say it knows, in milliseconds: what it sent before it could know is
    /// answered, and the end of the process waits no longer than that for who is silent.
    static let farewell = 1_000

    func setTimer(_ client: Ref<ClientConnection>, _ milliseconds: Int) {
        timers.set(client[].timer, in: milliseconds, now: clock.monotonic)
    }

    func setTimer(_ server: Ref<ServerConnection>, _ milliseconds: Int) {
        timers.set(server[].timer, in: milliseconds, now: clock.monotonic)
    }

    func link(_ client: Ref<ClientConnection>) {
        client[].next = firstClient
        firstClient?[].previous = client
        firstClient = client
    }

    private func unlink(_ client: Ref<ClientConnection>) {
        if let previous = client[].previous {
            previous[].next = client[].next
        } else {
            firstClient = client[].next
        }
        client[].next?[].previous = client[].previous
    }

    /// Closes a client's connection that has no exchange.
    func close(_ client: Ref<ClientConnection>) {
        guard !client[].transport.isClosed else { return }
        guard endStreams(client) else { return }
        if client[].hasYielded { yieldedClients.removeAll { $0 == client } }
        if client[].transport.isStream {
            counters[].openStreams.subtract()
        } else if client[].isNobody {
            copies &-= 1
        } else {
            counters[].openClients.subtract()
            published.clients[Int(client[].listener)].subtract()
            dropDetails(client)
        }
        if limits.limitsTLS, client[].transport.tls != nil { limits.leaveTLS() }
        client[].transport.close()
        timers.remove(client[].timer)
        unlink(client)
        headBuffers.takeBack(&client[].input)
        bodyBuffers.takeBack(&client[].output)
        if !client[].admission.isEmpty {
            leave(client[].admission, Int(client[].frontend), Int(client[].listener))
        }
        clients.remove(client)
    }

    /// Ends whatever the client is doing.
    func abort(_ client: Ref<ClientConnection>, _ termination: Termination) {
        if client[].transport.isStream { return abortStream(client, termination) }
        if let exchange = client[].exchange { finish(exchange, as: termination, keepsClient: false) }
        close(client)
    }
}
