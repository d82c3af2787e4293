import Testing

@testable import Command

@Suite("The end of a process")
struct ShutdownTests {
    @Test("a signal makes it unready at once, draining waits for the delay, idle ends it")
    func ordinary() {
        var shutdown = Shutdown(delay: 10, timeout: 100)
        #expect(shutdown.tick(now: 0, isIdle: true, isDone: true) == .none)
        #expect(!shutdown.isUnderway)
        #expect(shutdown.receiveSignal(now: 5) == .becomeUnready)
        #expect(shutdown.isUnderway)
        #expect(shutdown.tick(now: 14, isIdle: true, isDone: true) == .none)
        #expect(shutdown.tick(now: 15, isIdle: false, isDone: true) == .drain)
        #expect(shutdown.tick(now: 16, isIdle: false, isDone: true) == .none)
        #expect(shutdown.tick(now: 17, isIdle: true, isDone: true) == .stop(isClean: true))
        #expect(shutdown.tick(now: 18, isIdle: true, isDone: true) == .none)
    }

    @Test("requests that do not end are cut at the time limit")
    func timeout() {
        var shutdown = Shutdown(delay: 0, timeout: 100)
        #expect(shutdown.receiveSignal(now: 0) == .becomeUnready)
        #expect(shutdown.tick(now: 0, isIdle: false, isDone: true) == .drain)
        #expect(shutdown.tick(now: 99, isIdle: false, isDone: true) == .none)
        #expect(shutdown.tick(now: 100, isIdle: false, isDone: true) == .stop(isClean: false))
    }

    @Test("a second signal ends it at once", arguments: [0, 20] as [Int64])
    func second(tick: Int64) {
        var shutdown = Shutdown(delay: 10, timeout: 100)
        #expect(shutdown.receiveSignal(now: 0) == .becomeUnready)
        _ = shutdown.tick(now: tick, isIdle: false, isDone: true)
        #expect(shutdown.receiveSignal(now: tick + 1) == .stop(isClean: false))
    }

    @Test("what leaving has begun is waited for, but for no longer than 12 seconds")
    func finishing() {
        var shutdown = Shutdown(delay: 0, timeout: 100)
        #expect(shutdown.receiveSignal(now: 0) == .becomeUnready)
        #expect(shutdown.tick(now: 0, isIdle: true, isDone: false) == .drain)
        var other = shutdown
        #expect(shutdown.tick(now: 50, isIdle: true, isDone: false) == .none)
        #expect(shutdown.tick(now: 60, isIdle: true, isDone: true) == .stop(isClean: true))
        #expect(other.tick(now: 100, isIdle: false, isDone: false) == .none)
        #expect(other.tick(now: 12_099, isIdle: true, isDone: false) == .none)
        #expect(other.tick(now: 12_100, isIdle: true, isDone: false) == .stop(isClean: false))
    }

    @Test("a second signal does not wait for it")
    func secondWhileFinishing() {
        var shutdown = Shutdown(delay: 0, timeout: 100)
        #expect(shutdown.receiveSignal(now: 0) == .becomeUnready)
        #expect(shutdown.tick(now: 0, isIdle: true, isDone: false) == .drain)
        #expect(shutdown.tick(now: 1, isIdle: true, isDone: false) == .none)
        #expect(shutdown.receiveSignal(now: 2) == .stop(isClean: false))
    }
}
