import Basics
import Model
import Wire

/// How long an HTTP/2 connection may take for what it owes, and whether it is still there while it owes nothing.
extension Worker {
    /// The connection's own timer; its streams have theirs. It runs on while what is waited for stays the same.
    func settleTimer(
        _ client: Ref<ClientConnection>, _ session: Unmanaged<HTTP2Session>, hasMoved: Bool
    ) {
        let wait = session._withUnsafeGuaranteedRef { session -> ClientConnection.Wait in
            if !client[].output.isEmpty { return .output }
            if session.drain == .announced { return .drain }
            if session.isInsideHead || !session.hasPeerSettings { return .head }
            return session.openStreams == 0 ? .idle : .none
        }
        let isNew = wait != client[].wait || client[].mark != UInt64(client[].requests)
        guard isNew || wait == .output && hasMoved else { return }
        client[].wait = wait
        client[].mark = UInt64(client[].requests)
        let timeouts = settings(of: client).timeouts
        switch wait {
        case .none: beQuiet(client, session, atMost: 0)
        case .output: setTimer(client, timeouts.client)
        case .head: setTimer(client, timeouts.request)
        case .idle where client[].requests == 0:
            setTimer(client, timeouts.request > 0 ? timeouts.request : timeouts.client)
        case .idle: beQuiet(client, session, atMost: timeouts.keepAlive)
        case .drain: setTimer(client, Worker.farewell)
        }
    }

    func http2Timeout(_ client: Ref<ClientConnection>) {
        switch client[].wait {
        case .none: askForSign(client, atMost: 0)
        case .output:
            client[].session?._withUnsafeGuaranteedRef { $0.noteUnread() }
            publishFaults()
            close(client)
        case .head:
            counters[].requestTimeouts.add()
            close(client)
        case .idle where client[].requests > 0 && idlePing(of: client) > 0:
            askForSign(client, atMost: settings(of: client).timeouts.keepAlive)
        case .idle, .drain:
            // Told, or not willing to say that it knows.
            client[].session?._withUnsafeGuaranteedRef {
                $0.finishDrain()
                $0.mark()
            }
        }
    }

    /// Nothing is waited for but the next request, which may take `limit` ms (0: for ever): until then it shows that it lives.
    private func beQuiet(
        _ client: Ref<ClientConnection>, _ session: Unmanaged<HTTP2Session>, atMost limit: Int
    ) {
        let ping = idlePing(of: client)
        guard ping > 0 else { return setTimer(client, limit) }
        let next = session._withUnsafeGuaranteedRef {
            $0.quietSince = clock.monotonic
            return $0.nextInterval(ping, of: limit, now: clock.monotonic)
        }
        setTimer(client, next)
    }

    /// Another interval of quiet is over.
    private func askForSign(_ client: Ref<ClientConnection>, atMost limit: Int) {
        guard let session = client[].session else { return }
        let ping = idlePing(of: client)
        let step = session._withUnsafeGuaranteedRef {
            ping > 0 || $0.unansweredPings > 0 ? $0.endInterval(ping, of: limit, now: clock.monotonic) : nil
        }
        switch step {
        case nil: break
        case .asked(let next):
            session._withUnsafeGuaranteedRef { $0.mark() }
            setTimer(client, next)
        case .over:
            session._withUnsafeGuaranteedRef {
                $0.finishDrain()
                $0.mark()
            }
        case .lost:
            publishFaults()
            close(client)
        }
    }

    private func idlePing(of client: Ref<ClientConnection>) -> Int {
        listeners[Int(client[].listener)].idlePing
    }
}
