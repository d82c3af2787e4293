import Synchronization
import Wire

/// Tells whoever talks to peers that an entry has changed: rung by workers under the lock of a part of a table, and silent from then on
/// until it has been heard, so that a busy table costs one wake-up a round and not one a request.
final class NewsBell: Sendable {
    private let isRung = Atomic<Bool>(false)
    private let wakeUp = Mailbox<Void>()

    /// Readable once it was rung.
    var descriptor: Int32 { wakeUp.wakeUp }

    /// There is something to tell; any thread.
    func ring() {
        guard !isRung.exchange(true, ordering: .acquiringAndReleasing) else { return }
        wakeUp.post(())
    }

    /// It was heard, and stays silent.
    func quieten() { _ = wakeUp.takeAll() }

    /// It may ring again: to be called before looking.
    func rearm() { isRung.store(false, ordering: .releasing) }
}
