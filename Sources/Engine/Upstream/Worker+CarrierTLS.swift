import Basics
import Model
import Wire

/// TLS on connections that are to carry HTTP/2. Where the handshake decides, its answer turns one kind of connection into the
/// other, and is remembered: only requests that come before the first answer wait for one connection and may find that each
/// needs its own.
///
/// ```
///   agreed   a request opens            and the handshake chooses
///   nil, h2  a carrier                  h2: it carries    http/1.1: the first who waits takes it, the others dial
///   http/1.1 a connection of its own    http/1.1: used    h2: it becomes a carrier
/// ```
extension Worker {
    /// Whether a request goes over HTTP/2 unless a handshake decides otherwise.
    func isCarried(
        _ exchange: Ref<Exchange>, _ server: Unmanaged<ServerState>, _ place: Ref<ServerState.Place>
    ) -> Bool {
        guard !exchange[].isSession else { return false }
        return server._withUnsafeGuaranteedRef { server in
            if server.webSockets != .automatic, isWebSocket(exchange) { return server.webSockets == .http2 }
            if server.mustSpeakHTTP2 { return true }
            // What stands already is used whatever the newest handshake has chosen.
            guard place[].agreed != .http11 || place[].carriers != nil else { return false }
            return protocolOffered(to: server, place, for: exchange) == nil
        }
    }

    /// What alone a handshake offers for the sake of this request; nil for all that the server's settings name. Upgrades go over
    /// HTTP/1.1 but for WebSockets to servers that are known to take them over HTTP/2.
    func protocolOffered(
        to server: ServerState, _ place: Ref<ServerState.Place>, for exchange: Ref<Exchange>
    ) -> ApplicationProtocol? {
        guard exchange[].request.wantsUpgrade, !exchange[].isSession else { return nil }
        if server.webSockets != .automatic, isWebSocket(exchange) {
            return server.webSockets == .http2 ? .http2 : .http11
        }
        guard !server.mustSpeakHTTP2,
            let tls = server.tls, tls.offersHTTP2, tls.offersHTTP1
        else { return nil }
        return place[].takesTunnels && webSocketKey(of: exchange) != nil ? nil : .http11
    }

    private func isWebSocket(_ exchange: Ref<Exchange>) -> Bool {
        exchange[].request.wantsUpgrade && webSocketKey(of: exchange) != nil
    }

    /// Goes on with the handshake. Those who wait are the ones who may give up, so it has no timer.
    func continueCarrierTLS(_ connection: Ref<ServerConnection>) {
        guard let exchange = connection[].carrier?[].firstWaiting?[].exchange else {
            return close(connection)
        }
        connection[].phase = .handshake
        if connection[].transport.tls == nil {
            guard flush(connection) else { return close(connection) }
            guard connection[].output.isEmpty else { return }
            guard startTLS(connection, exchange) else { return close(connection) }
        }
        switch connection[].transport.tls?.handshake() {
        case .done: agreed(connection, exchange)
        case .wantRead, .wantWrite: break
        case .failed(let failure):
            noteHandshakeFailure(failure, exchange)
            close(connection)
        case nil: close(connection)
        }
    }

    private func agreed(_ connection: Ref<ServerConnection>, _ exchange: Ref<Exchange>) {
        noteHandshake(connection)
        let mustCarry = connection[].server._withUnsafeGuaranteedRef { $0.mustSpeakHTTP2 }
        if connection[].transport.tls?.applicationProtocol == .http2 {
            connection[].place[].agreed = .http2
            connection[].phase = .carrying
            return advanceCarrier(connection)
        }
        guard mustCarry else { return carryNothing(connection) }
        noteHandshakeFailure(.noSharedProtocol, exchange)
        close(connection)
    }

    /// The server has chosen HTTP/1.1: who waited first has the connection, the others open theirs.
    private func carryNothing(_ connection: Ref<ServerConnection>) {
        guard let carrier = connection[].carrier else { return }
        let (server, place) = (connection[].server, connection[].place)
        place[].agreed = .http11
        unlist(carrier)
        connection[].carrier = nil
        var isTaken = false
        while let exchange = leaveFirst(of: carrier) {
            let client = exchange[].client
            if isTaken {
                dial(exchange, server, place).map { wait(exchange, for: $0) }
            } else {
                isTaken = true
                exchange[].connectedAt = clock.monotonic
                assign(exchange, to: connection)
                beginAndRead(exchange, on: connection)
            }
            resume(client)
        }
        endCarrier(carrier)
        if !isTaken { close(connection) }
    }

    func assign(_ exchange: Ref<Exchange>, to connection: Ref<ServerConnection>) {
        connection[].exchange = exchange
        exchange[].serverConnection = connection
    }

    /// The answer may have come with the end of the handshake, if only that of who has nothing to do here.
    private func beginAndRead(_ exchange: Ref<Exchange>, on connection: Ref<ServerConnection>) {
        begin(exchange, on: connection)
        if connection[].phase == .active, connection[].transport.canRead, connection[].exchange == exchange {
            serverAdvance(exchange, connection)
        }
    }

    /// Makes a carrier of an exchange's own connection if its handshake has chosen HTTP/2; false if it has not.
    func carriesFromNowOn(_ connection: Ref<ServerConnection>, _ exchange: Ref<Exchange>) -> Bool {
        let isDecided = connection[].server._withUnsafeGuaranteedRef { $0.speaksHTTP2 }
        guard isDecided, !exchange[].isSession,
            connection[].transport.tls?.applicationProtocol == .http2
        else { return false }
        connection[].place[].agreed = .http2
        connection[].exchange = nil
        exchange[].serverConnection = nil
        guard let carrier = makeCarrier(connection, for: exchange) else { return true }
        connection[].phase = .carrying
        wait(exchange, for: carrier)
        advanceCarrier(connection)
        return true
    }
}
