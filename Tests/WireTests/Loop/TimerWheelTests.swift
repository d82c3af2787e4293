import Testing

@testable import Wire

/// A wheel and what it ought to do, side by side, in nanoseconds.
private struct WheelModel: ~Copyable {
    var wheel: TimerWheel
    var now: UInt64
    /// The owner's timer and its deadline; 0 while it is off.
    var timers: [UInt64: (id: TimerWheel.ID, deadline: UInt64)] = [:]
    var nextOwner: UInt64 = 1
    var faults: [String] = []

    static let late: UInt64 = 16_000_000

    init(now: UInt64) {
        self.now = now
        wheel = TimerWheel(now: now)
    }

    mutating func add() {
        timers[nextOwner] = (wheel.add(owner: nextOwner), 0)
        nextOwner += 1
    }

    mutating func set(_ owner: UInt64, in delay: Int) {
        guard let timer = timers[owner] else { return }
        wheel.set(timer.id, in: delay, now: now)
        timers[owner]?.deadline = delay > 0 ? now + UInt64(delay) * 1_000_000 : 0
    }

    mutating func remove(_ owner: UInt64) {
        guard let timer = timers.removeValue(forKey: owner) else { return }
        wheel.remove(timer.id)
    }

    /// Lets time go on and compares what fires with what is due.
    mutating func advance(by nanoseconds: UInt64) {
        now += nanoseconds
        while let owner = wheel.nextExpired(now: now) {
            guard let timer = timers[owner], timer.deadline > 0 else {
                faults.append("\(owner) fired though it was off or removed")
                continue
            }
            if timer.deadline > now { faults.append("\(owner) fired \(timer.deadline - now) ns early") }
            timers[owner]?.deadline = 0
        }
        for (owner, timer) in timers where timer.deadline > 0 && timer.deadline + Self.late <= now {
            faults.append("\(owner) is \(now - timer.deadline) ns late")
        }
        checkDelay()
    }

    /// A sleeper who trusts `delay` wakes for every deadline.
    private mutating func checkDelay() {
        let deadlines = timers.values.map(\.deadline).filter { $0 > 0 }
        guard let first = deadlines.min() else { return }
        guard let delay = wheel.delay(now: now) else {
            faults.append("no delay although timers are set")
            return
        }
        let wakesAt = now + UInt64(max(0, delay)) * 1_000_000
        if wakesAt > first + Self.late { faults.append("would sleep \(wakesAt - first) ns too long") }
    }
}

@Suite("TimerWheel")
struct TimerWheelTests {
    static let start: UInt64 = 123_456_789_012

    private func ms(_ milliseconds: UInt64) -> UInt64 { Self.start + milliseconds * 1_000_000 }

    /// The millisecond at which the only timer of a wheel fires when it is looked at every one.
    private func firing(of wheel: inout TimerWheel, from first: UInt64 = 0, within most: UInt64) -> UInt64? {
        for at in first...most where wheel.nextExpired(now: ms(at)) != nil { return at }
        return nil
    }

    @Test(
        "a timer fires not early and at most 16 ms late",
        arguments: [
            1, 2, 7, 8, 9, 15, 100, 1000, 8000, 8183, 8184, 8191, 8192, 8200, 9000, 16_384, 60_000, 100_000,
        ])
    func punctual(delay: Int) throws {
        var wheel = TimerWheel(now: Self.start)
        let id = wheel.add(owner: 7)
        wheel.set(id, in: delay, now: Self.start)
        let fired = try #require(firing(of: &wheel, within: UInt64(delay) + 50))
        #expect(fired >= UInt64(delay) && fired <= UInt64(delay) + 16)
        let again = wheel.nextExpired(now: ms(200_000))
        #expect(again == nil)
    }

    @Test(
        "a wheel that was not looked at for long fires all that is due, once",
        arguments: [9_000, 100_000, 10_000_000])
    func longSleep(milliseconds: UInt64) {
        var wheel = TimerWheel(now: Self.start)
        for owner in 1...500 as ClosedRange<UInt64> {
            let id = wheel.add(owner: owner)
            wheel.set(id, in: Int(owner) * 17, now: Self.start)
        }
        var fired: [UInt64] = []
        while let owner = wheel.nextExpired(now: ms(milliseconds)) { fired.append(owner) }
        #expect(fired.sorted() == Array(1...500))
    }

