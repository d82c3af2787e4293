import Basics

/// A part of a cache: answers by the hash of their keys, from the one that has been left alone for longest to the one just
/// asked for. It knows nothing of locks and clocks: times are nanoseconds, told by its caller.
///
/// ```
///   heads  hash ─► slot ─► slot ─► -1        one chain: the variants of an address, and whoever shares its hash
///   use    oldest ⇄ slot ⇄ slot ⇄ newest     whole answers only
/// ```
/// A slot is taken when an answer's head has come, and is good when its body has. Until then nobody else keeps the same one;
/// who is not done in two seconds can be displaced.
struct CacheShard {
    private var slots: [Slot] = []
    private var free: [Int] = []
    private var heads: [UInt64: Int] = [:]
    private var oldest = -1
    private var newest = -1
    /// Counts the slots taken, so that a ticket is good for one of them alone.
    private var lastSerial: UInt64 = 0
    /// How many answers there are.
    private(set) var count = 0

    private struct Slot {
        var key: CacheKey?
        var variant = Variant()
        /// Nil while it is arriving.
        var answer: CachedAnswer?
        var serial: UInt64 = 0
        /// Until when an arriving one is waited for, a whole one is good.
        var goodUntil: Int64 = 0
        /// When it was asked for last, or came.
        var usedAt: Int64 = 0
        var next = -1
        var older = -1
        var newer = -1
    }

    /// The right to put an answer into a slot.
    struct Ticket: Equatable {
        fileprivate let slot: Int
        fileprivate let serial: UInt64
    }

    /// How long an arriving answer keeps others from being kept.
    private static let patience: Int64 = 2_000_000_000

    /// The whole answers that are good.
    func answers(now: Int64) -> [CacheReport.Answer] {
        slots.compactMap { slot in
            guard let answer = slot.answer, let key = slot.key, slot.goodUntil > now else { return nil }
            return CacheReport.Answer(
                hash: key.hash, variant: UInt64(slot.variant.fields.rawValue), size: answer.size,
                seconds: (slot.goodUntil - now) / 1_000_000_000)
        }
    }

    /// A good answer to a request. Old ones that are met on the way are dropped.
    mutating func find(_ key: ByteView, hash: UInt64, for request: RequestVariant, now: Int64)
        -> CachedAnswer?
    {
        var at = heads[hash] ?? -1
        while at >= 0 {
            let next = slots[at].next
            if slots[at].goodUntil <= now {
                drop(at)
            } else if let answer = slots[at].answer, slots[at].variant.serves(request), has(key, at) {
                if at != newest {
                    unlink(at)
                    linkNewest(at)
                }
                slots[at].usedAt = now
                return answer
            }
            at = next
        }
        return nil
    }

    /// Takes a slot for an answer that has begun to arrive. Nil if the same one is arriving already, or if the address has
    /// `most` variants. What is there of the same variant, or by other fields, is dropped.
    mutating func begin(_ key: CacheKey, _ variant: Variant, most: Int, now: Int64) -> Ticket? {
        var at = heads[key.hash] ?? -1
        var variants = 0
        while at >= 0 {
            let next = slots[at].next
            if slots[at].goodUntil <= now {
                drop(at)
            } else if has(key.bytes.view, at) {
                if slots[at].variant == variant, slots[at].answer == nil { return nil }
                if slots[at].variant == variant || slots[at].variant.fields != variant.fields {
                    drop(at)
                } else {
                    variants += 1
                }
            }
            at = next
        }
        guard variants == 0 || variants < most else { return nil }
        return take(key, variant, now: now)
    }

    private mutating func take(_ key: CacheKey, _ variant: Variant, now: Int64) -> Ticket {
        let at = free.popLast() ?? slots.count
        if at == slots.count { slots.append(Slot()) }
        lastSerial += 1
        slots[at] = Slot(
            key: key, variant: variant, serial: lastSerial, goodUntil: now + CacheShard.patience,
            usedAt: now, next: heads[key.hash] ?? -1)
        heads[key.hash] = at
        return Ticket(slot: at, serial: lastSerial)
    }

    /// Puts the whole answer into its slot; not if the slot has been lost since, because the address was changed.
    mutating func complete(_ ticket: Ticket, _ answer: CachedAnswer) {
        guard holds(ticket) else { return }
        slots[ticket.slot].answer = answer
        slots[ticket.slot].goodUntil = answer.facts.goodUntil
        count += 1
        linkNewest(ticket.slot)
    }

    /// Gives the slot of an answer that will not come back.
    mutating func cancel(_ ticket: Ticket) {
        if holds(ticket) { drop(ticket.slot) }
    }

    private func holds(_ ticket: Ticket) -> Bool {
        slots.indices.contains(ticket.slot) && slots[ticket.slot].serial == ticket.serial
    }

    /// Drops all that there is of an address.
    mutating func forget(_ key: ByteView, hash: UInt64) {
        var at = heads[hash] ?? -1
        while at >= 0 {
            let next = slots[at].next
            if has(key, at) { drop(at) }
            at = next
        }
    }

    /// When the answer was asked for that has been left alone for longest.
    var oldestUse: Int64 { oldest >= 0 ? slots[oldest].usedAt : .max }

    /// Drops the answer that has been left alone for longest; nil if there is none.
    mutating func dropOldest() -> CachedAnswer? {
        guard oldest >= 0 else { return nil }
        let answer = slots[oldest].answer
        drop(oldest)
        return answer
    }

    private func has(_ key: ByteView, _ at: Int) -> Bool { slots[at].key?.bytes.view.equals(key) == true }

    private mutating func drop(_ at: Int) {
        guard let key = slots[at].key else { return }
        if slots[at].answer != nil {
            unlink(at)
            count -= 1
        }
        unchain(at, key.hash)
        slots[at] = Slot()
        free.append(at)
    }

    private mutating func unchain(_ at: Int, _ hash: UInt64) {
        guard var before = heads[hash] else { return }
        guard before != at else {
            heads[hash] = slots[at].next < 0 ? nil : slots[at].next
            return
        }
        while slots[before].next >= 0, slots[before].next != at { before = slots[before].next }
        slots[before].next = slots[at].next
    }

    private mutating func linkNewest(_ at: Int) {
        (slots[at].older, slots[at].newer) = (newest, -1)
        if newest >= 0 { slots[newest].newer = at } else { oldest = at }
        newest = at
    }

    private mutating func unlink(_ at: Int) {
        let (older, newer) = (slots[at].older, slots[at].newer)
        if older >= 0 { slots[older].newer = newer } else { oldest = newer }
        if newer >= 0 { slots[newer].older = older } else { newest = older }
    }
}
