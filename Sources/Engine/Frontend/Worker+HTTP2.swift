import Basics
import Model
import Wire

/// Connections that carry HTTP/2: frames in, news to their streams, frames out.
///
/// ```
///   event ─► readFrames ─► hear ─► streams (each a client of its own) ─► exchanges
///                │                    │ whatever they say marks the session
///                └────────────────────┴──► pump, once at the end of the round: one write for many streams
/// ```
extension Worker {
    /// Which protocol a cleartext client's first bytes begin.
    func preface(_ client: Ref<ClientConnection>) -> HTTP2Preface {
        guard !client[].isTLS else { return .http1 }
        switch versions(of: client) {
        case .http1: return .http1
        case .http2: return .http2
        case .all: return HTTP2Preface(client[].input.view)
        }
    }

    /// What a client may speak.
    func versions(of client: Ref<ClientConnection>) -> ClientVersions {
        let isSpoken = frontends[Int(client[].frontend)]._withUnsafeGuaranteedRef { $0.speaksHTTP2 }
        return isSpoken ? listeners[Int(client[].listener)].versions : .http1
    }

    /// Whether a client that has TLS goes on with HTTP/2: where nothing else is spoken, also without having agreed on it.
    func beginsWithHTTP2(_ client: Ref<ClientConnection>) -> Bool {
        client[].transport.tls?.applicationProtocol == .http2 || versions(of: client) == .http2
    }

    /// The client has agreed on HTTP/2 or begins to speak it; its first bytes may have come.
    func startHTTP2(_ client: Ref<ClientConnection>) {
        let streams = frontends[Int(client[].frontend)]._withUnsafeGuaranteedRef { $0.maxStreams }
        guard let http2, let session = HTTP2Session(http2, streams: streams) else { return close(client) }
        session.owner = client.bits
        client[].session = Unmanaged.passRetained(session)
        client[].phase = .http2
        // Until its settings have come the client owes what it would owe a request.
        client[].wait = .head
        counters[].http2Connections.add()
        traffic(of: client)._withUnsafeGuaranteedRef { $0.arriving.http2Connections.add() }
        if isDraining { session.beginDrain() }
        session.mark()
        readFrames(client)
    }

    func advanceHTTP2(_ client: Ref<ClientConnection>) {
        guard let session = client[].session, !session._withUnsafeGuaranteedRef({ $0.isClosed }) else {
            return close(client)
        }
        if session._withUnsafeGuaranteedRef({ $0.hasFailed }) { hear(client) }
        if !client[].output.isEmpty { pump(client) }
        if client[].phase == .http2, !client[].transport.isClosed { readFrames(client) }
    }

    /// Reads while the client takes what it is sent: who does not read is not read from.
    private func readFrames(_ client: Ref<ClientConnection>) {
        var (rest, most) = (Sizes.frameTurn, Sizes.firstFrames)
        let requests = client[].requests
        while client[].transport.canRead || client[].input.hasMemory, client[].output.isEmpty,
            let session = client[].session
        {
            guard rest > 0, moved < Sizes.turn, client[].requests &- requests < Sizes.requestTurn
            else { return yieldTurn(client) }
            switch readFrames(client, most: most) {
            case .bytes(let count):
                let frames = session._withUnsafeGuaranteedRef {
                    let before = $0.receivedFrames
                    _ = $0.receive(scratch.view, now: clock.monotonic)
                    return Int($0.receivedFrames &- before)
                }
                let work = count &+ frames &* Sizes.frame
                rest -= work
                moved &+= work
                most = work < 2 &* count ? Sizes.read : Sizes.firstFrames
                hear(client)
                // What it sends next may be the answer to what it gets now.
                if client[].transport.canRead { pump(client) }
            case .wouldBlock: break
            case .closed, .failed: return close(client)
            }
        }
        client[].session?._withUnsafeGuaranteedRef { $0.mark() }
    }

    /// The next bytes, in `scratch`: first those that told that they are HTTP/2.
    private func readFrames(_ client: Ref<ClientConnection>, most: Int) -> IOResult {
        scratch.reset()
        guard client[].input.hasMemory else { return client[].transport.read(into: &scratch, most: most) }
        let count = min(client[].input.count, most)
        scratch.append(client[].input.view[0..<count])
        client[].input.consume(count)
        if client[].input.isEmpty { headBuffers.takeBack(&client[].input) }
        return .bytes(count)
    }

