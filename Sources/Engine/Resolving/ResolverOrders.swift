import Synchronization
import Wire

/// The way to whoever asks name servers, and whether anybody does. Nobody who asks waits for an answer that can not come.
final class ResolverOrders: Sendable {
    let mailbox = Mailbox<ResolverOrder>()
    private let isClosed = Atomic<Bool>(false)

    /// Asks for an address. False if nobody is there to find it: an answer that comes all the same is to be ignored.
    func ask(_ request: NameRequest) -> Bool {
        guard !isClosed.load(ordering: .acquiring) else { return false }
        mailbox.post(.ask(request))
        // Who has closed in between may have looked before there was something to see.
        return !isClosed.load(ordering: .acquiring)
    }

    /// Somebody takes orders from now on.
    func open() { isClosed.store(false, ordering: .releasing) }

    /// Nobody does. Those who wait are told; what is to be followed stays for whoever comes later.
    func close(_ tell: (NameRequest) -> Void) {
        isClosed.store(true, ordering: .releasing)
        for order in mailbox.takeAll() {
            if case .ask(let request) = order { tell(request) } else { mailbox.post(order) }
        }
    }
}
