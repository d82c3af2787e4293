/// Deadlines of many connections, cheap to move.
///
/// ```
///   slot:   0   1   2 … 1023        one slot is 8 ms, the wheel 8.2 s
///           │   │
///           ▼   ▼
///         timer timer ─ timer       doubly linked by index
/// ```
/// Moving a deadline later only stores it: when the slot that holds the timer comes round, the timer is linked
/// again where it belongs. So a request that renews a time-out costs one store. Deadlines beyond the wheel wait in its last
/// slot the same way. Confined to one thread; time is passed in.
public struct TimerWheel: ~Copyable {
    /// A timer's place; 0 is none.
    public typealias ID = UInt32

    private struct Timer {
        var next: UInt32
        var previous: UInt32
        /// The tick at which to fire; `never` while it is off.
        var deadline: UInt64
        /// The tick of the slot it is linked in; `never` while it is in no slot.
        var linked: UInt64
        var owner: UInt64
    }

    private static var never: UInt64 { .max }
    private static var slotCount: UInt64 { 1024 }
    private static var tick: UInt64 { 8_000_000 }

    private var timers: UnsafeMutablePointer<Timer>
    private var capacity: UInt32 = 0
    private var used: UInt32 = 1
    private var freeHead: UInt32 = 0
    private let slots: UnsafeMutablePointer<UInt32>
    private let occupied: UnsafeMutablePointer<UInt64>
    /// Which words of `occupied` are not zero.
    private var summary: UInt32 = 0
    /// The last tick whose slot has been looked at.
    private var current: UInt64

    /// A wheel that starts at `now` (nanoseconds).
    public init(now: UInt64) {
        timers = .allocate(capacity: 0)
        slots = .allocate(capacity: Int(Self.slotCount))
        slots.initialize(repeating: 0, count: Int(Self.slotCount))
        occupied = .allocate(capacity: Int(Self.slotCount / 64))
        occupied.initialize(repeating: 0, count: Int(Self.slotCount / 64))
        current = now / Self.tick
    }

    deinit {
        timers.deallocate()
        slots.deallocate()
        occupied.deallocate()
    }

    /// A new timer, off, that names its owner when it fires.
    public mutating func add(owner: UInt64) -> ID {
        let id: UInt32
        if freeHead != 0 {
            id = freeHead
            freeHead = timers[Int(id)].next
        } else {
            if used >= capacity { grow() }
            id = used
            used += 1
        }
        timers[Int(id)] = Timer(next: 0, previous: 0, deadline: Self.never, linked: Self.never, owner: owner)
        return id
    }

    /// Ends a timer.
    public mutating func remove(_ id: ID) {
        if timers[Int(id)].linked != Self.never { unlink(id) }
        timers[Int(id)].owner = 0
        timers[Int(id)].next = freeHead
        freeHead = id
    }

    /// Lets the timer fire `delay` milliseconds after `now`, in place of what was set before; 0 turns it off.
    public mutating func set(_ id: ID, in delay: Int, now: UInt64) {
        guard delay > 0 else {
            timers[Int(id)].deadline = Self.never
            return
        }
        let (wait, isEndless) = UInt64(delay).multipliedReportingOverflow(by: 1_000_000)
        let (due, overflow) = now.addingReportingOverflow(wait)
        let deadline = isEndless || overflow ? Self.never - 1 : due / Self.tick + 1
        timers[Int(id)].deadline = deadline
        let linked = timers[Int(id)].linked
        guard linked > deadline else { return }
        if linked != Self.never { unlink(id) }
        link(id)
    }

    /// The owner of a timer that is due at `now`, which is then off; nil when there is no more.
    public mutating func nextExpired(now: UInt64) -> UInt64? {
        let target = now / Self.tick
        while true {
            if let owner = takeDue(at: target) { return owner }
            guard current < target else { return nil }
            current = nextOccupied(after: current, upTo: target)
        }
    }

    /// How long to sleep from `now` until a slot comes round that holds timers, in milliseconds; nil if none does.
    public func delay(now: UInt64) -> Int? {
        let limit = current + Self.slotCount
        let slot = nextOccupied(after: current, upTo: limit)
        if slot == limit, slots[Int(limit % Self.slotCount)] == 0 { return nil }
        let due = slot * Self.tick
        return due > now ? Int((due - now) / 1_000_000) + 1 : 0
    }

    /// Looks through the current slot: links again what is not due, returns the first that is.
    private mutating func takeDue(at target: UInt64) -> UInt64? {
        let slot = Int(current % Self.slotCount)
        var id = slots[slot]
        while id != 0 {
            let timer = timers[Int(id)]
            let following = timer.next
            if timer.linked <= current {
                unlink(id)
                if timer.deadline <= current {
                    timers[Int(id)].deadline = Self.never
                    return timer.owner
                }
                if timer.deadline != Self.never { link(id) }
            }
            id = following
        }
        return nil
    }

    /// The first tick after `tick` whose slot holds timers, `limit` if there is none before it. One or two words are
    /// looked at, whatever the distance.
    private func nextOccupied(after tick: UInt64, upTo limit: UInt64) -> UInt64 {
        let next = tick &+ 1
        guard summary != 0, next < limit else { return limit }
        let slot = next % Self.slotCount
        let rest = occupied[Int(slot / 64)] >> (slot % 64)
        if rest != 0 { return min(limit, next &+ UInt64(rest.trailingZeroBitCount)) }
        // The words behind this one, in the order of the wheel; last the part of this one that lies before the slot.
        let word = UInt32(truncatingIfNeeded: slot / 64)
        let turned = (summary | summary << 16) >> (word &+ 1)
        let ahead = UInt64(turned.trailingZeroBitCount)
        let found = occupied[Int((UInt64(word) &+ 1 &+ ahead) % 16)]
        let distance = 64 &- slot % 64 &+ ahead &* 64 &+ UInt64(found.trailingZeroBitCount)
        return min(limit, next &+ distance)
    }

    private mutating func clear(_ slot: Int) {
        occupied[slot / 64] &= ~(1 << UInt64(slot % 64))
        if occupied[slot / 64] == 0 { summary &= ~(1 << UInt32(slot / 64)) }
    }

    private mutating func link(_ id: ID) {
        let furthest = current + Self.slotCount - 1
        let tick = min(max(timers[Int(id)].deadline, current + 1), furthest)
        let slot = Int(tick % Self.slotCount)
        let head = slots[slot]
        timers[Int(id)].linked = tick
        timers[Int(id)].next = head
        timers[Int(id)].previous = 0
        if head != 0 { timers[Int(head)].previous = id }
        slots[slot] = id
        occupied[slot / 64] |= 1 << UInt64(slot % 64)
        summary |= 1 << UInt32(slot / 64)
    }

    private mutating func unlink(_ id: ID) {
        let timer = timers[Int(id)]
        let slot = Int(timer.linked % Self.slotCount)
        if timer.previous == 0 {
            slots[slot] = timer.next
        } else {
            timers[Int(timer.previous)].next = timer.next
        }
        if timer.next != 0 { timers[Int(timer.next)].previous = timer.previous }
        if slots[slot] == 0 { clear(slot) }
        timers[Int(id)].linked = Self.never
    }

    private mutating func grow() {
        let larger = max(256, capacity * 2)
        let moved = UnsafeMutablePointer<Timer>.allocate(capacity: Int(larger))
        moved.update(from: timers, count: Int(min(used, capacity)))
        timers.deallocate()
        timers = moved
        capacity = larger
    }
}