    @Test("moved later it waits, moved earlier it comes")
    func moved() throws {
        var wheel = TimerWheel(now: Self.start)
        let id = wheel.add(owner: 1)
        wheel.set(id, in: 100, now: Self.start)
        wheel.set(id, in: 500, now: ms(50))
        let early = firing(of: &wheel, from: 50, within: 549)
        #expect(early == nil)
        let later = try #require(firing(of: &wheel, from: 550, within: 600))
        #expect(later <= 566)
        wheel.set(id, in: 20_000, now: ms(600))
        wheel.set(id, in: 30, now: ms(610))
        let earlier = try #require(firing(of: &wheel, from: 610, within: 700))
        #expect(earlier >= 640 && earlier <= 656)
    }

    @Test("off or removed it never fires")
    func off() {
        var wheel = TimerWheel(now: Self.start)
        let (first, second) = (wheel.add(owner: 1), wheel.add(owner: 2))
        wheel.set(first, in: 100, now: Self.start)
        wheel.set(first, in: 0, now: ms(10))
        wheel.set(second, in: 100, now: Self.start)
        wheel.remove(second)
        let fired = firing(of: &wheel, within: 20_000)
        #expect(fired == nil)
        wheel.set(first, in: 10, now: ms(20_000))
        let again = wheel.nextExpired(now: ms(20_050))
        #expect(again == 1)
    }

    @Test("a place that is used again knows nothing of its last timer")
    func reused() {
        var wheel = TimerWheel(now: Self.start)
        let old = wheel.add(owner: 1)
        wheel.set(old, in: 100, now: Self.start)
        wheel.remove(old)
        let new = wheel.add(owner: 2)
        #expect(new != 0)
        let early = wheel.nextExpired(now: ms(500))
        wheel.set(new, in: 100, now: ms(500))
        let fired = wheel.nextExpired(now: ms(700))
        #expect(early == nil && fired == 2)
    }

    @Test(
        "deadlines beyond all time never come",
        arguments: [Int.max, Int.max / 2, Int.max / 1_000_000, 1 << 44, 18_446_744_073_710])
    func forEver(delay: Int) {
        var wheel = TimerWheel(now: Self.start)
        let id = wheel.add(owner: 1)
        wheel.set(id, in: delay, now: Self.start)
        var fired: [UInt64] = []
        for at in stride(from: 0, to: 100_000 as UInt64, by: 500) {
            if let owner = wheel.nextExpired(now: ms(at)) { fired.append(owner) }
        }
        #expect(fired == [])
    }

    @Test("without timers there is nothing to wait for")
    func noDelay() {
        var wheel = TimerWheel(now: Self.start)
        let before = wheel.delay(now: Self.start)
        let id = wheel.add(owner: 1)
        let added = wheel.delay(now: Self.start)
        wheel.set(id, in: 1, now: Self.start)
        let due = wheel.delay(now: ms(1000))
        #expect(before == nil && added == nil && due == 0)
    }

    @Test("thousands of random timers behave as a list of deadlines would", arguments: 0..<12)
    func random(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var model = WheelModel(now: Self.start + seed * 7_777_777)
        for _ in 0..<4000 {
            let owner = UInt64.random(in: 1...max(1, model.nextOwner), using: &random)
            switch Int.random(in: 0..<10, using: &random) {
            case 0, 1: model.add()
            case 2: model.remove(owner)
            case 3: model.set(owner, in: 0)
            case 4, 5: model.set(owner, in: Int.random(in: 1...40, using: &random))
            case 6: model.set(owner, in: Int.random(in: 1...30_000, using: &random))
            case 7: model.set(owner, in: Int.random(in: 8100...8300, using: &random))
            default:
                let long = Int.random(in: 0..<40, using: &random) == 0
                model.advance(by: UInt64.random(in: 0...(long ? 12_000_000_000 : 20_000_000), using: &random))
            }
        }
        model.advance(by: 100_000_000_000)
        let faults = model.faults.prefix(5)
        #expect(faults == [])
    }
}
