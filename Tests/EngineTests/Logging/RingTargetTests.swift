import Basics
import Model
import Testing

@testable import Engine

@Suite("Rings of log lines")
struct RingTargetTests {
    private func ring(size: Int, servers: Int) -> RingTarget {
        var ring = LogRing(name: "r")
        ring.size = size
        // Nobody is asked before time goes on.
        ring.servers = (0..<servers).map { _ in LogRing.Server("127.0.0.1", port: 1) }
        return RingTarget(ring)
    }

    private func append(_ count: Int, to ring: RingTarget) -> Int {
        Array(repeating: UInt8(ascii: "x"), count: count).withView { ring.append($0) }
    }

    @Test("the oldest lines are lost first, and are counted while somebody misses them")
    func bounded() {
        let ring = ring(size: 100, servers: 1)
        #expect(!ring.hasPending)
        #expect(append(40, to: ring) == 0)
        #expect(append(40, to: ring) == 0)
        #expect(ring.hasPending)
        #expect(append(40, to: ring) == 1)
        #expect(append(100, to: ring) == 2)
        #expect(ring.hasPending)
    }

    @Test("a line that is longer than the ring is lost itself")
    func tooLong() {
        let ring = ring(size: 10, servers: 1)
        #expect(append(5, to: ring) == 0)
        #expect(append(11, to: ring) == 1)
        #expect(append(5, to: ring) == 0)
    }

    @Test("without servers nobody misses anything")
    func nobody() {
        let ring = ring(size: 10, servers: 0)
        #expect(append(8, to: ring) == 0)
        #expect(append(8, to: ring) == 0)
        #expect(!ring.hasPending)
        #expect(ring.nextTime == nil)
        #expect(ring.waiting.isEmpty)
    }

    @Test("a server that refuses is left alone for a second")
    func refused() throws {
        let ring = ring(size: 100, servers: 1)
        ring.advance(now: 5_000)
        #expect(ring.waiting.isEmpty)
        #expect(append(40, to: ring) == 0)
        // A refusal on loopback is known at once, or when it is looked at again.
        ring.advance(now: 5_000)
        ring.advance(now: 5_000)
        #expect(ring.waiting.isEmpty)
        #expect(try #require(ring.nextTime) == 6_000)
        #expect(ring.hasPending)
    }
}
