import Basics
import Wire

/// An answer on its way to the client that is kept as it passes.
struct RunningStore: ~Copyable {
    let policy: Unmanaged<CachePolicy>
    let ticket: CacheStore.Ticket
    let key: CacheKey
    let tag: [UInt8]
    let facts: CachedAnswer.Facts
    /// How long the body was said to be; nil if that was not said.
    let length: Int?
    var head: Buffer
    var body = Buffer()
    /// What has been taken of the cache's budget.
    var reserved: Int
    /// The answer has taken over what was reserved.
    var isComplete = false

    /// The least room for a body whose length is not known.
    private static let firstRoom = 4 * 1024

    /// Adds a piece of the body. False if it grows beyond what may be kept.
    mutating func keep(_ piece: ByteView, isLast: Bool) -> Bool {
        guard piece.count > body.room else { return body.append(piece) }
        let (store, longest) = policy._withUnsafeGuaranteedRef { ($0.store, $0.longest) }
        let wanted = body.count + piece.count
        let most = longest - head.count
        guard wanted <= most else { return false }
        let room = length ?? (isLast ? wanted : max(wanted, 2 * body.count, RunningStore.firstRoom))
        return grow(to: max(wanted, min(most, room)), in: store) && body.append(piece)
    }

    private mutating func grow(to room: Int, in store: CacheStore) -> Bool {
        let more = room - Int(body.capacity)
        guard store.reserve(more) else { return false }
        reserved += more
        var larger = Buffer(capacity: room)
        larger.append(body.view)
        swap(&body, &larger)
        return true
    }

    /// The whole answer; what was taken in vain is given back.
    mutating func finish() -> CachedAnswer {
        let store = policy._withUnsafeGuaranteedRef { $0.store }
        isComplete = true
        let spare = Int(body.capacity) - body.count
        if spare > body.count / 8 {
            var exact = Buffer(capacity: body.count)
            exact.append(body.view)
            swap(&body, &exact)
            store.giveBack(spare)
            reserved -= spare
        }
        var keptHead = Buffer()
        var keptBody = Buffer()
        swap(&keptHead, &head)
        swap(&keptBody, &body)
        return CachedAnswer(
            key: key, head: keptHead, body: keptBody, tag: tag, facts: facts, size: reserved,
            of: store.budget)
    }
}

/// An answer of the cache on its way to the client.
struct CachedDelivery: ~Copyable {
    let answer: Unmanaged<CachedAnswer>
    /// As the log names who answers, in a server's place.
    var name: StaticString = "<CACHE>"
    /// How much of the body has been given away.
    var sent = 0
}
