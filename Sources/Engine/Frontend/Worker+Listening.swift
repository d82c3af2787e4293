import Basics
import Wire

/// When a worker listens: not at a listener that has as many connections as it may have, nor while its frontend or the process has, or
/// as many have begun in this second as may.
extension Worker {
    /// Counts in the connection that waits at a listener. Without room that is not listened to until there is some.
    func admission(to index: Int) -> ConnectionLimits.Admission {
        // An event from before.
        guard listeners[index].isOpen, !listeners[index].waitsForPlace else { return [] }
        var turn = ConnectionLimits.Turn(
            worker: self.index, frontend: Int(listeners[index].frontend), listener: index,
            isTLS: listeners[index].isTLS)
        turn.admission = limits.enter(turn, now: clock.monotonic)
        guard turn.admission.isEmpty else { return turn.admission }
        stopListening(at: index)
        var served = limits.join(turn, now: clock.monotonic)
        if let mine = served.turns.firstIndex(where: { $0.isSame(as: turn) }) {
            turn.admission = served.turns.remove(at: mine).admission
        }
        give(served)
        if !turn.admission.isEmpty { listenAgain(at: index) }
        return turn.admission
    }

    /// A connection is closed: whoever is next may accept one.
    func leave(_ admission: ConnectionLimits.Admission, _ frontend: Int, _ listener: Int) {
        give(limits.leave(admission, frontend, listener, now: clock.monotonic))
    }

    /// There was no connection.
    func giveBack(_ admission: ConnectionLimits.Admission, _ frontend: Int, _ listener: Int, isTLS: Bool) {
        limits.giveBack(admission, frontend, isTLS: isTLS)
        leave(admission, frontend, listener)
    }

    /// There may be more connections than before.
    func serveWaiting() { give(limits.serve(now: clock.monotonic)) }

    private func give(_ served: ConnectionLimits.Served) {
        for turn in served.turns { give(turn) }
        // At the end all timers fire at once, and would again.
        guard let delay = served.again, !isStopping else { return }
        if limitTimer == 0 { limitTimer = timers.add(owner: Token.limits.rawValue) }
        timers.set(limitTimer, in: Int(clamping: delay), now: clock.monotonic)
    }

    private func give(_ turn: ConnectionLimits.Turn) {
        let message = WorkerMessage.mayAccept(turn)
        if turn.worker == index {
            mailbox.post(message)
        } else {
            others[turn.worker < index ? turn.worker : turn.worker - 1].post(message)
        }
    }

    /// It is this worker's turn: a connection of the listener is counted in already.
    func take(_ turn: ConnectionLimits.Turn) {
        // The place may be another frontend's by now, or nobody's.
        if listeners[turn.listener].isOpen, Int(listeners[turn.listener].frontend) == turn.frontend {
            listenAgain(at: turn.listener)
            if acceptCounted(turn.listener, turn.admission) { return }
        }
        giveBack(turn.admission, turn.frontend, turn.listener, isTLS: turn.isTLS)
    }

    /// Counts the connections of a listener that came before it had a limit.
    func countConnections(at listener: Int) {
        var next = firstClient
        while let client = next {
            next = client[].next
            guard Int(client[].listener) == listener, client[].admission.contains(.frontend),
                !client[].admission.contains(.listener)
            else { continue }
            limits.countIn(at: listener)
            client[].admission.insert(.listener)
        }
    }

    private func stopListening(at index: Int) {
        listeners[index].waitsForPlace = true
        if acceptsAgainAt == 0 { loop.unregister(listeners[index].descriptor) }
    }

    private func listenAgain(at index: Int) {
        listeners[index].waitsForPlace = false
        if acceptsAgainAt == 0 { listen(at: index) }
    }
}
