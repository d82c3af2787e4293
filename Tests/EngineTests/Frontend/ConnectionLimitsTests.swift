import Glibc
import Model
import Synchronization
import Testing
import Wire

@testable import Engine

@Suite("Connection limits")
struct ConnectionLimitsTests {
    private typealias Turn = ConnectionLimits.Turn

    /// Limits of frontends, each of which has the listener of its place; those of `listeners` have limits too.
    private func limits(_ frontends: [Int], listeners: [Int] = [], process: Int = 0) -> ConnectionLimits {
        ConnectionLimits(models(frontends, listeners), listeners: listeners, process: process)
    }

    private func models(_ limits: [Int], _ listeners: [Int] = []) -> [Frontend] {
        limits.enumerated().map { place, limit in
            var frontend = Frontend(name: "f\(place)", binds: [Bind(port: 80)])
            frontend.maxConnections = limit
            if listeners.contains(where: { $0 > 0 }) { frontend.binds[0].maxConnections = 1 }
            return frontend
        }
    }

    private func turn(_ worker: Int, _ frontend: Int = 0, listener: Int? = nil, isTLS: Bool = false) -> Turn {
        Turn(worker: worker, frontend: frontend, listener: listener ?? frontend, isTLS: isTLS)
    }

    private static let second: UInt64 = 1_000_000_000

