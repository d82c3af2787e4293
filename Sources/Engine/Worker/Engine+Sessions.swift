import Glibc
import Synchronization
import Wire

/// Requests and sessions that are under way, asked of all workers.
extension Engine {
    /// All of them, or the one of an id. A worker that does not answer within a second is left out, and of the others 10,000 are
    /// told at most.
    public func sessions(_ id: UInt64? = nil) -> [SessionReport] { ask(.list(id)) }

    /// Ends one; false if it is not there.
    public func endSession(_ id: UInt64) -> Bool { !ask(.end(id)).isEmpty }

    /// How many messages were not understood, and the last one of each section and side.
    public func faults() -> (events: UInt64, kept: [FaultReport]) {
        state.withLock { $0?.workers.first?.published.faults }?.reports ?? (0, [])
    }

    private func ask(_ kind: SessionQuestion.Kind) -> [SessionReport] {
        let answers = Mailbox<[SessionReport]>()
        let asked = state.withLock { running -> Int in
            let workers = running?.workers ?? []
            for worker in workers {
                worker.mailbox.post(.sessions(SessionQuestion(kind: kind, answers: answers)))
            }
            return workers.count
        }
        let end = Clock.now() &+ 1_000_000_000
        var (reports, answered): ([SessionReport], Int) = ([], 0)
        while answered < asked, Clock.now() < end {
            var waiting = [pollfd(fd: answers.wakeUp, events: Int16(POLLIN), revents: 0)]
            guard poll(&waiting, 1, Int32((end &- min(end, Clock.now())) / 1_000_000) + 1) >= 0 else {
                continue
            }
            for answer in answers.takeAll() {
                reports += answer
                answered += 1
            }
        }
        return reports.sorted { ($0.worker, $1.age) < ($1.worker, $0.age) }
    }
}
