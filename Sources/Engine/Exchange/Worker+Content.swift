import Basics
import Model
import Wire

/// Rules of backends about what is in connections of mode tcp: about what clients say first, and what servers do. Whoever speaks is
/// looked at where its bytes are, and they stay there.
///
/// ```
///   frontend's rules ─► backend ─► enterContent ─► server, queue, retries ─► startSession ─► hearsServer ─► tunnel
/// ```
extension Worker {
    /// Asks the rules of a session's backend, and lets it wait for what they want to see.
    func enterContent(_ exchange: Ref<Exchange>, _ gates: Unmanaged<BackendGates>) {
        let (isAsked, delay) = gates._withUnsafeGuaranteedRef { ($0.content != nil, $0.contentDelay) }
        guard isAsked else { return pass(exchange) }
        let client = exchange[].client
        client[].phase = .hello
        if let details = client[].details { details[].nextRule = 0 }
        setTimer(client, delay)
        readContent(exchange, isLate: delay == 0)
    }

    /// Asks them about what has come by now; `isLate`: what has not does not count.
    func readContent(_ exchange: Ref<Exchange>, isLate: Bool) {
        let client = exchange[].client
        guard let gates = exchange[].servers?._withUnsafeGuaranteedRef({ $0.gates }) else { return }
        let verdict = gates._withUnsafeGuaranteedRef { gates -> SessionVerdict in
            guard let gate = gates.content else { return .admitted }
            guard !gate.needs.isDisjoint(with: [.hello, .payload]) else {
                let source = SessionSource(worker: self, client: client, hello: nil, message: .empty)
                return judge(client, by: gate, source)
            }
            return judgeContent(client, gate, isLate: isLate)
        }
        switch verdict {
        case .admitted, .expectsProxy, .leftByServer:
            client[].phase = .exchange
            client[].transport.canRead = true
            setTimer(client, 0)
            pass(exchange)
        case .undecided: client[].transport.canRead = false
        case .refused, .dropped:
            if verdict == .dropped { client[].transport.silence() }
            countDenied(exchange)
            abort(client, .denied)
        }
    }

    /// What is found in the first bytes of a session that has no server yet.
    func payload(_ read: PayloadRead, of exchange: Ref<Exchange>) -> Sample? {
        guard exchange[].isSession, exchange[].serverConnection == nil else { return nil }
        scratch.reset()
        guard case .bytes = exchange[].client[].transport.peek(into: &scratch, most: Payload.most),
            case .bytes(let bytes, _) = Payload(read, in: scratch.view)
        else { return nil }
        return read == .length ? .integer(Int64(bytes.count)) : .binary(bytes)
    }

    /// The cookie that a session without a server begins with; good until more is looked at. Nil where there is no session.
    func desktopCookie(_ name: ByteView, of exchange: Ref<Exchange>) -> DesktopCookie? {
        guard exchange[].isSession, exchange[].serverConnection == nil else { return nil }
        scratch.reset()
        guard case .bytes = exchange[].client[].transport.peek(into: &scratch, most: Payload.most) else {
            return nil
        }
        return DesktopCookie(name, in: scratch.view)
    }

    private func judgeContent(
        _ client: Ref<ClientConnection>, _ gate: SessionGate, isLate: Bool
    ) -> SessionVerdict {
        scratch.reset()
        var isWhole = isLate
        switch client[].transport.peek(into: &scratch, most: Payload.most) {
        case .bytes, .wouldBlock: break
        case .closed, .failed: isWhole = true
        }
        isWhole = isWhole || client[].transport.peerHasClosed || scratch.count >= Payload.most
        var hello = ClientHello()
        let progress = hello.parse(scratch.view, message: &headScratch)
        let source = SessionSource(
            worker: self, client: client, hello: progress == .complete ? hello : nil,
            message: headScratch.view, isHelloOpen: progress == .incomplete && !isWhole,
            received: scratch.view, isWhole: isWhole)
        return judge(client, by: gate, source)
    }

    private func pass(_ exchange: Ref<Exchange>) {
        takeNewestServers(exchange)
        guard let servers = exchange[].servers else { return }
        passSession(exchange, servers)
    }

    // MARK: What servers say

    /// Whether a session's backend has rules about what its server says.
    func asksServer(_ exchange: Ref<Exchange>) -> Bool {
        let gates = exchange[].servers?._withUnsafeGuaranteedRef { $0.gates }
        return (gates ?? nil)?._withUnsafeGuaranteedRef { $0.answers != nil } ?? false
    }

    /// Asks them; false while nothing may pass to the client, nil when the session is over.
    func hearsServer(_ exchange: Ref<Exchange>, _ connection: Ref<ServerConnection>) -> Bool? {
        guard let gates = exchange[].servers?._withUnsafeGuaranteedRef({ $0.gates }) else { return true }
        let verdict = gates._withUnsafeGuaranteedRef { gates -> SessionVerdict in
            gates.answers.map { judgeServer(exchange, connection, $0, delay: gates.answerDelay) } ?? .admitted
        }
        guard verdict != .undecided else {
            connection[].transport.canRead = false
            return false
        }
        exchange[].asksAnswerRules = false
        connection[].transport.canRead = true
        switch verdict {
        case .admitted, .expectsProxy, .undecided: return true
        case .leftByServer: leaveServer(exchange, saying: scratch.view)
        case .refused, .dropped:
            if verdict == .dropped { exchange[].client[].transport.silence() }
            countDenied(answerOf: exchange)
            abort(exchange[].client, verdict == .dropped ? .denied : .refusedData)
        }
        return nil
    }

    /// The client gets what has come by now, and then the end.
    private func leaveServer(_ exchange: Ref<Exchange>, saying last: ByteView) {
        let client = exchange[].client
        exchange[].bytesOut &+= UInt64(last.count)
        guard deliver(last, to: client) else { return abort(client, .clientGoneInData) }
        guard !client[].output.isEmpty else { return abort(client, .normal) }
        let patience = patience(with: client)
        finish(exchange, as: .normal, keepsClient: false)
        setTimer(client, patience)
    }

    private func judgeServer(
        _ exchange: Ref<Exchange>, _ connection: Ref<ServerConnection>, _ gate: SessionGate, delay: Int
    ) -> SessionVerdict {
        scratch.reset()
        let waited = clock.monotonic &- exchange[].connectedAt
        let rest = delay - Int(clamping: waited / 1_000_000)
        var isWhole = rest <= 0 || connection[].transport.peerHasClosed
        switch connection[].transport.peek(into: &scratch, most: Payload.most) {
        case .bytes, .wouldBlock: break
        case .closed, .failed: isWhole = true
        }
        isWhole = isWhole || scratch.count >= Payload.most
        var source = SessionSource(
            worker: self, client: exchange[].client, hello: nil, message: .empty, isWhole: isWhole)
        source.answer = scratch.view
        let verdict = judge(exchange[].client, by: gate, source)
        if verdict == .undecided { wake(exchange, in: rest) }
        return verdict
    }
}