    /// Tells the streams' clients what the session has news of. Where all streams have ended at once, the other connections have
    /// their turn between them: each may leave a server, a queue and much memory.
    private func hear(_ client: Ref<ClientConnection>) {
        while let session = client[].session,
            let (stream, news) = session._withUnsafeGuaranteedRef({ $0.next() })
        {
            if news.contains(.head) {
                beginStream(stream, on: client, isGone: news.contains(.closed))
            } else {
                streamEvent(stream, news)
            }
            guard news.contains(.closed), session._withUnsafeGuaranteedRef({ $0.hasFailed || $0.isClosed })
            else { continue }
            moved &+= Sizes.endedStream
            if moved >= Sizes.turn { return yieldTurn(client) }
        }
    }

    /// Ends all streams of a connection that is to be closed; false while some are left for its next turn.
    func endStreams(_ client: Ref<ClientConnection>) -> Bool {
        guard let session = client[].session else { return true }
        client[].transport.canRead = false
        client[].transport.canWrite = false
        setTimer(client, 0)
        session._withUnsafeGuaranteedRef { $0.close() }
        hear(client)
        guard !session._withUnsafeGuaranteedRef({ $0.hasNews }) else { return false }
        dropSession(client)
        return true
    }

    // MARK: Sending

    /// Sends for every session that was marked in this round, and frees the streams that ended in it.
    func pumpMarkedSessions() {
        guard hasMarkedSessions else { return }
        // What one side's streams bring may be for the other side's.
        repeat {
            pumpCarriers()
            pumpClients()
        } while hasMarkedSessions
        publishFaults()
        http2?.streams.reclaim()
        http2ToServers?.streams.reclaim()
        carriers.reclaim()
    }

    private var hasMarkedSessions: Bool {
        http2?.hasMarked == true || http2ToServers?.hasMarked == true
    }

    private func pumpClients() {
        while let session = http2?.takeMarked() {
            let owner = session._withUnsafeGuaranteedRef { $0.owner }
            if owner != 0 { pump(Ref<ClientConnection>(bits: owner)) }
            session.release()
        }
    }

    /// Sends what waits, as far as the socket takes it, and what its streams add meanwhile.
    private func pump(_ client: Ref<ClientConnection>) {
        guard let session = client[].session, !session._withUnsafeGuaranteedRef({ $0.isClosed }) else {
            return
        }
        var rest = Sizes.turn
        var hasMoved = false
        while true {
            let waiting = client[].output.count
            guard client[].transport.flush(&client[].output) else { return close(client) }
            if client[].output.count < waiting { hasMoved = true }
            guard client[].output.isEmpty, rest > 0 else { break }
            bodyBuffers.lend(to: &client[].output)
            client[].output.reset()
            session._withUnsafeGuaranteedRef { $0.send(into: &client[].output) }
            hear(client)
            guard !client[].output.isEmpty else { break }
            rest -= client[].output.count
        }
        guard client[].output.isEmpty else { return settleTimer(client, session, hasMoved: hasMoved) }
        bodyBuffers.takeBack(&client[].output)
        if rest <= 0 { yieldTurn(client) }
        if session._withUnsafeGuaranteedRef({ $0.isOver && !$0.hasNews }) { return endHTTP2(client) }
        settleTimer(client, session, hasMoved: hasMoved)
    }

    /// Everything is said: closed as any connection after its last answer.
    private func endHTTP2(_ client: Ref<ClientConnection>) {
        let hasFailed = client[].session?._withUnsafeGuaranteedRef { $0.hasFailed } ?? false
        dropSession(client)
        linger(client, most: hasFailed ? Sizes.lingeringAfterFault : Sizes.lingering)
    }

    /// Ends what streams are left and lets go of the session.
    private func dropSession(_ client: Ref<ClientConnection>) {
        guard let session = client[].session else { return }
        session._withUnsafeGuaranteedRef { $0.close() }
        while session._withUnsafeGuaranteedRef({ $0.hasNews }) { hear(client) }
        session._withUnsafeGuaranteedRef { $0.owner = 0 }
        client[].session = nil
        counters[].http2Connections.subtract()
        session.release()
    }

    func publishFaults() {
        if let http2, http2.faultCount != publishedFaults.ofClients {
            publishedFaults.ofClients = http2.faultCount
            for i in 0..<http2.faults.count {
                counters[].http2Faults[i].add(http2.faults[i] &- counters[].http2Faults[i].value)
            }
        }
        if let servers = http2ToServers, servers.faultCount != publishedFaults.ofServers {
            publishedFaults.ofServers = servers.faultCount
            for i in 0..<servers.faults.count {
                counters[].serverHTTP2Faults[i].add(
                    servers.faults[i] &- counters[].serverHTTP2Faults[i].value)
            }
        }
    }

    /// No new requests after those on their way; closed when the last one is answered.
    func drainHTTP2(_ client: Ref<ClientConnection>) {
        client[].session?._withUnsafeGuaranteedRef {
            $0.beginDrain()
            $0.mark()
        }
    }
}
