import Basics
import Wire

/// When a worker listens: not while its frontend, or the process, has as many connections as it may have.
extension Worker {
    /// Counts in the connection that waits at a listener. Without room the frontend is not listened to until there is some.
    func mayAccept(_ index: Int) -> Bool {
        // An event from before.
        guard listeners[index].isOpen, !listeners[index].waitsForPlace else { return false }
        let frontend = Int(listeners[index].frontend)
        if limits.enter(frontend) { return true }
        stopListening(frontend)
        var isMine = false
        for turn in limits.join(ConnectionLimits.Turn(worker: self.index, frontend: frontend)) {
            if turn.worker == self.index, turn.frontend == frontend { isMine = true } else { give(turn) }
        }
        if isMine { listen(frontend) }
        return isMine
    }

    /// A connection is closed, or was not there: whoever is next may accept one.
    func placeLeft(at frontend: Int) {
        for turn in limits.leave(frontend) { give(turn) }
    }

    private func give(_ turn: ConnectionLimits.Turn) {
        let message = WorkerMessage.mayAccept(frontend: turn.frontend)
        if turn.worker == index {
            mailbox.post(message)
        } else {
            others[turn.worker < index ? turn.worker : turn.worker - 1].post(message)
        }
    }

    /// It is this worker's turn: a connection of the frontend is counted in already.
    func takeTurn(at frontend: Int) {
        listen(frontend)
        for i in 0..<listeners.count where Int(listeners[i].frontend) == frontend {
            if acceptCounted(i) { return }
        }
        placeLeft(at: frontend)
    }

    private func stopListening(_ frontend: Int) {
        for i in 0..<listeners.count where Int(listeners[i].frontend) == frontend {
            listeners[i].waitsForPlace = true
            if acceptsAgainAt == 0, listeners[i].isOpen { loop.unregister(listeners[i].descriptor) }
        }
    }

    private func listen(_ frontend: Int) {
        for i in 0..<listeners.count where Int(listeners[i].frontend) == frontend {
            listeners[i].waitsForPlace = false
            if acceptsAgainAt == 0 { listen(at: i) }
        }
    }
}
