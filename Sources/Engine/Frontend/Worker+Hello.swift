import Basics
import Model
import Wire

/// Connections whose first message says where they go: TLS that is passed through beside TLS that ends here.
///
/// The message is looked at where it is and stays there: whoever is chosen, our own TLS or a server, reads the connection from
/// its first byte. Only frontends with such routes pay for it, with one call of the system for each connection.
extension Worker {
    /// More than the message and its records' heads can be.
    private static var helloLimit: Int { ClientHello.limit + 5 * (ClientHello.recordLimit + 1) }

    /// Whether what comes first on a client's connection decides where it goes.
    func looksForHello(_ client: Ref<ClientConnection>) -> Bool {
        frontends[Int(client[].frontend)]._withUnsafeGuaranteedRef {
            $0.hello != nil && (client[].isTLS || $0.mode == .tcp) || $0.inspectsHello && !client[].isTLS
        }
    }

    /// Waits for the client's first message.
    func awaitHello(_ client: Ref<ClientConnection>) {
        client[].phase = .hello
        setTimer(client, settings(of: client).timeouts.hello)
    }

    /// Looks for the message; false while it is not whole, and when the connection has gone where it says. `isLate`: what has not come
    /// by now does not count.
    func readHello(_ client: Ref<ClientConnection>, isLate: Bool = false) -> Bool {
        guard client[].transport.canRead || isLate else { return false }
        if let details = client[].details, details[].question != 0 {
            details[].isLate = details[].isLate || isLate
            client[].transport.canRead = false
            return false
        }
        if let exchange = client[].exchange {
            readContent(exchange, isLate: isLate)
            return false
        }
        scratch.reset()
        switch client[].transport.peek(into: &scratch, most: Worker.helloLimit) {
        case .bytes: break
        case .wouldBlock:
            guard isLate else { return false }
        case .closed, .failed:
            close(client)
            return false
        }
        var hello = ClientHello()
        let progress = hello.parse(scratch.view, message: &headScratch)
        let isInspected = inspectsHello(of: client)
        if progress == .incomplete, !isInspected, !client[].transport.peerHasClosed {
            client[].transport.canRead = false
            return false
        }
        if progress == .complete, let route = route(of: hello, at: client) {
            beginSession(client, to: route, name: hello.serverName.map { headScratch.view[$0] } ?? .empty)
            return false
        }
        guard isInspected else { return passHello(client) }
        let isWhole = isLate || client[].transport.peerHasClosed || scratch.count >= Payload.most
        let source = SessionSource(
            worker: self, client: client, hello: progress == .complete ? hello : nil,
            message: headScratch.view, isHelloOpen: progress == .incomplete && !isWhole,
            received: scratch.view, isWhole: isWhole)
        if !judgeSession(client, source) { client[].transport.canRead = false }
        return false
    }

    /// Whether the rules of a client's frontend look at its first bytes; of TLS that ends here, once it stands.
    func inspectsHello(of client: Ref<ClientConnection>) -> Bool {
        frontends[Int(client[].frontend)]._withUnsafeGuaranteedRef {
            client[].isTLS ? $0.inspectsPayload && client[].transport.tls != nil : $0.inspectsHello
        }
    }

    /// The same where nothing comes first that could be looked at.
    func judgeSession(_ client: Ref<ClientConnection>) {
        let source = SessionSource(worker: self, client: client, hello: nil, message: .empty)
        guard !judgeSession(client, source) else { return }
        // It waits for a name.
        client[].phase = .hello
        setTimer(client, 0)
    }

    /// Gives a client to the server that the frontend's rules lead to, or refuses it; false if that can not be said yet. What it said
    /// first stands in `scratch` and `headScratch`.
    private func judgeSession(_ client: Ref<ClientConnection>, _ source: SessionSource) -> Bool {
        let gate = frontends[Int(client[].frontend)]._withUnsafeGuaranteedRef { $0.gate }
        let verdict = gate.map { judge(client, by: $0, source) } ?? .admitted
        guard verdict != .undecided else { return false }
        if verdict == .dropped { client[].transport.silence() }
        samples.reset()
        samples.lack = .nothing
        let route = frontends[Int(client[].frontend)]._withUnsafeGuaranteedRef {
            $0.switching?.route(for: source, naming: &composed, &samples)
        }
        noteOverruns()
        let isAdmitted = verdict == .admitted
        guard !isAdmitted || samples.lack != .missing else { return false }
        client[].transport.canRead = true
        let name = source.hello?.serverName.map { headScratch.view[$0] } ?? .empty
        beginSession(client, to: route ?? fallback(of: client), isAdmitted: isAdmitted, name: name)
        return true
    }

    private func route(of hello: ClientHello, at client: Ref<ClientConnection>) -> Unmanaged<CompiledRoute>? {
        let message = headScratch.view
        let name = hello.serverName.map { message[$0] } ?? .empty
        return frontends[Int(client[].frontend)]._withUnsafeGuaranteedRef {
            $0.hello?.route(name, offering: hello.protocols(in: message))
        }
    }

    /// What the message decides nothing about goes on as if nobody had looked; false if the connection has been closed.
    private func passHello(_ client: Ref<ClientConnection>) -> Bool {
        client[].transport.canRead = true
        setTimer(client, settings(of: client).timeouts.request)
        guard beginBehindHello(client) else {
            close(client)
            return false
        }
        return true
    }

    /// The message did not come in time. A client of mode tcp may be one that waits for its server to speak.
    func helloTimeout(_ client: Ref<ClientConnection>) {
        if client[].exchange != nil || inspectsHello(of: client) {
            _ = readHello(client, isLate: true)
            return
        }
        guard !client[].isTLS, passHello(client) else { return close(client) }
        advance(client)
    }
}
