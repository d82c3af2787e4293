import Basics
import Model
import Wire

/// TCP sessions: exchanges without a head. A server is found for them as for a request, and then bytes go both ways as in
/// any tunnel.
///
/// ```
///   accept ─► (PROXY header) ─► (ClientHello) ─► (TLS) ─► beginSession ─► server, queue, retries ─► startSession ─► tunnel
/// ```
extension Worker {
    /// What a client does when nothing stands in front of it any more.
    func phaseBehindOpening(_ client: Ref<ClientConnection>) -> ClientConnection.Phase {
        let mode = frontends[Int(client[].frontend)]._withUnsafeGuaranteedRef { $0.mode }
        return mode == .tcp ? .session : .request
    }

    /// From the accept to what a connection is for; false while it is not there yet, or has begun there.
    func open(_ client: Ref<ClientConnection>) -> Bool {
        if client[].phase == .proxyHeader, !readProxyHeader(client) { return false }
        if client[].phase == .hello, !readHello(client) { return false }
        if client[].phase == .handshake {
            guard continueHandshake(client) else { return false }
            if client[].phase == .request, beginsWithHTTP2(client) {
                startHTTP2(client)
                return false
            }
        }
        guard client[].phase == .session else { return true }
        let isRuled = frontends[Int(client[].frontend)]._withUnsafeGuaranteedRef {
            $0.switching != nil || $0.gate != nil
        }
        if isRuled, client[].isTLS, inspectsHello(of: client) {
            awaitHello(client)
            return readHello(client)
        }
        if isRuled { judgeSession(client) } else { beginSession(client, to: fallback(of: client)) }
        return false
    }

    /// Finds a server for a client as it is; `name` is the host that its TLS asks somebody else for.
    func beginSession(
        _ client: Ref<ClientConnection>, to route: Unmanaged<CompiledRoute>?, isAdmitted: Bool = true,
        name: ByteView = .empty
    ) {
        let exchange = insertExchange(client)
        exchange[].isSession = true
        if let details = client[].details { takeEarly(exchange, from: details) }
        if !name.isEmpty, log.isOn { saveName(exchange, name) }
        exchange[].headAt = clock.monotonic
        client[].phase = .exchange
        client[].requests &+= 1
        counters[].sessions.add()
        timers.set(client[].timer, in: 0, now: clock.monotonic)
        if client[].details?[].tracked.isEmpty == false { exchange[].countsSomewhere = true }
        guard isAdmitted else {
            countDenied(exchange)
            return abort(client, .denied)
        }
        guard let route else { return abort(client, .noServer) }
        exchange[].route = route
        let backend = route._withUnsafeGuaranteedRef { $0.backend.map { Unmanaged.passUnretained($0) } }
        guard let backend else {
            let status = route._withUnsafeGuaranteedRef { $0.status }
            return abort(client, status >= 500 ? .noServer : .badRequest)
        }
        let place = backend._withUnsafeGuaranteedRef { $0.perWorker.reference(index) }
        exchange[].backend = backend
        exchange[].place = place
        if place[].load.enter() { noteMost(of: backend) }
        exchange[].servers = place[].servers
        if let gates = place[].servers._withUnsafeGuaranteedRef({ $0.gates }) {
            return enterContent(exchange, gates)
        }
        passSession(exchange, place[].servers)
    }

    /// Nothing stands between a session and its server any more.
    func passSession(_ exchange: Ref<Exchange>, _ servers: Unmanaged<ServerSet>) {
        exchange[].looksAtAnswer = servers._withUnsafeGuaranteedRef { $0.breaksCircuits }
        if servers._withUnsafeGuaranteedRef({ !$0.exceptions.isEmpty }) {
            judgePersistence(exchange, servers)
        }
        if servers._withUnsafeGuaranteedRef({ $0.countsRequests }) { countInBackend(exchange) }
        assignServer(exchange)
    }

    /// What rules have made of a connection before it had an exchange.
    private func takeEarly(_ exchange: Ref<Exchange>, from details: Ref<ClientDetails>) {
        takeThrottles(exchange, from: details)
        let isPlain = details[].priority == QueuePriority() && details[].marks.isEmpty
        if details[].early.size > 0 {
            let store = variables(of: exchange)
            swap(&store[], &details[].early)
            details[].early.end(variableBuffers)
        }
        guard !isPlain || details[].captures.size > 0 else { return }
        let ruling = ruling(of: exchange)
        (ruling[].priority, ruling[].marks) = (details[].priority, details[].marks)
        swap(&ruling[].captures, &details[].captures)
    }

    /// The connection to the server stands.
    func startSession(_ exchange: Ref<Exchange>, on connection: Ref<ServerConnection>) {
        if exchange[].sticking != nil { remember(exchange, answer: nil) }
        connection[].phase = .active
        exchange[].phase = .tunnel
        exchange[].isRequestSent = true
        exchange[].hasAnswered = true
        exchange[].client[].phase = .tunnel
        if exchange[].isProbe { noteSuccess(exchange) }
        ownReferences(exchange)
        exchange[].asksAnswerRules = asksServer(exchange)
        pumpTunnel(exchange)
    }
}
