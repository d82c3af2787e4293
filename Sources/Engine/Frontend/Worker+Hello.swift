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

    /// Looks for the message; false while it is not whole, and when the connection has gone where it says.
    func readHello(_ client: Ref<ClientConnection>) -> Bool {
        guard client[].transport.canRead else { return false }
        scratch.reset()
        switch client[].transport.peek(into: &scratch, most: Worker.helloLimit) {
        case .bytes: break
        case .wouldBlock: return false
        case .closed, .failed:
            close(client)
            return false
        }
        var hello = ClientHello()
        let progress = hello.parse(scratch.view, message: &headScratch)
        if progress == .incomplete, !client[].transport.peerHasClosed {
            client[].transport.canRead = false
            return false
        }
        if progress == .complete, let route = route(of: hello, at: client) {
            beginSession(client, to: route, name: hello.serverName.map { headScratch.view[$0] } ?? .empty)
            return false
        }
        guard inspectsHello(of: client) else { return passHello(client) }
        judgeSession(client, progress == .complete ? hello : nil)
        return false
    }

    private func inspectsHello(of client: Ref<ClientConnection>) -> Bool {
        !client[].isTLS && frontends[Int(client[].frontend)]._withUnsafeGuaranteedRef { $0.inspectsHello }
    }

    /// Gives a client to the server that the frontend's rules lead to, or refuses it. What it said first stands in
    /// `headScratch`.
    func judgeSession(_ client: Ref<ClientConnection>, _ hello: ClientHello? = nil) {
        client[].transport.canRead = true
        let source = SessionSource(worker: self, client: client, hello: hello, message: headScratch.view)
        let gate = frontends[Int(client[].frontend)]._withUnsafeGuaranteedRef { $0.gate }
        let verdict = gate.map { judge(client, by: $0, source) } ?? .admitted
        if verdict == .dropped { client[].transport.silence() }
        samples.reset()
        let route = frontends[Int(client[].frontend)]._withUnsafeGuaranteedRef {
            $0.switching?.route(for: source, naming: &composed, &samples)
        }
        noteOverruns()
        let isAdmitted = verdict == .admitted
        let name = hello?.serverName.map { headScratch.view[$0] } ?? .empty
        beginSession(client, to: route ?? fallback(of: client), isAdmitted: isAdmitted, name: name)
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
        if inspectsHello(of: client) { return judgeSession(client) }
        guard !client[].isTLS, passHello(client) else { return close(client) }
        advance(client)
    }
}
