import Basics
import Model
import Wire

/// TLS with servers: the handshake is a part of connecting, and fails as connecting does.
extension Worker {
    /// Goes on with the handshake of a connection that stands; sends the request when it is done.
    func continueTLS(_ connection: Ref<ServerConnection>) {
        guard let exchange = connection[].exchange else { return close(connection) }
        connection[].phase = .handshake
        if connection[].transport.tls == nil {
            // What is announced of the client goes first and is not encrypted.
            guard flush(connection) else { return connectFailed(connection) }
            guard connection[].output.isEmpty else { return }
            guard startTLS(connection, exchange) else { return connectFailed(connection) }
        }
        switch connection[].transport.tls?.handshake() {
        case .done: tlsIsReady(connection, exchange)
        case .wantRead, .wantWrite: break
        case .failed(let failure):
            noteHandshakeFailure(failure, exchange)
            connectFailed(connection)
        case nil: connectFailed(connection)
        }
    }

    /// Counts a connection that is to be opened, if it is to speak TLS; false if there may not be one more.
    func enterTLS(with server: Unmanaged<ServerState>) -> Bool {
        guard server._withUnsafeGuaranteedRef({ $0.tls != nil }) else { return true }
        guard !limits.limitsTLS || limits.enterTLS() else { return false }
        counters[].openServerTLS.add()
        return true
    }

    /// It is closed, or could not be opened.
    func leaveTLS(with server: Unmanaged<ServerState>) {
        guard server._withUnsafeGuaranteedRef({ $0.tls != nil }) else { return }
        if limits.limitsTLS { limits.leaveTLS() }
        counters[].openServerTLS.subtract()
    }

    func noteHandshakeFailure(_ failure: HandshakeFailure, _ exchange: Ref<Exchange>) {
        counters[].failedServerHandshakes[failure.ordinal].add()
        writeHandshakeLine(exchange, failure)
    }

    /// Begins a handshake for the sake of this request.
    func startTLS(_ connection: Ref<ServerConnection>, _ exchange: Ref<Exchange>) -> Bool {
        let place = connection[].place
        return connection[].server._withUnsafeGuaranteedRef { server in
            guard let tls = server.tls else { return false }
            let sessions =
                place[].sessions
                ?? TLSClientSessions(context: tls.context, nameWithoutSNI: tls.nameWithoutSNI)
            place[].sessions = sessions
            let name = tls.dependsOnRequest ? requestedName(of: exchange, at: tls) : tls.sentName.view
            guard
                let session = TLSSession(
                    resuming: sessions, fd: connection[].transport.descriptor, serverName: name,
                    offering: protocolOffered(to: server, place, for: exchange))
            else { return false }
            connection[].transport.tls = consume session
            return true
        }
    }

    private func tlsIsReady(_ connection: Ref<ServerConnection>, _ exchange: Ref<Exchange>) {
        noteHandshake(connection)
        if carriesFromNowOn(connection, exchange) { return }
        exchange[].connectedAt = clock.monotonic
        begin(exchange, on: connection)
    }

    func noteHandshake(_ connection: Ref<ServerConnection>) {
        counters[].serverHandshakes.add()
        if connection[].transport.tls?.isResumed == true { counters[].resumedServerHandshakes.add() }
        connection[].transport.canRead = true
        connection[].transport.canWrite = true
    }

    /// The name a server is told for this request. It is good until another sample is asked for.
    private func requestedName(of exchange: Ref<Exchange>, at tls: UpstreamTLS) -> ByteView {
        if tls.toldSample.count > 0 {
            guard case .string(let host) = sample(tls.toldSample[0], of: exchange) else { return .empty }
            return UpstreamTLS.serverName(forHost: host)
        }
        guard !exchange[].isSession else { return .empty }
        return UpstreamTLS.serverName(forHost: head(of: exchange)[exchange[].request.host.indices])
    }

    private func requestedName(of exchange: Ref<Exchange>, at server: Unmanaged<ServerState>) -> ByteView {
        server._withUnsafeGuaranteedRef { server in
            server.tls.map { requestedName(of: exchange, at: $0) } ?? .empty
        }
    }

    /// The most recently used idle connection whose server was told the name this request asks for.
    func idleOne(for exchange: Ref<Exchange>, from newest: Ref<ServerConnection>) -> Ref<ServerConnection>? {
        let name = requestedName(of: exchange, at: newest[].server)
        var candidate: Ref<ServerConnection>? = newest
        while let connection = candidate {
            if wasTold(connection, name) { return connection }
            candidate = connection[].next
        }
        return nil
    }

    /// Whether a client's own connection may carry this request.
    func mayCarry(_ exchange: Ref<Exchange>, _ connection: Ref<ServerConnection>) -> Bool {
        !connection[].place[].isNamed
            || wasTold(connection, requestedName(of: exchange, at: connection[].server))
    }

    /// Whether a connection's server has been told the name this request asks for, or will be.
    func isTold(_ carrier: Ref<Carrier>, asFor exchange: Ref<Exchange>) -> Bool {
        let server = carrier[].connection[].server
        let name = requestedName(of: exchange, at: server)
        if carrier[].connection[].transport.tls != nil { return wasTold(carrier[].connection, name) }
        guard let other = carrier[].firstWaiting?[].exchange else { return false }
        // The name is where the other one's will be.
        var copy = Buffer()
        headBuffers.lend(to: &copy)
        defer { headBuffers.takeBack(&copy) }
        copy.append(name)
        return requestedName(of: other, at: server).equalsIgnoringCase(copy.view)
    }

    private func wasTold(_ connection: Ref<ServerConnection>, _ name: ByteView) -> Bool {
        connection[].transport.tls?.wasTold(name) ?? false
    }

    /// Whether nothing has come on a connection that is not in use. What TLS itself says there, a session to resume, is
    /// nothing.
    func isQuiet(_ connection: Ref<ServerConnection>) -> Bool {
        guard connection[].transport.canRead else { return true }
        guard connection[].transport.tls != nil, !connection[].transport.peerHasClosed else { return false }
        scratch.reset()
        return connection[].transport.read(into: &scratch, most: 1) == .wouldBlock
    }
}
