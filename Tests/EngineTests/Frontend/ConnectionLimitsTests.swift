import Glibc
import Model
import Synchronization
import Testing
import Wire

@testable import Engine

@Suite("Connection limits")
struct ConnectionLimitsTests {
    private typealias Turn = ConnectionLimits.Turn

    private func limits(_ frontends: [Int], process: Int = 0) -> ConnectionLimits {
        ConnectionLimits(models(frontends), process: process)
    }

    private func models(_ limits: [Int]) -> [Frontend] {
        limits.enumerated().map { place, limit in
            var frontend = Frontend(name: "f\(place)", binds: [])
            frontend.maxConnections = limit
            return frontend
        }
    }

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

    @Test("who waits is served in turn, and counted in already")
    func turns() {
        let limits = limits([1])
        #expect(limits.enter(0))
        for worker in [3, 1, 2] { #expect(limits.join(Turn(worker: worker, frontend: 0)) == []) }
        for worker in [3, 1, 2] { #expect(limits.leave(0) == [Turn(worker: worker, frontend: 0)]) }
        #expect(limits.open(at: 0) == 1)
        #expect(limits.leave(0) == [])
        #expect(limits.open(at: 0) == 0)
    }

    @Test("whoever can not use a place does not keep it from those behind")
    func overtaken() {
        let limits = limits([1, 1], process: 2)
        #expect(limits.enter(0) && limits.enter(1))
        #expect(limits.join(Turn(worker: 0, frontend: 0)) == [])
        #expect(limits.join(Turn(worker: 1, frontend: 1)) == [])
        #expect(limits.leave(1) == [Turn(worker: 1, frontend: 1)])
        #expect(limits.leave(0) == [Turn(worker: 0, frontend: 0)])
    }

    @Test("who joins after the last has left is served at once")
    func lateJoin() {
        let limits = limits([1])
        #expect(limits.enter(0) && !limits.enter(0))
        #expect(limits.leave(0) == [])
        #expect(limits.join(Turn(worker: 0, frontend: 0)) == [Turn(worker: 0, frontend: 0)])
        #expect(!limits.enter(0))
    }

    @Test("a raised limit serves as many as it has room for; a lowered one waits until they have gone")
    func adopted() {
        let limits = limits([1])
        #expect(limits.enter(0))
        for worker in 0..<4 { _ = limits.join(Turn(worker: worker, frontend: 0)) }
        #expect(limits.adopt(models([3])).map(\.worker) == [0, 1])
        #expect(limits.adopt(models([1])) == [])
        #expect(limits.leave(0) == [])
        #expect(limits.leave(0) == [])
        #expect(limits.leave(0).map(\.worker) == [2])
        #expect(limits.adopt(models([0])).map(\.worker) == [3])
        #expect(limits.adopt(models([0, 7])) == [], "a frontend that nobody listens for")
    }

    @Test("four threads never have more than there may be, and none is left waiting")
    func threads() {
        let limits = limits([2])
        let inside = Atomic<Int>(0)
        let most = Atomic<Int>(0)
        let turns = (0..<4).map { _ in Mailbox<Int>() }
        let done = Atomic<Int>(0)
        let threads = (0..<4).compactMap { worker in
            Thread(name: "t\(worker)") {
                for _ in 0..<2_000 {
                    if !limits.enter(0) {
                        var isMine = false
                        for turn in limits.join(Turn(worker: worker, frontend: 0)) {
                            if turn.worker == worker { isMine = true } else { turns[turn.worker].post(1) }
                        }
                        if !isMine {
                            guard eventually({ !turns[worker].takeAll().isEmpty }) else { return }
                        }
                    }
                    let now = inside.wrappingAdd(1, ordering: .sequentiallyConsistent).newValue
                    most.max(now, ordering: .relaxed)
                    inside.wrappingSubtract(1, ordering: .sequentiallyConsistent)
                    for turn in limits.leave(0) { turns[turn.worker].post(1) }
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