    @Test("without limits everybody enters, and is counted")
    func none() {
        let limits = limits([0, -1])
        for _ in 0..<1_000 { #expect(limits.enter(0) && limits.enter(1)) }
        #expect(limits.open(at: 0) == 1_000)
        #expect(limits.leave(0) == [])
        #expect(limits.open(at: 0) == 999)
    }

    @Test("a frontend's limit is its own")
    func frontends() {
        let limits = limits([2, 1])
        #expect([0, 0, 0, 1, 1].map { limits.enter($0) } == [true, true, false, true, false])
        #expect(limits.leave(1) == [])
        #expect(limits.enter(1) && !limits.enter(0))
    }

    @Test("the limit of all is that of all, and leaves nothing counted where it refused")
    func process() {
        let limits = limits([0, 5], process: 3)
        #expect([1, 0, 1, 0, 1].map { limits.enter($0) } == [true, true, true, false, false])
        #expect(limits.open(at: 0) == 1)
        #expect(limits.open(at: 1) == 2)
    }

    @Test("a listener's limit is its own, and leaves nothing counted where it refused")
    func listeners() {
        let limits = limits([3], listeners: [1, 0, 2])
        let entered = [0, 0, 1, 2, 2].map { limits.enter(turn(0, listener: $0)) }
        #expect(entered == [.atListener, [], [.frontend, .rates], .atListener, []])
        #expect(limits.open(at: 0) == 3 && limits.open == 3)
        #expect(limits.leave(.atListener, 0, 0) == [])
        #expect(limits.enter(turn(0, listener: 0)) == .atListener)
        #expect(limits.leave(.frontend, 0, 1) == [])
        #expect(limits.enter(turn(0, listener: 2)) == .atListener)
    }

    @Test(
        "who waits at a full listener is not kept from it by one that is at another, nor the other way round")
    func waitingAtListeners() {
        let limits = limits([0], listeners: [1, 1])
        for listener in [0, 1] { #expect(!limits.enter(turn(0, listener: listener)).isEmpty) }
        for listener in [0, 1] { #expect(limits.join(turn(7, listener: listener)) == []) }
        let served = limits.leave(.atListener, 0, 1)
        #expect(served.map(\.listener) == [1])
        #expect(served.map(\.admission) == [.atListener])
        #expect(limits.leave(.atListener, 0, 1) == [])
        #expect(limits.leave(.atListener, 0, 0).map(\.listener) == [0])
    }

    @Test("connections that were there before a limit count as soon as they are counted in")
    func newLimit() {
        let limits = limits([0], listeners: [0])
        #expect(limits.enter(turn(0)) == .frontend)
        limits.adopt(models([0], [2]), listeners: [2])
        limits.countIn(at: 0)
        #expect(limits.enter(turn(0)) == .atListener)
        #expect(limits.enter(turn(0)).isEmpty)
        // The limit goes: who was counted leaves, who comes is not counted.
        limits.adopt(models([0]), listeners: [0])
        #expect(limits.enter(turn(0)) == .frontend)
        for _ in 0..<2 { #expect(limits.leave(.atListener, 0, 0) == []) }
        limits.adopt(models([0], [1]), listeners: [1])
        #expect(limits.enter(turn(0)) == .atListener)
    }

    @Test("who waits is served in turn, and counted in already")
    func turns() {
        let limits = limits([1])
        #expect(limits.enter(0))
        for worker in [3, 1, 2] { #expect(limits.join(turn(worker)) == []) }
        for worker in [3, 1, 2] {
            let served = limits.leave(0)
            #expect(served.map(\.worker) == [worker])
            #expect(served.map(\.admission) == [.frontend])
        }
        #expect(limits.open(at: 0) == 1)
        #expect(limits.leave(0) == [])
        #expect(limits.open(at: 0) == 0)
    }

    @Test("whoever can not use a place does not keep it from those behind")
    func overtaken() {
        let limits = limits([1, 1], process: 2)
        #expect(limits.enter(0) && limits.enter(1))
        #expect(limits.join(turn(0, 0)) == [])
        #expect(limits.join(turn(1, 1)) == [])
        #expect(limits.leave(1).map(\.worker) == [1])
        #expect(limits.leave(0).map(\.worker) == [0])
    }

    @Test("who joins after the last has left is served at once")
    func lateJoin() {
        let limits = limits([1])
        #expect(limits.enter(0) && !limits.enter(0))
        #expect(limits.leave(0) == [])
        let served = limits.join(turn(0))
        #expect(
            served.count == 1 && served.allSatisfy { $0.isSame(as: turn(0)) && $0.admission == .frontend })
        #expect(!limits.enter(0))
    }

    @Test("a raised limit serves as many as it has room for; a lowered one waits until they have gone")
    func adopted() {
        let limits = limits([1])
        #expect(limits.enter(0))
        for worker in 0..<4 { _ = limits.join(turn(worker)) }
        limits.adopt(models([3]), listeners: [])
        #expect(limits.serve().map(\.worker) == [0, 1])
        limits.adopt(models([1]), listeners: [])
        #expect(limits.serve() == [])
        #expect(limits.leave(0) == [])
        #expect(limits.leave(0) == [])
        #expect(limits.leave(0).map(\.worker) == [2])
        limits.adopt(models([0]), listeners: [])
        #expect(limits.serve().map(\.worker) == [3])
        limits.adopt(models([0, 7]), listeners: [])
        #expect(limits.serve() == [], "a frontend that nobody listens for")
    }

    @Test("who waits for a rate is told when to ask again, and is served then in turn")
    func rates() {
        var rates = ProcessLimits()
        rates.connectionRate = 2
        let limits = ConnectionLimits(models([0]), process: 0, rates: rates)
        let now = 100 * Self.second
        for _ in 0..<2 { #expect(limits.enter(turn(0), now: now) == [.frontend, .rates]) }
        #expect(limits.enter(turn(1), now: now).isEmpty && limits.open == 2)
        #expect(limits.join(turn(1), now: now).again == 1_001)
        let served = limits.join(turn(2), now: now + Self.second)
        #expect(served.turns == [] && served.again == 1)
        // Those that end change nothing about it, and say so to whoever closes them.
        #expect(limits.leave([.frontend, .rates], 0, 0, now: now + Self.second).again == 1)
        let next = limits.serve(now: now + Self.second + 1_000_000)
        #expect(next.turns.map(\.worker) == [1])
        #expect(next.again.map { (400...600).contains($0) } == true)
        #expect(limits.serve(now: now + 2 * Self.second).turns.map(\.worker) == [2])
    }

    @Test("what was counted of a rate is given back when there was no connection")
    func givenBack() {
        var rates = ProcessLimits()
        (rates.connectionRate, rates.sessionRate) = (3, 1)
        let limits = ConnectionLimits(models([0]), process: 0, rates: rates)
        for isSession in [false, true] {
            let admission = limits.enter(turn(0), now: Self.second)
            #expect(admission == [.frontend, .rates])
            limits.giveBack(admission, 0, isTLS: false, session: isSession)
            _ = limits.leave(admission, 0, 0, now: Self.second)
        }
        // One connection was there and no session: two more may come, of which one may be a session.
        #expect(!limits.enter(turn(0), now: Self.second).isEmpty)
        #expect(limits.enter(turn(0), now: Self.second).isEmpty)
    }

    @Test("rates come and go while somebody waits")
    func changedRates() {
        let limits = limits([0])
        var rates = ProcessLimits()
        rates.handshakeRate = 1
        limits.adopt(models([0]), listeners: [], rates)
        let now = 7 * Self.second
        #expect(!limits.enter(turn(0, isTLS: true), now: now).isEmpty)
        #expect(limits.enter(turn(0, isTLS: true), now: now).isEmpty)
        #expect(!limits.enter(turn(0), now: now).isEmpty)
        #expect(limits.join(turn(4, isTLS: true), now: now).turns == [])
        limits.adopt(models([0]), listeners: [], ProcessLimits())
        #expect(limits.serve(now: now).turns.map(\.worker) == [4])
    }

    @Test("connections over TLS have a limit of their own, for which nobody waits")
    func encrypted() {
        var rates = ProcessLimits()
        rates.tlsConnections = 2
        let limits = ConnectionLimits(models([0]), process: 0, rates: rates)
        #expect(limits.limitsTLS && !self.limits([0]).limitsTLS)
        #expect((0..<3).map { _ in limits.enterTLS() } == [true, true, false])
        limits.leaveTLS()
        #expect(limits.enterTLS() && !limits.enterTLS())
        #expect(limits.enter(0))
    }

    @Test(
        "four threads never have more than there may be, and none is left waiting", arguments: [false, true])
    func threads(atListener: Bool) {
        let limits = atListener ? limits([0], listeners: [2]) : limits([2])
        let admission: ConnectionLimits.Admission = atListener ? .atListener : .frontend
        let inside = Atomic<Int>(0)
        let most = Atomic<Int>(0)
        let turns = (0..<4).map { _ in Mailbox<Int>() }
        let done = Atomic<Int>(0)
        let threads = (0..<4).compactMap { worker in
            Thread(name: "t\(worker)") {
                for _ in 0..<2_000 {
                    if !limits.enter(0) {
                        var isMine = false
                        for turn in limits.join(
                            Turn(worker: worker, frontend: 0, listener: 0, isTLS: false))
                        {
                            if turn.worker == worker { isMine = true } else { turns[turn.worker].post(1) }
                        }
                        if !isMine {
                            guard eventually({ !turns[worker].takeAll().isEmpty }) else { return }
                        }
                    }
                    let now = inside.wrappingAdd(1, ordering: .sequentiallyConsistent).newValue
                    most.max(now, ordering: .relaxed)
                    inside.wrappingSubtract(1, ordering: .sequentiallyConsistent)
                    for turn in limits.leave(admission, 0, 0) { turns[turn.worker].post(1) }
                }
                done.wrappingAdd(1, ordering: .relaxed)
            }
        }
        threads.forEach { $0.join() }
        #expect(done.load(ordering: .relaxed) == 4)
        #expect(most.load(ordering: .relaxed) <= 2)
        #expect(limits.open(at: 0) == 0)
    }
}

extension ConnectionLimits.Admission {
    /// What a connection has at a listener with a limit.
    fileprivate static let atListener: Self = [.frontend, .listener, .rates]
}

extension ConnectionLimits {
    /// Whether a connection of a frontend's only listener may be accepted.
    fileprivate func enter(_ frontend: Int) -> Bool {
        !enter(Turn(worker: 0, frontend: frontend, listener: frontend, isTLS: false)).isEmpty
    }

    // At a time that nothing depends on.
    fileprivate func enter(_ turn: Turn) -> Admission { enter(turn, now: 0) }

    fileprivate func join(_ turn: Turn) -> [Turn] { join(turn, now: 0).turns }

    fileprivate func leave(_ admission: Admission, _ frontend: Int, _ listener: Int) -> [Turn] {
        leave(admission, frontend, listener, now: 0).turns
    }

    fileprivate func serve() -> [Turn] { serve(now: 0).turns }

    fileprivate func adopt(_ models: [Frontend], listeners: [Int]) {
        adopt(models, listeners: listeners, ProcessLimits())
    }

    /// One of a listener without a limit ends.
    fileprivate func leave(_ frontend: Int) -> [Turn] { leave(.frontend, frontend, frontend) }
}
